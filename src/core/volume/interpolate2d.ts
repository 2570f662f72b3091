/** Sample-aligned interpolation of single slices: output sample i lies at i / factor of the input. */

/**
 * Cubic convolution (Keys 1981, a = −1/2), the interpolation baseline. Samples beyond the edge repeat the
 * last one. Row-major in and out; the output has `rows·factor × columns·factor` values.
 */
export function upsampleCubic(
  pixels: Float32Array,
  rows: number,
  columns: number,
  factor: number,
): Float32Array {
  const outColumns = columns * factor;
  const outRows = rows * factor;
  const weights = Array.from({ length: factor }, (_, phase) => keysWeights(phase / factor));
  const mid = new Float64Array(rows * outColumns);
  for (let row = 0; row < rows; row++) {
    const line = row * columns;
    for (let i = 0; i < outColumns; i++) {
      const base = Math.floor(i / factor);
      const [w0, w1, w2, w3] = weights[i % factor]!;
      mid[row * outColumns + i] =
        w0 * pixels[line + Math.max(0, base - 1)]! +
        w1 * pixels[line + base]! +
        w2 * pixels[line + Math.min(columns - 1, base + 1)]! +
        w3 * pixels[line + Math.min(columns - 1, base + 2)]!;
    }
  }
  const out = new Float32Array(outRows * outColumns);
  for (let j = 0; j < outRows; j++) {
    const base = Math.floor(j / factor);
    const [w0, w1, w2, w3] = weights[j % factor]!;
    const r0 = Math.max(0, base - 1) * outColumns;
    const r1 = base * outColumns;
    const r2 = Math.min(rows - 1, base + 1) * outColumns;
    const r3 = Math.min(rows - 1, base + 2) * outColumns;
    for (let i = 0; i < outColumns; i++) {
      out[j * outColumns + i] = w0 * mid[r0 + i]! + w1 * mid[r1 + i]! + w2 * mid[r2 + i]! + w3 * mid[r3 + i]!;
    }
  }
  return out;
}

/** Weights of the samples −1, 0, 1, 2 at a fraction t in [0, 1) between samples 0 and 1; they sum to 1. */
export function keysWeights(t: number): readonly [number, number, number, number] {
  return [
    ((-0.5 * t + 1) * t - 0.5) * t,
    (1.5 * t - 2.5) * t * t + 1,
    ((-1.5 * t + 2) * t + 0.5) * t,
    (0.5 * t - 0.5) * t * t,
  ];
}
