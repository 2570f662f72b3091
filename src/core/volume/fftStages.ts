/** The stages of a mixed-radix Stockham transform; rows of `stride` values are transformed together. */

export interface Stage {
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

/** Radices whose product is the length, 4 before 2. */
export function factorize(length: number): number[] {
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

export function makeStages(length: number, radices: readonly number[]): Stage[] {
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

/** One Stockham stage: y[p·radix + k] = w^(pk) · Σ_j x[p + rest·j]·root^(jk), on rows of `stride` values. */
export function runStage(
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
