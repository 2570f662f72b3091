import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { parseNifti } from '../../../src/core/nifti/read.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import { indexToLps } from '../../../src/core/volume/grid.ts';
import { zeroFillStack } from '../../../src/core/volume/kspace.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { addScaled, norm, subtract, type Vec3 } from '../../../src/core/volume/vec.ts';
import { companionOperation } from '../../../src/main/export/companionOperation.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { resolveSeries } from '../../../src/main/studies/resolve.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { PROVENANCE } from '../../main/export/enhancedSeries.ts';
import { type OpenSource, openSources } from './cases.ts';
import { missingJudges, pydicomReads, type ReadByPydicom, skippedWithout } from './judges.ts';

/**
 * One voxel of an enhanced series is marked, and the series goes out by every path there is: wherever pydicom and we
 * ourselves find the mark again, it must be the same point of the patient. So one lies exactly over the other.
 */

/** Above anything in the sources. */
const BRIGHT = 20_000;
const SAME_MM = 1e-6;
/** NIfTI-1 keeps its affine in single precision, and slices evenly spaced, as scanners' last digits are not. */
const SAME_IN_NIFTI_MM = 1e-3;

/** Every orientation of a classic and of a multi-frame source, and real ones of each kind. */
const WANTED =
  /^(ge|canon-enhanced)-|^(trio-t2-axial|trio-mosaic-coronal|xa30-field-oblique|philips-b0-sagittal)-/;

const title = `a marked voxel${skippedWithout}`;
describe.skipIf(missingJudges.length > 0)(title, { timeout: 300_000 }, () => {
  let root: string;
  let sources: OpenSource[];
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tandem-landmark-'));
    sources = (await openSources(root)).filter(({ name }) => WANTED.test(name));
  }, 300_000);
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('is one point of the patient in every export', async () => {
    const seen = new Set(sources.map(({ orientation, kind }) => `${orientation} ${kind}`));
    expect(seen.size).toBeGreaterThanOrEqual(8);
    const paths: { readonly name: string; readonly truth: Vec3; readonly files: readonly string[] }[] = [];
    for (const source of sources) {
      const { series, truth } = marked(source);
      const folder = join(root, source.name);
      const forms = source.kind === 'enhanced' ? (['classic', 'enhanced'] as const) : (['classic'] as const);
      for (const form of forms) {
        const name = `${source.name} ${form}`;
        const written = await exportEnhanced(series, join(folder, form), 'dicom', QUIET_JOB, { as: form });
        paths.push({ name, truth, files: written.files });
        const entry = await resolveSeries({ paths: [], series: written.folder }, QUIET_JOB);
        const { stack } = await loadSeries(entry, QUIET_JOB);
        expect(off(brightestOf(stack), truth), `${name}, read by ourselves`).toBeLessThan(SAME_MM);
        const beside = await companionsOf(join(folder, `beside-${form}`), written.folder, stack);
        for (const [kind, path] of Object.entries(beside)) {
          paths.push({ name: `${name} ${kind}`, truth, files: [path] });
        }
      }
      // Beside the source, whose grid is coarser, companions lie on the enhanced grid all the same.
      const ofSource = await companionsOf(join(folder, 'beside-source'), source.folder, series.stack, source);
      for (const [kind, path] of Object.entries(ofSource)) {
        paths.push({ name: `${source.name}’s ${kind}`, truth, files: [path] });
      }
      const nifti = await exportEnhanced(series, join(folder, 'nifti'), 'nifti', QUIET_JOB);
      const { volume } = parseNifti(new Uint8Array(gunzipSync(await readFile(nifti.files[0]!))));
      const at = volume.voxels.indexOf(highestOf(volume.voxels));
      const [columns, rows] = volume.grid.size;
      const index: Vec3 = [at % columns, Math.floor(at / columns) % rows, Math.floor(at / columns / rows)];
      const found = indexToLps(volume.grid, index);
      expect(off(found, truth), `${source.name} NIfTI`).toBeLessThan(SAME_IN_NIFTI_MM);
    }
    for (const [n, read] of pydicomReads(paths.map(({ files }) => ({ files }))).entries()) {
      const { name, truth } = paths[n]!;
      const limit = name.includes('’s') ? SAME_IN_NIFTI_MM : SAME_MM;
      expect(off(brightestFrame(read), truth), `${name}, read by pydicom`).toBeLessThan(limit);
    }
  });

  /** The source zero-filled ×2 with one voxel far above all others, nowhere near a symmetry. */
  function marked(source: OpenSource): { series: EnhancedSeries; truth: Vec3 } {
    const made = zeroFillStack(source.stack, 2);
    const [i, j, k] = [made.columns - 7, 5, Math.min(1, made.slices.length - 1)];
    const slices = made.slices.map((slice, n) => {
      const pixels = slice.pixels.slice();
      if (n === k) pixels[j * made.columns + i] = BRIGHT;
      return { ...slice, pixels };
    });
    const stack = { ...made, slices };
    const series: EnhancedSeries = {
      stack,
      target: source.entry,
      targetStack: source.stack,
      reference: undefined,
      provenance: PROVENANCE,
    };
    return { series, truth: placeOf(stack, i, j, k) };
  }

  /** A segmentation of the mark and a map of the values, written beside a series from NIfTI files. */
  async function companionsOf(folder: string, series: string, stack: SliceStack, source?: OpenSource) {
    await mkdir(folder);
    const volume = stackToVolume(stack);
    const [labels, values] = [join(folder, 'labels.nii'), join(folder, 'values.nii')];
    const highest = highestOf(volume.voxels);
    const voxels = volume.voxels.map((value) => (value === highest ? 1 : 0));
    await writeFile(labels, encodeNifti({ ...volume, voxels }));
    await writeFile(values, encodeNifti(volume));
    const beside =
      source === undefined
        ? { paths: [], series }
        : { paths: [source.folder], series: source.entry.summary.uid };
    const [seg, map] = [join(folder, 'seg.dcm'), join(folder, 'map.dcm')];
    const run = (request: RequestInput<'exportCompanion'>) =>
      companionOperation(operations.exportCompanion.request.parse(request), QUIET_JOB);
    const segments = [{ value: 1, meaning: 'lesion' }];
    await run({ kind: 'segmentation', series: beside, labels, segments, out: seg });
    await run({ kind: 'parametric-map', series: beside, values, quantity: 'uncertainty', out: map });
    return { seg, map };
  }
});

const highestOf = (values: Float32Array) => values.reduce((a, b) => Math.max(a, b));
const off = (a: Vec3, b: Vec3) => norm(subtract(a, b));

function placeOf(stack: SliceStack, i: number, j: number, k: number): Vec3 {
  const { iAxisLps, jAxisLps, spacingMm, slices } = stack;
  const along = addScaled(slices[k]!.positionLps, iAxisLps, i * spacingMm[0]);
  return addScaled(along, jAxisLps, j * spacingMm[1]);
}

function brightestOf(stack: SliceStack): Vec3 {
  const highest = stack.slices.map(({ pixels }) => highestOf(pixels));
  const k = highest.indexOf(Math.max(...highest));
  const at = stack.slices[k]!.pixels.indexOf(highest[k]!);
  return placeOf(stack, at % stack.columns, Math.floor(at / stack.columns), k);
}

function brightestFrame({ frames, brightest: [f, row, column] }: ReadByPydicom): Vec3 {
  const { position, orientation, spacing } = frames[f]!;
  return position.map(
    (value, axis) =>
      value + orientation[axis]! * spacing[1]! * column + orientation[axis + 3]! * spacing[0]! * row,
  ) as unknown as Vec3;
}
