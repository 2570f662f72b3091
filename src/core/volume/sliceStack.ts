import { cross, dot, type Vec3 } from './vec.ts';

/**
 * A series as acquired: the pixels and the true position of every slice, one orientation and one
 * in-plane spacing. It can have gaps and uneven spacing; nothing is invented. Slices are sorted by
 * position along the normal (iAxis × jAxis), ascending.
 */
export interface SliceStack {
  readonly columns: number;
  readonly rows: number;
  /** Distance between columns (along i) and between rows (along j), in that order. */
  readonly spacingMm: readonly [number, number];
  /** Unit vector of increasing column index (DICOM: first three values of Image Orientation). */
  readonly iAxisLps: Vec3;
  /** Unit vector of increasing row index. */
  readonly jAxisLps: Vec3;
  /** Nominal thickness of a slice, where known. */
  readonly sliceThicknessMm: number | undefined;
  readonly slices: readonly Slice[];
}

export interface Slice {
  /** Centre of pixel (0, 0), LPS mm. */
  readonly positionLps: Vec3;
  /** Row-major, `rows × columns`, in real-world units (rescale applied). */
  readonly pixels: Float32Array;
  /** Where the slice came from, where it came from DICOM. */
  readonly source?: SliceSource | undefined;
}

export interface SliceSource {
  readonly path: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  /** From 0, in an object of frames; absent in a classic image. */
  readonly frame?: number | undefined;
  /** How stored values became pixels. */
  readonly rescale?: { readonly slope: number; readonly intercept: number } | undefined;
  /** First pixel of a mosaic's tile in the stored frame; absent where the image is all of it. */
  readonly tile?: { readonly row: number; readonly column: number } | undefined;
}

/** Unit normal of the slices: iAxis × jAxis. */
export function stackNormal(stack: Pick<SliceStack, 'iAxisLps' | 'jAxisLps'>): Vec3 {
  return cross(stack.iAxisLps, stack.jAxisLps);
}

/** Position of each slice along the normal, mm, in the stack's order (ascending). */
export function slicePositionsMm(stack: SliceStack): number[] {
  const normal = stackNormal(stack);
  return stack.slices.map((slice) => dot(slice.positionLps, normal));
}

/** Median distance between neighbouring slices (the lower one of two), mm; the thickness (or 1) for one slice. */
export function sliceSpacingMm(stack: SliceStack): number {
  const positions = slicePositionsMm(stack);
  const steps = positions.slice(1).map((p, n) => p - (positions[n] ?? p));
  if (steps.length === 0) return stack.sliceThicknessMm ?? 1;
  steps.sort((a, b) => a - b);
  return steps[Math.floor((steps.length - 1) / 2)] ?? 1;
}
