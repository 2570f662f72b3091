import type { Grid } from './grid.ts';

/** A regular grid of voxels in patient space, i fastest: voxel (i, j, k) is at `i + nx·(j + ny·k)`. */
export interface Volume {
  readonly grid: Grid;
  readonly voxels: Float32Array;
  /**
   * One byte per slice k: 1 where the slice was not acquired but invented to make the grid regular (its
   * voxels are 0). Absent where everything was acquired.
   */
  readonly inventedSlices?: Uint8Array | undefined;
}
