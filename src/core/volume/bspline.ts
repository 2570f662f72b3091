/**
 * Interpolating cubic B-splines (Unser, IEEE Signal Processing Magazine 1999), mirrored at the edges: the
 * cubic interpolation of ITK and scipy. Samples are turned into coefficients once, then any point is a
 * weighted sum of four coefficients along each axis.
 */

const POLE = Math.sqrt(3) - 2;
/** Powers of the pole beyond this count are below double precision. */
const HORIZON = 30;

/**
 * Turns the samples of `lines` lines into coefficients, in place. Value i of line l is at
 * `offset + l·lineStep + i·step`.
 */
export function splineCoefficients(
  values: Float64Array | Float32Array,
  layout: {
    readonly offset?: number;
    readonly lines: number;
    readonly lineStep: number;
    readonly length: number;
    readonly step: number;
  },
): void {
  const { offset = 0, lines, lineStep, length, step } = layout;
  if (length < 2) return;
  const c = new Float64Array(length);
  for (let line = 0; line < lines; line++) {
    const start = offset + line * lineStep;
    for (let i = 0; i < length; i++) c[i] = 6 * values[start + i * step]!;
    filterLine(c);
    for (let i = 0; i < length; i++) values[start + i * step] = c[i]!;
  }
}

/** The causal, then the anticausal recursion; mirror on the samples themselves (…, 2, 1, 0, 1, 2, …). */
function filterLine(c: Float64Array): void {
  const n = c.length;
  c[0] = firstCausal(c);
  for (let i = 1; i < n; i++) c[i] = c[i]! + POLE * c[i - 1]!;
  c[n - 1] = (POLE / (POLE * POLE - 1)) * (c[n - 1]! + POLE * c[n - 2]!);
  for (let i = n - 2; i >= 0; i--) c[i] = POLE * (c[i + 1]! - c[i]!);
}

function firstCausal(c: Float64Array): number {
  const n = c.length;
  if (n > HORIZON) {
    let sum = 0;
    let power = 1;
    for (let i = 0; i < HORIZON; i++, power *= POLE) sum += power * c[i]!;
    return sum;
  }
  // The mirrored signal has period 2n − 2: the exact sum of its geometric series.
  let power = POLE;
  let sum = c[0]! + POLE ** (n - 1) * c[n - 1]!;
  let mirrored = POLE ** (2 * n - 3);
  for (let i = 1; i < n - 1; i++) {
    sum += (power + mirrored) * c[i]!;
    power *= POLE;
    mirrored /= POLE;
  }
  return sum / (1 - POLE ** (2 * n - 2));
}

/**
 * Weights of the coefficients −1, 0, 1, 2 at a fraction t in [0, 1] between 0 and 1; they sum to 1. Written
 * to four values of `out` from `at` on, so that inner loops allocate nothing.
 */
export function putSplineWeights(out: Float64Array, at: number, t: number): void {
  const u = 1 - t;
  out[at] = (u * u * u) / 6;
  out[at + 1] = 2 / 3 - t * t * (1 - t / 2);
  out[at + 2] = 2 / 3 - u * u * (1 - u / 2);
  out[at + 3] = (t * t * t) / 6;
}

/** The index that a mirrored line of n values has at any integer i. */
export function mirrored(i: number, n: number): number {
  if (i >= 0 && i < n) return i;
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const inside = ((i % period) + period) % period;
  return inside < n ? inside : period - inside;
}
