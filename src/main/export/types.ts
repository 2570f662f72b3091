import type { Vec3 } from '../../core/volume/vec.ts';

export interface WrittenSeries {
  /** Absolute paths, in slice order. */
  readonly files: readonly string[];
  /** Absolute paths of what was written beside it. */
  readonly companions: readonly string[];
  readonly folder: string;
  readonly seriesUid: string;
  /** Columns, rows, slices. */
  readonly size: Vec3;
  readonly spacingMm: Vec3;
  readonly originLps: Vec3;
  /** Voxels that had to be clipped to 16 bits. */
  readonly clipped: number;
  /** What the user should know about the files, in words. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}
