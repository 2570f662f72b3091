import { TandemError } from '../errors.ts';

/**
 * A square of pixels of one size, on which a segmentation network sees every slice, whatever its matrix: the
 * middle of the slice lies in the middle of the square.
 */
export interface Canvas {
  /** Side, in pixels. */
  readonly size: number;
  readonly pixelMm: number;
}

/** A slice's grid, as far as a canvas goes. */
export interface PlaneGrid {
  readonly rows: number;
  readonly columns: number;
  /** Distance between neighbours of a row, and of a column, mm. */
  readonly spacingMm: readonly [number, number];
}

/**
 * A slice brought onto the canvas: averaged over a canvas pixel where the slice is finer, linearly interpolated
 * where it is coarser; `outside` beyond its edge. Throws `bad-geometry` for a spacing that is no length.
 */
export function ontoCanvas(
  pixels: ArrayLike<number>,
  grid: PlaneGrid,
  canvas: Canvas,
  outside = 0,
): Float32Array {
  const { across, down } = steps(grid, canvas);
  const row = weights(grid.columns, canvas.size, across);
  const column = weights(grid.rows, canvas.size, down);
  return separable(pixels, grid.rows, grid.columns, column, row, outside);
}

/** What stands on a canvas brought back to a slice's grid, by the same rule. */
export function fromCanvas(
  values: ArrayLike<number>,
  grid: PlaneGrid,
  canvas: Canvas,
  outside = 0,
): Float32Array {
  const { across, down } = steps(grid, canvas);
  const row = weights(canvas.size, grid.columns, 1 / across);
  const column = weights(canvas.size, grid.rows, 1 / down);
  return separable(values, canvas.size, canvas.size, column, row, outside);
}

/** Canvas pixels in pixels of the slice. */
function steps(grid: PlaneGrid, canvas: Canvas): { readonly across: number; readonly down: number } {
  const [across, down] = [canvas.pixelMm / grid.spacingMm[0], canvas.pixelMm / grid.spacingMm[1]];
  if (!(across > 0 && Number.isFinite(across) && down > 0 && Number.isFinite(down))) {
    throw new TandemError('bad-geometry', 'The pixel size of the slices is not known');
  }
  return { across, down };
}

/** The samples that one new sample is made of, with weights that sum to 1; none where it lies outside. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** Triangles as wide as a step, or as a sample where that is more, around the new samples' places. */
function weights(from: number, to: number, step: number): readonly Taps[] {
  const reach = Math.max(1, step);
  return Array.from({ length: to }, (_, n) => {
    const centre = (from - 1) / 2 + (n - (to - 1) / 2) * step;
    if (centre < -0.5 || centre > from - 0.5) return { first: 0, weights: [] };
    const first = Math.max(0, Math.ceil(centre - reach + 1e-9));
    const last = Math.min(from - 1, Math.floor(centre + reach - 1e-9));
    const raw = Array.from({ length: last - first + 1 }, (_, k) =>
      Math.max(0, 1 - Math.abs(first + k - centre) / reach),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return sum > 0
      ? { first, weights: raw.map((weight) => weight / sum) }
      : { first: Math.round(centre), weights: [1] };
  });
}

function separable(
  pixels: ArrayLike<number>,
  rows: number,
  columns: number,
  column: readonly Taps[],
  row: readonly Taps[],
  outside: number,
): Float32Array {
  const width = row.length;
  const wide = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) {
      const { first, weights: taps } = row[j]!;
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += taps[k]! * pixels[i * columns + first + k]!;
      wide[i * width + j] = sum;
    }
  }
  const out = new Float32Array(column.length * width).fill(outside);
  for (let i = 0; i < column.length; i++) {
    const { first, weights: taps } = column[i]!;
    if (taps.length === 0) continue;
    for (let j = 0; j < width; j++) {
      if (row[j]!.weights.length === 0) continue;
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += taps[k]! * wide[(first + k) * width + j]!;
      out[i * width + j] = sum;
    }
  }
  return out;
}
