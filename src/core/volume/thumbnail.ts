import { percentile } from './intensity.ts';

export interface GreyImage {
  readonly columns: number;
  readonly rows: number;
  /** 0 black to 255 white, row-major. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/**
 * A slice small and grey: as wide and high as it is in the patient, at most `sidePx` each way, every pixel the
 * mean of what it covers, from the 1st to the 99th percentile. What is no number is black.
 */
export function makeThumbnail(
  slice: {
    readonly columns: number;
    readonly rows: number;
    /** Between columns and between rows. */
    readonly spacingMm: readonly [number, number];
    readonly pixels: Float32Array;
  },
  sidePx: number,
): GreyImage {
  const widthMm = slice.columns * slice.spacingMm[0];
  const heightMm = slice.rows * slice.spacingMm[1];
  const mmPerPx = Math.max(widthMm, heightMm) / sidePx;
  const columns = Math.max(1, Math.round(widthMm / mmPerPx));
  const rows = Math.max(1, Math.round(heightMm / mmPerPx));
  const low = percentile([slice.pixels], 1) ?? 0;
  const high = percentile([slice.pixels], 99) ?? 1;
  const range = Math.max(high - low, Number.MIN_VALUE);
  const pixels = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = covered(row, rows, slice.rows);
    for (let column = 0; column < columns; column++) {
      const [left, right] = covered(column, columns, slice.columns);
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) sum += slice.pixels[y * slice.columns + x]!;
      }
      const mean = sum / ((bottom - top) * (right - left));
      // What is not finite becomes 0 in the array of bytes.
      pixels[row * columns + column] = Math.min(255, Math.max(0, Math.round((255 * (mean - low)) / range)));
    }
  }
  return { columns, rows, pixels };
}

/** Samples `from` up to `to` (not included) that pixel n of `count` covers, at least one. */
function covered(n: number, count: number, samples: number): [from: number, to: number] {
  const from = Math.min(samples - 1, Math.floor((n * samples) / count));
  return [from, Math.max(from + 1, Math.min(samples, Math.floor(((n + 1) * samples) / count)))];
}
