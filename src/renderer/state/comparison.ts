/**
 * Two images in one cell: `first` in place and, over it, `second` at the same place of the patient. Cells that
 * show `first` show the comparison.
 */
export const COMPARISON_MODES = ['off', 'swipe', 'blink', 'checkerboard', 'difference', 'error'] as const;
export type ComparisonMode = (typeof COMPARISON_MODES)[number];

/** How values between voxels are had for a difference: the acquired voxel as it is, or linear between them. */
export type BetweenVoxels = 'nearest' | 'linear';

export interface Comparison {
  readonly mode: ComparisonMode;
  /** `columnId` of the image in question. */
  readonly first: string;
  /** `columnId` of what it is compared with. */
  readonly second: string;
  /** Key of the series that is taken for the truth; for `error` alone. */
  readonly truth: string | null;
  /** Where the swipe's edge is, as a share of the cell. */
  readonly swipe: number;
  readonly swipeDirection: 'horizontal' | 'vertical';
  readonly blinksPerSecond: number;
  /** Side of a field of the checkerboard in CSS pixels. */
  readonly fieldPx: number;
  readonly between: BetweenVoxels;
  /** The difference at the ends of the colours, in the image's units; null: from the images. */
  readonly scale: number | null;
}

export const NO_COMPARISON: Comparison = {
  mode: 'off',
  first: 'enhanced',
  second: 'target',
  truth: null,
  swipe: 0.5,
  swipeDirection: 'horizontal',
  blinksPerSecond: 1,
  fieldPx: 64,
  between: 'nearest',
  scale: null,
};
