import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { encodeDicomFile } from '../../../src/core/dicom/derived/encode.ts';
import { NO_UNITS, parametricMapDataSet, QUANTITIES } from '../../../src/core/dicom/derived/parametricMap.ts';
import { planesOfGrid, planesOfStack } from '../../../src/core/dicom/derived/planes.ts';
import { segmentationDataSet } from '../../../src/core/dicom/derived/segmentation.ts';
import { SEGMENT_MEANINGS } from '../../../src/core/dicom/derived/segmentCodes.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { parseNifti } from '../../../src/core/nifti/read.ts';
import { indexToLps } from '../../../src/core/volume/grid.ts';
import { addScaled, norm, subtract, type Vec3 } from '../../../src/core/volume/vec.ts';
import { deidentifyOperation } from '../../../src/main/deidentify/deidentifyOperation.ts';
import { companionSource } from '../../../src/main/export/companionSource.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { FACTS, ORIENTATIONS, writeDicom } from './companionSeries.ts';
import { phantomSeries } from './phantomSeries.ts';
import { exportDicom, numbers } from './readBack.ts';

/** One voxel of the enhanced grid is marked in every file: it must be the same point of the patient in all. */

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-landmark-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Column, row, slice: nowhere near a symmetry. */
const MARK = [37, 9, 4] as const;
/** Above anything in the phantom. */
const BRIGHT = 20_000;

const pointOf = (
  position: readonly number[],
  axes: readonly number[],
  spacing: readonly number[],
  at: number,
  columns: number,
): Vec3 => {
  const along = addScaled(
    position as unknown as Vec3,
    axes.slice(0, 3) as unknown as Vec3,
    (at % columns) * spacing[1]!,
  );
  return addScaled(along, axes.slice(3) as unknown as Vec3, Math.floor(at / columns) * spacing[0]!);
};

/** Where the brightest pixel of classic slices lies. */
function brightestOf(sets: readonly dicomParser.DataSet[]): Vec3 {
  let best = -1;
  let point: Vec3 = [Number.NaN, 0, 0];
  for (const set of sets) {
    const place = set.elements.x7fe00010!;
    const view = new DataView(
      set.byteArray.buffer,
      set.byteArray.byteOffset + place.dataOffset,
      place.length,
    );
    for (let n = 0; n < place.length / 2; n++) {
      const value = view.getUint16(2 * n, true);
      if (value <= best) continue;
      best = value;
      const columns = set.uint16('x00280011')!;
      point = pointOf(
        numbers(set, 'x00200032'),
        numbers(set, 'x00200037'),
        numbers(set, 'x00280030'),
        n,
        columns,
      );
    }
  }
  return point;
}

/** Where the largest value of a multi-frame object lies, by its functional groups alone. */
function brightestFrame(set: dicomParser.DataSet): Vec3 {
  const first = (from: dicomParser.DataSet, tag: string) => from.elements[tag]!.items![0]!.dataSet!;
  const shared = first(set, 'x52009229');
  const axes = numbers(first(shared, 'x00209116'), 'x00200037');
  const spacing = numbers(first(shared, 'x00289110'), 'x00280030');
  const [columns, rows] = [set.uint16('x00280011')!, set.uint16('x00280010')!];
  const bits = set.elements.x7fe00010;
  const floats = set.elements.x7fe00008;
  const { dataOffset } = (bits ?? floats)!;
  const view = new DataView(set.byteArray.buffer, set.byteArray.byteOffset);
  const valueAt = (n: number) =>
    bits === undefined
      ? view.getFloat32(dataOffset + 4 * n, true)
      : (view.getUint8(dataOffset + (n >> 3)) >> (n & 7)) & 1;
  let best = Number.NEGATIVE_INFINITY;
  let at = 0;
  const frames = set.elements.x52009230!.items!;
  for (let n = 0; n < frames.length * rows * columns; n++) {
    if (valueAt(n) > best) {
      best = valueAt(n);
      at = n;
    }
  }
  const frame = frames[Math.floor(at / (rows * columns))]!.dataSet!;
  const position = numbers(first(frame, 'x00209113'), 'x00200032');
  return pointOf(position, axes, spacing, at % (rows * columns), columns);
}

const parse = async (path: string) => dicomParser.parseDicom(await readFile(path));

async function parseAll(folder: string): Promise<dicomParser.DataSet[]> {
  const names = await readdir(folder, { recursive: true });
  return Promise.all(names.filter((name) => name.endsWith('.dcm')).map((name) => parse(join(folder, name))));
}

