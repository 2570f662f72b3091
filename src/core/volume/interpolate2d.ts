import { mirrored, splineCoefficients, splineWeights } from './bspline.ts';

/**
 * The cubic interpolation baseline: interpolating cubic B-spline, sample-aligned, so that output sample i
 * lies at i / factor of the input. Row-major in and out; the output has `rows·factor × columns·factor`
 * values.
 */
export function upsampleCubic(
  pixels: Float32Array,
  rows: number,
  columns: number,
  factor: number,
): Float32Array {
  const outColumns = columns * factor;
  const outRows = rows * factor;
  const coefficients = Float64Array.from(pixels);
  splineCoefficients(coefficients, { lines: rows, lineStep: columns, length: columns, step: 1 });
  splineCoefficients(coefficients, { lines: columns, lineStep: 1, length: rows, step: columns });
  const weights = Array.from({ length: factor }, (_, phase) => splineWeights(phase / factor));

  const mid = new Float64Array(rows * outColumns);
  for (let i = 0; i < outColumns; i++) {
    const [c0, c1, c2, c3] = neighbours(Math.floor(i / factor), columns);
    const [w0, w1, w2, w3] = weights[i % factor]!;
    for (let row = 0; row < rows; row++) {
      const at = row * columns;
      mid[row * outColumns + i] =
        w0 * coefficients[at + c0]! +
        w1 * coefficients[at + c1]! +
        w2 * coefficients[at + c2]! +
        w3 * coefficients[at + c3]!;
    }
  }
  const out = new Float32Array(outRows * outColumns);
  for (let j = 0; j < outRows; j++) {
    const [r0, r1, r2, r3] = neighbours(Math.floor(j / factor), rows);
    const [w0, w1, w2, w3] = weights[j % factor]!;
    for (let i = 0; i < outColumns; i++) {
      out[j * outColumns + i] =
        w0 * mid[r0 * outColumns + i]! +
        w1 * mid[r1 * outColumns + i]! +
        w2 * mid[r2 * outColumns + i]! +
        w3 * mid[r3 * outColumns + i]!;
    }
  }
  return out;
}

function neighbours(base: number, n: number): readonly [number, number, number, number] {
  return [mirrored(base - 1, n), base, mirrored(base + 1, n), mirrored(base + 2, n)];
}
