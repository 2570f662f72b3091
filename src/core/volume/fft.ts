import { factorize, makeStages, runStage, type Stage } from './fftStages.ts';

/**
 * Discrete Fourier transforms of any length, double precision, many lines at once. Data are laid out
 * `[length][lanes]` (lane fastest), real and imaginary parts apart.
 *
 * Lengths whose prime factors are all at most 13 take a mixed-radix Stockham transform; the others
 * Bluestein's chirp transform over a power of two. Our own because the kept npm packages either take
 * powers of two only or work on one line of boxed numbers, and matrices of 218 or 182 are everyday MR.
 */

const LARGEST_RADIX = 13;

interface Chirp {
  readonly length: number;
  readonly plan: FftPlan;
  readonly chirpRe: Float64Array;
  readonly chirpIm: Float64Array;
  /** Transform of the conjugate chirp, divided by the padded length. */
  readonly filterRe: Float64Array;
  readonly filterIm: Float64Array;
}

/** A transform of one length; keeps its twiddle factors and scratch. Not to be shared between threads. */
export class FftPlan {
  readonly length: number;
  readonly #stages: readonly Stage[];
  readonly #chirp: Chirp | undefined;
  #scratchRe: Float64Array = new Float64Array(0);
  #scratchIm: Float64Array = new Float64Array(0);

  /** @param length at least 1. */
  constructor(length: number) {
    if (!Number.isInteger(length) || length < 1) throw new RangeError(`No transform of length ${length}`);
    this.length = length;
    const radices = factorize(length);
    if (Math.max(1, ...radices) > LARGEST_RADIX) {
      this.#stages = [];
      this.#chirp = makeChirp(length);
    } else {
      this.#stages = makeStages(length, radices);
    }
  }

  /** X[k] = Σ x[i]·exp(−2πi·ik/n), in place, on every lane. */
  forward(re: Float64Array, im: Float64Array, lanes: number): void {
    if (this.#chirp === undefined) this.#stockham(re, im, lanes);
    else this.#bluestein(this.#chirp, re, im, lanes);
  }

  /** x[i] = Σ X[k]·exp(+2πi·ik/n), in place, **not** divided by n. */
  inverse(re: Float64Array, im: Float64Array, lanes: number): void {
    this.forward(im, re, lanes);
  }

  #reserve(size: number): void {
    if (this.#scratchRe.length >= size) return;
    this.#scratchRe = new Float64Array(size);
    this.#scratchIm = new Float64Array(size);
  }

  #stockham(re: Float64Array, im: Float64Array, lanes: number): void {
    const size = this.length * lanes;
    this.#reserve(size);
    let fromRe = re;
    let fromIm = im;
    let toRe = this.#scratchRe;
    let toIm = this.#scratchIm;
    let stride = lanes;
    for (const stage of this.#stages) {
      runStage(stage, stride, fromRe, fromIm, toRe, toIm);
      [fromRe, toRe] = [toRe, fromRe];
      [fromIm, toIm] = [toIm, fromIm];
      stride *= stage.radix;
    }
    if (fromRe !== re) {
      re.set(fromRe.subarray(0, size));
      im.set(fromIm.subarray(0, size));
    }
  }

  #bluestein(chirp: Chirp, re: Float64Array, im: Float64Array, lanes: number): void {
    const n = this.length;
    const size = chirp.length * lanes;
    this.#reserve(size);
    const a = this.#scratchRe;
    const b = this.#scratchIm;
    a.fill(0, n * lanes, size);
    b.fill(0, n * lanes, size);
    multiplyRows(n, lanes, re, im, chirp.chirpRe, chirp.chirpIm, a, b);
    chirp.plan.forward(a, b, lanes);
    multiplyRows(chirp.length, lanes, a, b, chirp.filterRe, chirp.filterIm, a, b);
    chirp.plan.inverse(a, b, lanes);
    multiplyRows(n, lanes, a, b, chirp.chirpRe, chirp.chirpIm, re, im);
  }
}

const plans = new Map<number, FftPlan>();

/** The plan of a length; made once. */
export function fftPlan(length: number): FftPlan {
  let plan = plans.get(length);
  if (plan === undefined) {
    plan = new FftPlan(length);
    plans.set(length, plan);
  }
  return plan;
}

function makeChirp(n: number): Chirp {
  let length = 1;
  while (length < 2 * n - 1) length *= 2;
  const plan = fftPlan(length);
  const chirpRe = new Float64Array(n);
  const chirpIm = new Float64Array(n);
  const filterRe = new Float64Array(length);
  const filterIm = new Float64Array(length);
  for (let i = 0; i < n; i++) {
    // i² modulo 2n keeps the angle small, and so exact, for long lines.
    const angle = (-Math.PI * ((i * i) % (2 * n))) / n;
    chirpRe[i] = Math.cos(angle);
    chirpIm[i] = Math.sin(angle);
    const mirror = (length - i) % length;
    filterRe[i] = filterRe[mirror] = Math.cos(angle) / length;
    filterIm[i] = filterIm[mirror] = -Math.sin(angle) / length;
  }
  plan.forward(filterRe, filterIm, 1);
  return { length, plan, chirpRe, chirpIm, filterRe, filterIm };
}

/** out[i][lane] = x[i][lane] · w[i]. */
function multiplyRows(
  count: number,
  lanes: number,
  xRe: Float64Array,
  xIm: Float64Array,
  wRe: Float64Array,
  wIm: Float64Array,
  outRe: Float64Array,
  outIm: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const cr = wRe[i]!;
    const ci = wIm[i]!;
    for (let at = i * lanes; at < (i + 1) * lanes; at++) {
      const r = xRe[at]!;
      const m = xIm[at]!;
      outRe[at] = r * cr - m * ci;
      outIm[at] = r * ci + m * cr;
    }
  }
}
