import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { resolveSeries } from '../../../src/main/studies/resolve.ts';
import { validateFiles } from '../../../src/main/validate/validateFiles.ts';
import { type Exported, exportZeroFilled, type OpenSource, openSources } from './cases.ts';
import {
  dcentvfySays,
  dciodvfyErrors,
  dcmtkReads,
  missingJudges,
  pydicomReads,
  type ReadFrame,
  skippedWithout,
} from './judges.ts';

/** Positions, and places of the far corner, mm. */
const SAME_MM = 1e-6;

const title = `enhanced series, held against other people’s readers${skippedWithout}`;
describe.skipIf(missingJudges.length > 0)(title, { timeout: 300_000 }, () => {
  let root: string;
  let sources: OpenSource[];
  const exported: Exported[] = [];
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tandem-conformance-'));
    sources = await openSources(root);
    for (const source of sources) {
      for (const scale of [2, 4] as const) {
        exported.push(await exportZeroFilled(root, source, scale, 'classic'));
        if (source.kind !== 'enhanced') continue;
        exported.push(await exportZeroFilled(root, source, scale, 'enhanced'));
      }
    }
  }, 300_000);
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('are at least 40, of every orientation and every kind of source', () => {
    expect(exported.length).toBeGreaterThanOrEqual(40);
    const seen = (of: (source: OpenSource) => string) => new Set(sources.map(of));
    expect(seen(({ orientation }) => orientation).size).toBe(4);
    expect(seen(({ vendor }) => vendor).size).toBeGreaterThanOrEqual(6);
    for (const kind of ['classic', 'enhanced'] as const) {
      const ofKind = sources.filter((source) => source.kind === kind);
      expect(new Set(ofKind.map(({ orientation }) => orientation)).size, kind).toBe(4);
    }
  });

  it('have no error of dciodvfy that their source does not have', async () => {
    const ends = (files: readonly string[]) => [...new Set([files[0]!, files.at(-1)!])];
    const all = [...sources, ...exported].flatMap(({ files }) => ends(files));
    const errors = await dciodvfyErrors(all);
    const wrong: Record<string, string[]> = {};
    for (const { name, source, files } of exported) {
      const known = new Set(ends(source.files).flatMap((file) => errors.get(file)!));
      const own = ends(files).flatMap((file) => errors.get(file)!.filter((line) => !known.has(line)));
      if (own.length > 0) wrong[name] = [...new Set(own)];
    }
    expect(wrong).toEqual({});
    // What was generated has none to inherit.
    const generated = sources.filter(({ name }) => name.endsWith('-generated'));
    expect(generated.flatMap(({ files }) => ends(files).flatMap((file) => errors.get(file)!))).toEqual([]);
  });

  it('agree with their study, to dcentvfy', async () => {
    const said: Record<string, string> = {};
    for (const source of sources) {
      const own = exported.filter((one) => one.source === source).flatMap(({ files }) => files);
      const answer = await dcentvfySays([...source.files, ...own]);
      if (answer !== '') said[source.name] = answer;
    }
    expect(said).toEqual({});
  });

  it('are read by pydicom, by dcmtk and by ourselves as the same voxels in the same place', async () => {
    const byPydicom = pydicomReads(exported);
    const patients = pydicomReads(sources).map(({ patient }) => patient);
    for (const [n, one] of exported.entries()) {
      const { frames, worst } = byPydicom[n]!;
      // Half a stored unit, and what single precision leaves open.
      expect(worst, one.name).toBeLessThan(0.51);
      expectPlaces(frames, one);
      expect(byPydicom[n]!.patient, one.name).toBe(patients[sources.indexOf(one.source)]);
      const isOfWard = one.source.name.endsWith('-generated');
      expect(byPydicom[n]!.schemes, one.name).toMatchObject({
        '99TANDEM': 'Tandem MR codes',
        ...(isOfWard && { '99WARD': 'Ward list' }),
      });
      const byDcmtk = await dcmtkReads(one.files, join(root, 'scratch'));
      expectPlaces(byDcmtk, one);
      expect(
        byDcmtk.map(({ sha }) => sha),
        one.name,
      ).toEqual(frames.map(({ sha }) => sha));
      const entry = await resolveSeries({ paths: [], series: one.folder }, QUIET_JOB);
      const { stack } = await loadSeries(entry, QUIET_JOB);
      expectPlaces(framesOf(stack), one);
      expect(stack.slices.length, one.name).toBe(one.stack.slices.length);
    }
  });

  it('would not pass if one of them were wrong', async () => {
    const one = exported.find(({ source }) => source.name.startsWith('ge-axial'))!;
    const spoilt = async (from: string, to: string): Promise<string[]> => {
      const folder = await mkdtemp(join(root, 'spoilt-'));
      const files = one.files.map((path) => join(folder, basename(path)));
      for (const [n, path] of one.files.entries()) {
        const bytes = await readFile(path);
        const at = bytes.indexOf(from, 0, 'latin1');
        if (n === 0) bytes.write(to, at, 'latin1');
        expect(at).toBeGreaterThan(0);
        await writeFile(files[n]!, bytes);
      }
      return files;
    };
    const [shifted] = pydicomReads([{ files: await spoilt('-10.800000000000', '-10.800002000000') }]);
    expect(() => expectPlaces(shifted!.frames, one)).toThrow(/mm off/);
    const errors = await dciodvfyErrors(await spoilt('DERIVED\\SECONDARY', 'derivED\\SECONDARY'));
    expect([...errors.values()].flat()).not.toEqual([]);
    expect(await dcentvfySays(await spoilt('19700101', '19700102'))).toMatch(/PatientBirthDate/);
  });

  it('have no error of our own check', async () => {
    const wrong: Record<string, unknown> = {};
    for (const { name, files, source } of exported) {
      const asked = { files, source: source.files, ours: true, judged: 0 };
      const { findings } = await validateFiles(asked, QUIET_JOB);
      const errors = findings.filter(({ severity, ofSource }) => severity === 'error' && !ofSource);
      if (errors.length > 0) wrong[name] = errors.map(({ code, tag, message }) => [code, tag, message]);
    }
    expect(wrong).toEqual({});
  });
});

/** A stack as others read it: what its voxels are is compared elsewhere. */
function framesOf(stack: SliceStack): Omit<ReadFrame, 'sha'>[] {
  return stack.slices.map(({ positionLps }) => ({
    position: positionLps,
    orientation: [...stack.iAxisLps, ...stack.jAxisLps],
    spacing: [stack.spacingMm[1], stack.spacingMm[0]],
  }));
}

/** First and last voxel of every slice lie where they were before the series was written. */
function expectPlaces(frames: readonly Omit<ReadFrame, 'sha'>[], { name, stack }: Exported): void {
  const corners = (list: readonly Omit<ReadFrame, 'sha'>[]) =>
    list.map(({ position, orientation, spacing }) => [
      ...position,
      ...position.map(
        (value, axis) =>
          value +
          orientation[axis]! * spacing[1]! * (stack.columns - 1) +
          orientation[axis + 3]! * spacing[0]! * (stack.rows - 1),
      ),
    ]);
  const found = corners(frames);
  const wanted = corners(framesOf(stack));
  expect(found.length, name).toBe(wanted.length);
  const worst = Math.max(...found.flat().map((value, n) => Math.abs(value - wanted.flat()[n]!)));
  expect(worst, `${name}: mm off`).toBeLessThan(SAME_MM);
}