describe.each(ORIENTATIONS)('a landmark in %s slices', (orientation) => {
  it('is one point in the enhanced series, NIfTI, segmentation and map, de-identified ones too', {
    timeout: 120_000,
  }, async () => {
    const made = await phantomSeries(join(root, orientation), {
      contrasts: ['t2'],
      orientation,
      sliceGapMm: 0.7,
    });
    const [i, j, k] = MARK;
    const slices = made.stack.slices.map((slice, n) => {
      const pixels = Float32Array.from(slice.pixels, (value) => Math.max(0, value));
      if (n === k) pixels[j * made.stack.columns + i] = BRIGHT;
      return { ...slice, pixels };
    });
    const series: EnhancedSeries = { ...made, stack: { ...made.stack, slices } };
    const { stack } = series;
    const truth = addScaled(
      addScaled(stack.slices[k]!.positionLps, stack.iAxisLps, i * stack.spacingMm[0]),
      stack.jAxisLps,
      j * stack.spacingMm[1],
    );
    const off = (point: Vec3) => norm(subtract(point, truth));

    const enhanced = join(root, `${orientation}-enhanced`);
    const { sets } = await exportDicom(series, enhanced);
    expect(off(brightestOf(sets))).toBeLessThan(1e-6);

    const nifti = await exportEnhanced(series, join(root, `${orientation}-nifti`), 'nifti', QUIET_JOB);
    const image = parseNifti(new Uint8Array(gunzipSync(await readFile(nifti.files[0]!))));
    const at = image.volume.voxels.indexOf(BRIGHT);
    const [columns, rows] = image.volume.grid.size;
    const index: Vec3 = [at % columns, Math.floor(at / columns) % rows, Math.floor(at / columns / rows)];
    // NIfTI-1 keeps its affine in single precision.
    expect(off(indexToLps(image.volume.grid, index))).toBeLessThan(1e-4);

    const source = await companionSource(series.target, QUIET_JOB);
    const labels = stack.slices.map(({ pixels }) =>
      Uint8Array.from(pixels, (value) => (value === BRIGHT ? 1 : 0)),
    );
    const algorithm = { type: 'MANUAL', name: '' } as const;
    const lesion = { value: 1, label: 'Lesion', ...SEGMENT_MEANINGS.lesion!, algorithm };
    const objects = {
      seg: segmentationDataSet(source, { planes: planesOfStack(stack), slices: labels }, [lesion], FACTS),
      map: parametricMapDataSet(
        source,
        { planes: planesOfStack(stack), slices: stack.slices.map(({ pixels }) => pixels) },
        { quantity: QUANTITIES.uncertainty, units: NO_UNITS, label: 'u', explanation: 'Uncertainty' },
        FACTS,
      ),
    };
    for (const [name, dataSet] of Object.entries(objects)) {
      expect(off(brightestFrame(dicomParser.parseDicom(encodeDicomFile(dataSet)))), name).toBeLessThan(1e-6);
    }

    // A labelmap that comes as NIfTI goes by its grid, and lands in the same place.
    const grid = planesOfGrid(image.volume.grid);
    const plane = columns * rows;
    const fromGrid = segmentationDataSet(
      source,
      {
        planes: grid,
        slices: grid.sliceOf.map((n) =>
          Uint8Array.from(image.volume.voxels.subarray(n * plane, (n + 1) * plane), (v) =>
            v === BRIGHT ? 1 : 0,
          ),
        ),
      },
      [lesion],
      FACTS,
    );
    expect(off(brightestFrame(dicomParser.parseDicom(encodeDicomFile(fromGrid))))).toBeLessThan(1e-4);

    const plain = join(root, `${orientation}-plain`);
    const hidden = join(root, `${orientation}-hidden`);
    await writeDicom(plain, 'seg.dcm', objects.seg);
    const run = (path: string, out: string) =>
      deidentifyOperation(
        operations.deidentify.request.parse({ paths: [path], out, keyFile: join(root, 'key') }),
        QUIET_JOB,
      );
    await run(enhanced, hidden);
    await run(plain, `${hidden}-seg`);
    expect(off(brightestOf(await parseAll(hidden)))).toBeLessThan(1e-6);
    const [seg] = await parseAll(`${hidden}-seg`);
    expect(off(brightestFrame(seg!))).toBeLessThan(1e-6);
    // One frame of reference and one patient still: a viewer may lay one over the other.
    const [one] = await parseAll(hidden);
    for (const tag of ['x00200052', 'x0020000d', 'x00100020'])
      expect(seg!.string(tag)).toBe(one!.string(tag));
  });
});
