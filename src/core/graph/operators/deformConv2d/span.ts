import type { RowBands } from './bands.ts';
import { type DeformSizes, tapStart } from './geometry.ts';

/** The rows of an image with its border that a band adds to while dL/dx is made. */
export interface Span {
  /** The first row of the first band's; it may lie above the image. */
  readonly first: number;
  readonly rows: number;
  /** How many rows further down each band's begins; 0 where every band may add to the whole image. */
  readonly advance: number;
}

/** Rows by which the taps of a band may be moved while it keeps to a moving span. */
export const REACH = 8;

/** Bytes of dL/dx of one image up to which copying all of it for every band is the quicker way. */
const COPIED_WHOLE = 4e6;

/**
 * ScatterND gives a copy of what it adds to. So that this is not the whole image for every band, a band adds
 * to the rows that taps moved by at most REACH rows can reach, and the rows that no later band reaches are
 * finished. Undefined where the image is so small that this does not pay, or where the padding is so large
 * that samples are pulled onto the border from further away.
 */
export function movingSpan(sizes: DeformSizes, bands: RowBands): Span | undefined {
  const { stride, channels, paddedPositions, paddedRows, taps } = sizes;
  if (4 * channels * paddedPositions <= COPIED_WHOLE) return undefined;
  const first = tapStart(sizes, 0, 0) - REACH;
  const last = tapStart(sizes, taps - 1, 0) + (bands.outRows - 1) * stride[0] + REACH;
  const rows = last - first + 2;
  const advance = bands.outRows * stride[0];
  const inBorder = (row: number) => Math.min(Math.max(row, 0), paddedRows - 2);
  const keeps = Array.from({ length: bands.count }, (_, band) => band * advance).every(
    (down) => inBorder(first + down) >= first + down && inBorder(last + down) <= last + down,
  );
  return keeps && rows >= advance && 2 * rows <= paddedRows ? { first, rows, advance } : undefined;
}
