import { throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { Affine } from '../../core/volume/affine.ts';
import { chooseSliceAxis } from '../../core/volume/convert.ts';
import { type Grid, indexToLps, voxelCount } from '../../core/volume/grid.ts';
import { sliceSampler } from '../../core/volume/resample.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import type { Volume } from '../../core/volume/volume.ts';

/**
 * A volume on another grid, sampled once: each voxel is its mean over `slabMm` along the slice axis of the
 * grid (normal to the largest spacing) and over the pixel in-plane. 0 where the volume does not reach.
 *
 * @param transform LPS of the grid → LPS of the volume (fixed to moving)
 */
export async function resampleOntoGrid(
  volume: Volume,
  grid: Grid,
  options: { readonly transform: Affine; readonly slabMm: number },
  job: JobContext,
): Promise<Volume> {
  const k = chooseSliceAxis(grid);
  const [i, j] = k === 0 ? ([1, 2] as const) : k === 1 ? ([0, 2] as const) : ([0, 1] as const);
  const count = grid.size[k];
  const sample = sliceSampler(
    volume,
    {
      columns: grid.size[i],
      rows: grid.size[j],
      spacingMm: [grid.spacingMm[i], grid.spacingMm[j]],
      iAxisLps: grid.axesLps[i],
      jAxisLps: grid.axesLps[j],
      slices: Array.from({ length: count }, (_, n) => ({ positionLps: indexToLps(grid, along(k, n)) })),
    },
    options,
  );
  const strides = [1, grid.size[0], grid.size[0] * grid.size[1]] as const;
  const voxels = new Float32Array(voxelCount(grid));
  for (let n = 0; n < count; n++) {
    const { pixels } = sample(n);
    for (let row = 0; row < grid.size[j]; row++) {
      for (let column = 0; column < grid.size[i]; column++) {
        const at = n * strides[k] + row * strides[j] + column * strides[i];
        voxels[at] = pixels[row * grid.size[i] + column]!;
      }
    }
    job.progress({ stage: 'resampling', done: n + 1, total: count });
    await new Promise((resolve) => setImmediate(resolve));
    throwIfCancelled(job.signal);
  }
  return { grid, voxels };
}

function along(axis: 0 | 1 | 2, n: number): Vec3 {
  return [axis === 0 ? n : 0, axis === 1 ? n : 0, axis === 2 ? n : 0];
}
