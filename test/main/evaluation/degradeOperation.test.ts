import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { chooseSliceAxis, volumeToStack } from '../../../src/core/volume/convert.ts';
import { degradeVolume } from '../../../src/core/volume/degrade.ts';
import type { Grid } from '../../../src/core/volume/grid.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { degradeOperation } from '../../../src/main/evaluation/degradeOperation.ts';
import { readNiftiFile } from '../../../src/main/studies/niftiFile.ts';
import { noiseVolume, obliqueAxes } from '../../core/volume/volumes.ts';
import { temporaryFolder, writeCase } from './cases.ts';

const [i, j, k] = obliqueAxes();
// Slices along j, 3 mm apart; the file's axes are no patient axes.
const grid: Grid = {
  size: [24, 5, 21],
  spacingMm: [0.5, 3, 0.7],
  originLps: [-8, 9, 10],
  axesLps: [i, j, k],
};
const volume = noiseVolume(grid);

describe('degradeOperation', () => {
  let folder = '';
  let input = '';
  beforeAll(async () => {
    folder = await temporaryFolder();
    input = join(await writeCase({ t2: volume }), 't2.nii');
  });

  it.each([
    'low.nii',
    'deep/low.nii.gz',
  ])('writes %s degraded normal to the largest spacing, voxel 0 in place', async (name) => {
    const out = join(folder, name);
    const result = await degradeOperation({ input, scale: 2, out }, QUIET_JOB);
    const expected = degradeVolume(volume, 1, 2);
    const written = await readNiftiFile(out);
    expect(written.voxels).toEqual(expected.voxels);
    expect(written.grid.size).toEqual([12, 5, 10]);
    expect(result).toMatchObject({ path: out, size: [12, 5, 10] });
    for (const geometry of [written.grid, result]) {
      geometry.originLps.forEach((mm, n) => {
        expect(mm).toBeCloseTo(grid.originLps[n]!, 4);
      });
      geometry.spacingMm.forEach((mm, n) => {
        expect(mm).toBeCloseTo([1, 3, 1.47][n]!, 5);
      });
    }
  });

  it('takes the plane that is asked for', async () => {
    const { size } = await degradeOperation(
      { input, scale: 4, out: join(folder, 'axial.nii'), plane: 'axial' },
      QUIET_JOB,
    );
    expect(size).toEqual([6, 1, 21]);
  });

  it('overwrites nothing and writes nothing but NIfTI', async () => {
    const taken = join(folder, 'taken.nii');
    await writeFile(taken, 'mine');
    await expect(degradeOperation({ input, scale: 2, out: taken }, QUIET_JOB)).rejects.toMatchObject({
      code: 'output-exists',
    });
    const wrong = join(folder, 'low.dcm');
    await expect(degradeOperation({ input, scale: 2, out: wrong }, QUIET_JOB)).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it('leaves nothing behind where the input is bad or the job is cancelled', async () => {
    const clean = join(folder, 'clean');
    await mkdir(clean);
    const out = join(clean, 'low.nii');
    const text = join(folder, 'text.nii');
    await writeFile(text, 'no image at all');
    await expect(degradeOperation({ input: text, scale: 2, out }, QUIET_JOB)).rejects.toMatchObject({
      code: 'not-an-image',
      path: text,
    });
    await expect(
      degradeOperation({ input: join(folder, 'none.nii'), scale: 2, out }, QUIET_JOB),
    ).rejects.toMatchObject({ code: 'not-found' });
    const cancelled = { progress: () => {}, signal: AbortSignal.abort() };
    await expect(degradeOperation({ input, scale: 2, out }, cancelled)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await readdir(clean)).toEqual([]);
  });

  it('stops while it degrades, not only when it is done', { timeout: 30_000 }, async () => {
    const large = noiseVolume({ ...grid, size: [320, 96, 320] });
    const path = join(folder, 'large.nii');
    await writeFile(path, encodeNifti(large));
    const controller = new AbortController();
    const seen: number[] = [];
    const progress = ({ stage, done }: { stage: string; done: number }): void => {
      if (stage !== 'degrading') return;
      if (seen.length === 0) setTimeout(() => controller.abort(), 1);
      seen.push(done);
    };
    const out = join(folder, 'stopped.nii.gz');
    await expect(
      degradeOperation({ input: path, scale: 2, out }, { progress, signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(96);
    expect(await readdir(folder)).not.toContain('stopped.nii.gz');
  });

  it('makes of an isotropic image one whose slices are found again', async () => {
    const isotropic = noiseVolume({ ...grid, size: [61, 48, 43], spacingMm: [1, 1, 1] });
    const path = join(folder, 'isotropic.nii');
    await writeFile(path, encodeNifti(isotropic));
    const out = join(folder, 'isotropic-low.nii');
    await degradeOperation({ input: path, scale: 2, out }, QUIET_JOB);
    const slicesOf = (image: Volume) => volumeToStack(image, chooseSliceAxis(image.grid));
    const [high, low] = [slicesOf(isotropic), slicesOf(await readNiftiFile(out))];
    expect(low.slices.length).toBe(high.slices.length);
    expect([low.columns, low.rows]).toEqual([Math.floor(high.columns / 2), Math.floor(high.rows / 2)]);
  });
});
