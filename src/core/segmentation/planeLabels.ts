import type { Grid } from '../volume/grid.ts';

/** One slice of a grid: of its axis 0 (sagittal through columns), 1 or 2, the one of this index. */
export interface GridSlice {
  readonly axis: 0 | 1 | 2;
  readonly index: number;
}

/** The two other axes of a slice, in their order: along its columns and along its rows. */
export function sliceAxes(axis: 0 | 1 | 2): readonly [0 | 1 | 2, 0 | 1 | 2] {
  return axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
}

/** From a voxel to the next along i, j and k, where i runs fastest. */
export function voxelStrides({ size }: Pick<Grid, 'size'>): readonly [number, number, number] {
  return [1, size[0], size[0] * size[1]];
}

/**
 * The labels of one slice of a grid, row by row, columns along the first of the other axes; as many as
 * `planeLattice` has points there. 0 in slices k that were not acquired.
 * @param labels of the whole grid, i fastest
 */
export function labelsOfSlice(
  labels: ArrayLike<number>,
  grid: Grid,
  inventedSlices: ReadonlySet<number>,
  { axis, index }: GridSlice,
): Uint8Array {
  const [a, b] = sliceAxes(axis);
  const strides = voxelStrides(grid);
  const [columns, rows] = [grid.size[a], grid.size[b]];
  const slice = new Uint8Array(columns * rows);
  if (axis === 2 && inventedSlices.has(index)) return slice;
  const first = index * strides[axis];
  for (let row = 0; row < rows; row++) {
    if (b === 2 && inventedSlices.has(row)) continue;
    let from = first + row * strides[b];
    for (let at = row * columns; at < (row + 1) * columns; at++, from += strides[a])
      slice[at] = labels[from]!;
  }
  return slice;
}
