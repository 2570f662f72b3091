import { truncateKspace } from './kspace.ts';
import type { Vec3 } from './vec.ts';
import type { Volume } from './volume.ts';

/**
 * Every slice normal to `axis` truncated in k-space, the volume's axes and their order kept. The centre of
 * voxel (0, 0, 0) stays, in-plane spacing becomes N/n times the old. Errors as `truncateKspace`.
 */
export function degradeVolume(volume: Volume, axis: 0 | 1 | 2, factor: number): Volume {
  const steps = degradeSliceBySlice(volume, axis, factor);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * `degradeVolume`, one slice a step, so that a caller can report progress, let others work and stop: yields
 * the number of slices done before each slice, and returns the degraded volume.
 */
export function* degradeSliceBySlice(
  volume: Volume,
  axis: 0 | 1 | 2,
  factor: number,
): Generator<number, Volume> {
  const { grid, voxels } = volume;
  const [i, j] = IN_PLANE[axis];
  const small = (n: 0 | 1 | 2): number => (n === axis ? grid.size[n] : Math.floor(grid.size[n] / factor));
  const size: Vec3 = [small(0), small(1), small(2)];
  const [columns, rows, slices] = [grid.size[i], grid.size[j], grid.size[axis]];
  const from = strides(grid.size);
  const to = strides(size);
  const out = new Float32Array(size[0] * size[1] * size[2]);
  const pixels = new Float32Array(rows * columns);
  for (let n = 0; n < slices; n++) {
    yield n;
    for (let row = 0; row < rows; row++) {
      let at = n * from[axis] + row * from[j];
      for (let column = 0; column < columns; column++, at += from[i])
        pixels[row * columns + column] = voxels[at]!;
    }
    const image = truncateKspace(pixels, rows, columns, factor);
    for (let row = 0; row < image.rows; row++) {
      let at = n * to[axis] + row * to[j];
      for (let column = 0; column < image.columns; column++, at += to[i]) {
        out[at] = image.pixels[row * image.columns + column]!;
      }
    }
  }
  const spacing = (n: 0 | 1 | 2): number => grid.spacingMm[n] * (grid.size[n] / size[n]);
  return {
    grid: { ...grid, size, spacingMm: [spacing(0), spacing(1), spacing(2)] },
    voxels: out,
    inventedSlices: axis === 2 ? volume.inventedSlices : undefined,
  };
}

const IN_PLANE = [
  [1, 2],
  [0, 2],
  [0, 1],
] as const;

function strides(size: Vec3): Vec3 {
  return [1, size[0], size[0] * size[1]];
}
