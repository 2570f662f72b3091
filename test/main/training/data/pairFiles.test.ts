import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../../src/core/job.ts';
import { gridFromAffine } from '../../../../src/core/volume/grid.ts';
import { truncateKspace, zeroFill } from '../../../../src/core/volume/kspace.ts';
import type { Volume } from '../../../../src/core/volume/volume.ts';
import { degradedSlice } from '../../../../src/main/training/data/degradedSlices.ts';
import { loadTrainingCase } from '../../../../src/main/training/data/pairFiles.ts';
import type { FullSlice, TrainingCase } from '../../../../src/main/training/data/trainingCase.ts';
import { dataRoot } from '../../../helpers/data.ts';
import { relativeError } from '../../../helpers/graph.ts';
import { writeCase } from '../../evaluation/cases.ts';

/** A smooth head-like blob in patient space, so that any grid samples the same thing. */
function blob(x: number, y: number, z: number): number {
  const r = Math.hypot(x / 24, y / 20, z / 30);
  return r > 1 ? 0 : 100 * (1.2 - r) * (1 + 0.3 * Math.sin(x / 3) * Math.cos(y / 4));
}

/** `blob` on an axial grid of thick slices, or (`sagittal`) on one of another orientation and spacing. */
function volume(kind: 'axial' | 'sagittal', gain: number): Volume {
  const grid =
    kind === 'axial'
      ? gridFromAffine(
          [53, 50, 6],
          [
            [-1, 0, 0, 26],
            [0, -1, 0, 24.5],
            [0, 0, 4, -10],
          ],
        )
      : gridFromAffine(
          [60, 60, 56],
          [
            [0, 0, 1, -27.5],
            [1, 0, 0, -29.5],
            [0, -1, 0, 29.5],
          ],
        );
  const [nx, ny, nz] = grid.size;
  const voxels = new Float32Array(nx * ny * nz);
  for (let k = 0, at = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, at++) {
        const index = [i, j, k] as const;
        const point = ([0, 1, 2] as const).map((axis) =>
          index.reduce(
            (sum, n, m) => sum + n * grid.spacingMm[m]! * grid.axesLps[m]![axis]!,
            grid.originLps[axis],
          ),
        );
        voxels[at] = gain * blob(point[0]!, point[1]!, point[2]!);
      }
    }
  }
  return { grid, voxels };
}

const slicesOf = (one: TrainingCase): FullSlice[] => [...one.places.keys()].map((n) => one.slice(n));

describe('a case as it lies in its folder', () => {
  let folder: string;
  let loaded: TrainingCase;

  beforeAll(async () => {
    folder = await writeCase({ t2: volume('axial', 7), t1: volume('sagittal', 0.5) });
    loaded = await loadTrainingCase(folder, { target: 't2', reference: 't1' }, QUIET_JOB);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has slices normal to the largest spacing, cropped to a multiple of 8', () => {
    expect([loaded.rows, loaded.columns, loaded.places.length]).toEqual([48, 48, 6]);
    expect(loaded.spacingMm[0]).toBeCloseTo(1, 5);
    expect(loaded.sliceThicknessMm).toBeCloseTo(4, 5);
    expect(loaded.files.map(({ name }) => name)).toEqual(['t2.nii', 't1.nii']);
    for (const { sha256 } of loaded.files) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is scaled by its own 99.9th percentile, and not clipped', () => {
    const values = slicesOf(loaded).flatMap(({ truth }) => [...truth]);
    const above = values.filter((value) => value > 1).length;
    expect(above).toBeGreaterThan(0);
    expect(above / values.filter((value) => value > 0).length).toBeLessThan(0.0015);
  });

  it('is degraded and zero-filled from the magnitude image', () => {
    for (const n of loaded.places.keys()) {
      const { truth, zeroFilled, smaller } = degradedSlice(loaded, n, 2);
      const low = truncateKspace(truth, 48, 48, 2);
      expect([low.rows, low.columns]).toEqual([24, 24]);
      expect(zeroFilled).toEqual(zeroFill(low.pixels, 24, 24, 48, 48));
      expect(smaller).toEqual(new Map([[2, low.pixels]]));
    }
  });

  it('has the reference at the same place, from a grid of another orientation', () => {
    // Both show the same blob; what differs is the averaging over 4 mm of slice.
    const truth = slicesOf(loaded).flatMap((slice) => [...slice.truth]);
    const reference = slicesOf(loaded).flatMap((slice) => [...slice.reference!]);
    const ratio = truth.reduce((sum, x) => sum + x, 0) / reference.reduce((sum, x) => sum + x, 0);
    const error = relativeError(
      reference.map((value) => value * ratio),
      truth,
    );
    expect(error).toBeLessThan(0.06);
  });

  it('is refused where a contrast is missing or nothing shows', async () => {
    const options = { target: 'flair', reference: undefined } as const;
    await expect(loadTrainingCase(folder, options, QUIET_JOB)).rejects.toMatchObject({ code: 'not-found' });
    const dark = volume('axial', 0);
    const empty = await writeCase({ t2: dark });
    await expect(
      loadTrainingCase(empty, { target: 't2', reference: undefined }, QUIET_JOB),
    ).rejects.toMatchObject({ code: 'nothing-readable' });
    await rm(empty, { recursive: true, force: true });
  });

  it.skipIf(dataRoot() === undefined)('reads a real case of stacked slices [needs shared data]', async () => {
    const real = await loadTrainingCase(
      join(dataRoot() ?? '', 'pairs/ixi-slices'),
      { target: 't2', reference: 't1' },
      QUIET_JOB,
    );
    expect([real.rows, real.columns, real.places.length]).toEqual([256, 152, 25]);
    for (const n of real.places.keys()) {
      const { truth, zeroFilled, reference } = degradedSlice(real, n, 4);
      const error = relativeError(zeroFilled, truth);
      expect(error).toBeGreaterThan(0.02);
      expect(error).toBeLessThan(0.4);
      expect(reference!.some((value) => value > 0.3)).toBe(true);
    }
  });
});
