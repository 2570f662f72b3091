/**
 * Discrete Fourier transforms of any length, double precision, many lines at once. Data are laid out
 * `[length][lanes]` (lane fastest), real and imaginary parts apart.
 *
 * Lengths whose prime factors are all at most 13 take a mixed-radix Stockham transform; the others
 * Bluestein's chirp transform over a power of two. Our own because the kept npm packages either take
 * powers of two only or work on one line of boxed numbers, and matrices of 218 or 182 are everyday MR.
 */

const LARGEST_RADIX = 13;

interface Stage {
  readonly radix: number;
  /** Length of the sub-transforms that are left after this stage. */
  readonly rest: number;
  /** exp(−2πi·p·k / (radix·rest)) at `p·radix + k`. */
  readonly twiddleRe: Float64Array;
  readonly twiddleIm: Float64Array;
  /** exp(−2πi·k / radix). */
  readonly rootRe: Float64Array;
  readonly rootIm: Float64Array;
}

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

function factorize(length: number): number[] {
  const radices: number[] = [];
  let rest = length;
  for (const radix of [4, 2, 3, 5]) {
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  }
  for (let radix = 7; rest > 1; radix += 2) {
    if (radix * radix > rest) radix = rest;
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  }
  return radices;
}

function makeStages(length: number, radices: readonly number[]): Stage[] {
  let rest = length;
  return radices.map((radix) => {
    const whole = rest;
    rest /= radix;
    const twiddleRe = new Float64Array(rest * radix);
    const twiddleIm = new Float64Array(rest * radix);
    for (let p = 0; p < rest; p++) {
      for (let k = 0; k < radix; k++) {
        const angle = (-2 * Math.PI * ((p * k) % whole)) / whole;
        twiddleRe[p * radix + k] = Math.cos(angle);
        twiddleIm[p * radix + k] = Math.sin(angle);
      }
    }
    const angles = Array.from({ length: radix }, (_, k) => (-2 * Math.PI * k) / radix);
    return {
      radix,
      rest,
      twiddleRe,
      twiddleIm,
      rootRe: Float64Array.from(angles, Math.cos),
      rootIm: Float64Array.from(angles, Math.sin),
    };
  });
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

/** One Stockham stage: y[p·radix + k] = w^(pk) · Σ_j x[p + rest·j]·root^(jk), on rows of `stride` values. */
function runStage(
  stage: Stage,
  stride: number,
  xRe: Float64Array,
  xIm: Float64Array,
  yRe: Float64Array,
  yIm: Float64Array,
): void {
  if (stage.radix === 4) radix4(stage, stride, xRe, xIm, yRe, yIm);
  else if (stage.radix === 2) radix2(stage, stride, xRe, xIm, yRe, yIm);
  else radixAny(stage, stride, xRe, xIm, yRe, yIm);
}

function radix2(
  { rest, twiddleRe, twiddleIm }: Stage,
  stride: number,
  xRe: Float64Array,
  xIm: Float64Array,
  yRe: Float64Array,
  yIm: Float64Array,
): void {
  for (let p = 0; p < rest; p++) {
    const wr = twiddleRe[2 * p + 1]!;
    const wi = twiddleIm[2 * p + 1]!;
    let b = stride * (p + rest);
    let out = stride * 2 * p;
    for (let a = stride * p; a < stride * (p + 1); a++, b++, out++) {
      const ar = xRe[a]!;
      const ai = xIm[a]!;
      const br = xRe[b]!;
      const bi = xIm[b]!;
      yRe[out] = ar + br;
      yIm[out] = ai + bi;
      const dr = ar - br;
      const di = ai - bi;
      yRe[out + stride] = dr * wr - di * wi;
      yIm[out + stride] = dr * wi + di * wr;
    }
  }
}

function radix4(
  { rest, twiddleRe, twiddleIm }: Stage,
  stride: number,
  xRe: Float64Array,
  xIm: Float64Array,
  yRe: Float64Array,
  yIm: Float64Array,
): void {
  const step = stride * rest;
  for (let p = 0; p < rest; p++) {
    const w1r = twiddleRe[4 * p + 1]!;
    const w1i = twiddleIm[4 * p + 1]!;
    const w2r = twiddleRe[4 * p + 2]!;
    const w2i = twiddleIm[4 * p + 2]!;
    const w3r = twiddleRe[4 * p + 3]!;
    const w3i = twiddleIm[4 * p + 3]!;
    let out = stride * 4 * p;
    for (let at = stride * p; at < stride * (p + 1); at++, out++) {
      const ar = xRe[at]!;
      const ai = xIm[at]!;
      const br = xRe[at + step]!;
      const bi = xIm[at + step]!;
      const cr = xRe[at + 2 * step]!;
      const ci = xIm[at + 2 * step]!;
      const dr = xRe[at + 3 * step]!;
      const di = xIm[at + 3 * step]!;
      const acr = ar + cr;
      const aci = ai + ci;
      const bdr = br + dr;
      const bdi = bi + di;
      const amcr = ar - cr;
      const amci = ai - ci;
      // −i·(b − d)
      const jr = bi - di;
      const ji = dr - br;
      yRe[out] = acr + bdr;
      yIm[out] = aci + bdi;
      const e1r = amcr + jr;
      const e1i = amci + ji;
      yRe[out + stride] = e1r * w1r - e1i * w1i;
      yIm[out + stride] = e1r * w1i + e1i * w1r;
      const e2r = acr - bdr;
      const e2i = aci - bdi;
      yRe[out + 2 * stride] = e2r * w2r - e2i * w2i;
      yIm[out + 2 * stride] = e2r * w2i + e2i * w2r;
      const e3r = amcr - jr;
      const e3i = amci - ji;
      yRe[out + 3 * stride] = e3r * w3r - e3i * w3i;
      yIm[out + 3 * stride] = e3r * w3i + e3i * w3r;
    }
  }
}

function radixAny(
  { radix, rest, twiddleRe, twiddleIm, rootRe, rootIm }: Stage,
  stride: number,
  xRe: Float64Array,
  xIm: Float64Array,
  yRe: Float64Array,
  yIm: Float64Array,
): void {
  const step = stride * rest;
  for (let p = 0; p < rest; p++) {
    for (let k = 0; k < radix; k++) {
      const wr = twiddleRe[p * radix + k]!;
      const wi = twiddleIm[p * radix + k]!;
      let out = stride * (radix * p + k);
      for (let at = stride * p; at < stride * (p + 1); at++, out++) {
        let sumRe = xRe[at]!;
        let sumIm = xIm[at]!;
        let root = 0;
        for (let j = 1, from = at + step; j < radix; j++, from += step) {
          root += k;
          if (root >= radix) root -= radix;
          const cr = rootRe[root]!;
          const ci = rootIm[root]!;
          const r = xRe[from]!;
          const m = xIm[from]!;
          sumRe += r * cr - m * ci;
          sumIm += r * ci + m * cr;
        }
        yRe[out] = sumRe * wr - sumIm * wi;
        yIm[out] = sumRe * wi + sumIm * wr;
      }
    }
  }
}
