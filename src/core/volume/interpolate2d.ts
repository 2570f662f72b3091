import { mirrored, putSplineWeights, splineCoefficients } from './bspline.ts';

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
  const weights = new Float64Array(4 * factor);
  for (let phase = 0; phase < factor; phase++) putSplineWeights(weights, 4 * phase, phase / factor);

  const mid = new Float64Array(rows * outColumns);
  for (let i = 0; i < outColumns; i++) {
    const [c0, c1, c2, c3] = neighbours(Math.floor(i / factor), columns);
    const w = 4 * (i % factor);
    for (let row = 0; row < rows; row++) {
      const at = row * columns;
      mid[row * outColumns + i] =
        weights[w]! * coefficients[at + c0]! +
        weights[w + 1]! * coefficients[at + c1]! +
        weights[w + 2]! * coefficients[at + c2]! +
        weights[w + 3]! * coefficients[at + c3]!;
    }
  }
  const out = new Float32Array(outRows * outColumns);
  for (let j = 0; j < outRows; j++) {
    const [r0, r1, r2, r3] = neighbours(Math.floor(j / factor), rows);
    const w = 4 * (j % factor);
    for (let i = 0; i < outColumns; i++) {
      out[j * outColumns + i] =
        weights[w]! * mid[r0 * outColumns + i]! +
        weights[w + 1]! * mid[r1 * outColumns + i]! +
        weights[w + 2]! * mid[r2 * outColumns + i]! +
        weights[w + 3]! * mid[r3 * outColumns + i]!;
    }
  }
  return out;
}

function neighbours(base: number, n: number): readonly [number, number, number, number] {
  return [mirrored(base - 1, n), base, mirrored(base + 1, n), mirrored(base + 2, n)];
}
