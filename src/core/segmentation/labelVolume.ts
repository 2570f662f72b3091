import type { Grid } from '../volume/grid.ts';
import { stackNormal } from '../volume/sliceStack.ts';
import { dot } from '../volume/vec.ts';
import type { Volume } from '../volume/volume.ts';

const IN_PLANE = [
  [1, 2],
  [0, 2],
  [0, 1],
] as const;

/**
 * The slices that `volumeToStack` made of a volume put back onto its grid, voxel for voxel.
 * @param axis along which the slices were taken; none of them may have been left out
 */
export function slicesOntoGrid(slices: readonly ArrayLike<number>[], grid: Grid, axis: 0 | 1 | 2): Volume {
  const [iAxis, jAxis] = IN_PLANE[axis];
  const normal = stackNormal({ iAxisLps: grid.axesLps[iAxis], jAxisLps: grid.axesLps[jAxis] });
  const isReversed = dot(normal, grid.axesLps[axis]) < 0;
  const stride = [1, grid.size[0], grid.size[0] * grid.size[1]] as const;
  const [columns, rows, count] = [grid.size[iAxis], grid.size[jAxis], grid.size[axis]];
  if (slices.length !== count) throw new RangeError(`The grid has ${count} slices, not ${slices.length}`);
  const voxels = new Float32Array(columns * rows * count);
  for (const [n, slice] of slices.entries()) {
    const first = (isReversed ? count - 1 - n : n) * stride[axis];
    for (let j = 0, at = 0; j < rows; j++) {
      let to = first + j * stride[jAxis];
      for (let i = 0; i < columns; i++, to += stride[iAxis]) voxels[to] = slice[at++]!;
    }
  }
  return { grid, voxels };
}
