import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { parseNifti } from '../../../src/core/nifti/read.ts';
import { makePhantom } from '../../../src/core/phantom/makePhantom.ts';
import { indexToLps } from '../../../src/core/volume/grid.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import { findTool } from '../../helpers/tools.ts';

let root: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-phantom-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const small = { matrix: 32, slices: 6, seed: 5 } as const;
const run = (request: Omit<RequestInput<'phantom'>, 'out'>) =>
  phantomOperation(
    operations.phantom.request.parse({ out: join(root, `out${count++}`), ...request }),
    QUIET_JOB,
  );
const parse = async (path: string) => dicomParser.parseDicom(await readFile(path));
const positions = async (folder: string) => {
  const names = (await readdir(folder)).sort();
  const sets = await Promise.all(names.map((name) => parse(join(folder, name))));
  return sets.map((set) => set.floatString('x00200032', 2)!);
};

describe('tandem phantom, DICOM', () => {
  it('writes one study of one patient and one frame of reference, pixels and tags as asked', async () => {
    const { series } = await run({ ...small, contrasts: ['t2', 'flair'], referenceMatrix: 48 });
    expect(series.map(({ contrast, files, size }) => ({ contrast, files, size }))).toEqual([
      { contrast: 't2', files: 6, size: [32, 32, 6] },
      { contrast: 'flair', files: 6, size: [48, 48, 6] },
    ]);
    const [t2, flair] = await Promise.all(series.map(({ path }) => parse(join(path, '0003.dcm'))));
    for (const tag of ['x0020000d', 'x00200052', 'x00100020'])
      expect(t2!.string(tag)).toBe(flair!.string(tag));
    expect(t2!.string('x0020000e')).not.toBe(flair!.string('x0020000e'));
    expect(t2!.string('x0020000e')).toMatch(/^2\.25\.[1-9]\d{30,38}$/);
    expect(t2!.string('x00100010')).toBe('PHANTOM^DIGITAL');
    expect(t2!.string('x00280300')).toBe('YES');
    expect([t2!.floatString('x00180080'), t2!.floatString('x00180081')]).toEqual([5000, 90]);
    expect([flair!.floatString('x00180082'), flair!.string('x00180020')]).toEqual([2500, 'SE\\IR']);
    const stack = makePhantom({
      contrast: 't2',
      columns: 32,
      rows: 32,
      slices: 6,
      sliceThicknessMm: 5,
      orientation: 'axial',
      noise: 0.01,
      seed: 5,
      lesions: 3,
    });
    const pixels = t2!.elements.x7fe00010!;
    const stored = new Uint16Array(
      Uint8Array.from(t2!.byteArray.subarray(pixels.dataOffset, pixels.dataOffset + pixels.length)).buffer,
    );
    expect([...stored]).toEqual(Array.from(stack.slices[2]!.pixels, Math.round));
    expect(t2!.string('x00200032')).toBe(stack.slices[2]!.positionLps.join('\\'));
  });

  it('writes the same bytes for the same request', async () => {
    const [a, b] = [await run(small), await run(small)];
    for (const [n, one] of a.series.entries()) {
      for (const name of await readdir(one.path)) {
        const other = await readFile(join(b.series[n]!.path, name));
        expect((await readFile(join(one.path, name))).equals(other)).toBe(true);
      }
    }
  });

  it('leaves a gap and writes a duplicate on request', async () => {
    const { series } = await run({ ...small, contrasts: ['t1'], gapAfter: 2, duplicate: 4 });
    expect(series[0]).toMatchObject({ files: 6, size: [32, 32, 5] });
    expect(await positions(series[0]!.path)).toEqual([-12.5, -7.5, 2.5, 7.5, 12.5, 2.5]);
  });

  it('refuses what it cannot do', async () => {
    for (const request of [
      { ...small, gapAfter: 5 },
      { ...small, duplicate: 7 },
      { ...small, contrasts: ['t1', 't1'] as ('t1' | 't2')[] },
      { ...small, format: 'nifti' as const, gapAfter: 2 },
    ]) {
      await expect(run(request)).rejects.toMatchObject({ code: 'usage' });
    }
  });

  it('stops when cancelled, between slices, and leaves nothing', async () => {
    const stop = new AbortController();
    const out = join(root, 'cancelled', 'out');
    const job = { signal: stop.signal, progress: ({ done }: { done: number }) => done === 3 && stop.abort() };
    const request = operations.phantom.request.parse({ ...small, out });
    await expect(phantomOperation(request, job)).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(root)).not.toContain('cancelled');
  });

  const dciodvfy = findTool('dciodvfy');
  it.skipIf(dciodvfy === undefined)(
    'passes dciodvfy without errors in every orientation and contrast [needs dciodvfy]',
    async () => {
      for (const orientation of ['axial', 'sagittal', 'coronal', 'oblique'] as const) {
        const { series } = await run({
          ...small,
          orientation,
          contrasts: ['t1', 't2', 'pd', 'flair'],
          motionDeg: [1, 2, 3],
        });
        for (const { path } of series) {
          const { stderr } = spawnSync(dciodvfy!, [join(path, '0001.dcm')], { encoding: 'utf8' });
          expect(stderr).not.toMatch(/Error/);
        }
        const files = (
          await Promise.all(series.map(async ({ path }) => (await readdir(path)).map((f) => join(path, f))))
        ).flat();
        const dcentvfy = findTool('dcentvfy');
        if (dcentvfy !== undefined) expect(spawnSync(dcentvfy, files, { encoding: 'utf8' }).stderr).toBe('');
      }
    },
  );
});

describe('tandem phantom, NIfTI', () => {
  it("writes <contrast>.nii.gz on the phantom's own grid", async () => {
    const { series } = await run({
      ...small,
      format: 'nifti',
      referenceOrientation: 'sagittal',
      referenceSlices: 9,
      referenceSliceThicknessMm: 3,
    });
    expect(series.map(({ path, spacingMm }) => [path.split('/').at(-1), spacingMm])).toEqual([
      ['t2.nii.gz', [7.5, 7.5, 5]],
      ['t1.nii.gz', [7.5, 7.5, 3]],
    ]);
    const { volume } = parseNifti(gunzipSync(await readFile(series[1]!.path)), series[1]!.path);
    expect(volume.grid.size).toEqual([32, 32, 9]);
    indexToLps(volume.grid, [0, 0, 0]).forEach((value, n) => {
      expect(value).toBeCloseTo([12, -116.25, 116.25][n]!, 3);
    });
  });
});
