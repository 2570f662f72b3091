/** One slice as it was scanned: row-major images of the case's rows × columns, about [0, 1], not clipped. */
export interface FullSlice {
  readonly truth: Float32Array;
  /** The reference on the same grid, averaged over the slice's thickness; absent where none is used. */
  readonly reference: Float32Array | undefined;
}

/** A slice as the network meets it in training. */
export interface TrainingSlice extends FullSlice {
  /** The truth degraded, then zero-filled from the magnitude image. */
  readonly zeroFilled: Float32Array;
  /** The truth truncated in k-space to 1/factor, by factor; at the scale it is the target as it was acquired. */
  readonly smaller: ReadonlyMap<number, Float32Array>;
}

/** The slices of one pair of scans that a network may learn from, or be tried on. */
export interface TrainingCase {
  /** The folder's name, with the plane where slices were taken in more than the acquired one. */
  readonly name: string;
  /** Whose scan it is, so that no patient is on both sides of a split. */
  readonly patient: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  /** Of the slices as they were prepared; absent where they come straight from the files. */
  readonly sha256?: string | undefined;
  readonly rows: number;
  readonly columns: number;
  /** Along a row and along a column. */
  readonly spacingMm: readonly [number, number];
  readonly sliceThicknessMm: number;
  /** Place of each slice in the stack: neighbours differ by 1. */
  readonly places: readonly number[];
  /** How the reference came to lie on the target, in words; absent without a reference. */
  readonly registration: string | undefined;
  /** Slice n of `places`, read where it is not in memory. */
  slice(n: number): FullSlice;
}
