/**
 * Image quality per volume, as the fastMRI evaluation defines it: the peak (data range) is the maximum of
 * the whole true volume, its minimum is ignored. A volume is a list of slices, each row-major.
 */

export type Slices = readonly Float32Array[];
/** One byte per pixel, 0 or not. */
export type Masks = readonly Uint8Array[];

const WINDOW = 7;
const RIM = 3;
const SAMPLES = WINDOW * WINDOW;

/**
 * Peak signal-to-noise ratio, dB: 10·log10(max(truth)² / MSE), the MSE over the volume or over the voxels
 * of `mask`; the peak stays that of the whole volume. Infinity for equal images, NaN for an empty mask.
 */
export function psnrVolume(truth: Slices, image: Slices, mask?: Masks): number {
  return psnrAtPeak(maximum(truth), truth, image, mask);
}

/** As `psnrVolume`, for a peak that is given: 1 for single slices of images in [0, 1]. */
export function psnrAtPeak(peak: number, truth: Slices, image: Slices, mask?: Masks): number {
  let sum = 0;
  let count = 0;
  for (let s = 0; s < truth.length; s++) {
    const a = truth[s]!;
    const b = image[s]!;
    const inside = mask?.[s];
    for (let at = 0; at < a.length; at++) {
      if (inside !== undefined && inside[at] === 0) continue;
      const difference = a[at]! - b[at]!;
      sum += difference * difference;
      count++;
    }
  }
  return 10 * Math.log10((peak * peak) / (sum / count));
}

/**
 * Structural similarity: the mean over slices of scikit-image's default SSIM (7×7 uniform window, unbiased
 * covariance, K1 = 0.01, K2 = 0.03) over pixels at least 3 from the border, data range the maximum of the
 * true **volume**. With `mask`: the mean over all masked voxels that are at least 3 from the border. NaN
 * where no pixel counts.
 */
export function ssimVolume(
  truth: Slices,
  image: Slices,
  rows: number,
  columns: number,
  mask?: Masks,
): number {
  return ssimAtPeak(maximum(truth), truth, image, rows, columns, mask);
}

/** As `ssimVolume`, for a data range that is given: 1 for single slices of images in [0, 1]. */
export function ssimAtPeak(
  peak: number,
  truth: Slices,
  image: Slices,
  rows: number,
  columns: number,
  mask?: Masks,
): number {
  const map = ssimMapper(rows, columns, peak);
  let total = 0;
  let count = 0;
  for (let s = 0; s < truth.length; s++) {
    const inside = mask?.[s];
    map(truth[s]!, image[s]!, (value, at) => {
      if (inside !== undefined && inside[at] === 0) return;
      total += value;
      count++;
    });
  }
  // All slices have as many pixels, so the mean over all is the mean over slices.
  return total / count;
}

/** Dice overlap of two masks (any non-zero value is inside); 1 where both are empty. */
export function dice(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let both = 0;
  let sum = 0;
  for (let at = 0; at < a.length; at++) {
    const inA = a[at] !== 0;
    const inB = b[at] !== 0;
    if (inA) sum++;
    if (inB) sum++;
    if (inA && inB) both++;
  }
  return sum === 0 ? 1 : (2 * both) / sum;
}

export function maximum(slices: Slices): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (const slice of slices) for (const value of slice) if (value > peak) peak = value;
  return peak;
}

/**
 * Box sums of x, y, x², y², xy by sliding columns: the cost does not grow with the window. Sums are in
 * double precision and restarted on every line.
 */
function ssimMapper(rows: number, columns: number, peak: number) {
  const c1 = (0.01 * peak) ** 2;
  const c2 = (0.03 * peak) ** 2;
  const unbiased = SAMPLES / (SAMPLES - 1);
  const sums = Array.from({ length: 5 }, () => new Float64Array(columns)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [sx, sy, sxx, syy, sxy] = sums;

  return (x: Float32Array, y: Float32Array, visit: (value: number, at: number) => void): void => {
    for (let row = RIM; row < rows - RIM; row++) {
      for (const sum of sums) sum.fill(0);
      for (let at = (row - RIM) * columns, r = 0; r < WINDOW; r++) {
        for (let c = 0; c < columns; c++, at++) {
          const a = x[at]!;
          const b = y[at]!;
          sx[c] = sx[c]! + a;
          sy[c] = sy[c]! + b;
          sxx[c] = sxx[c]! + a * a;
          syy[c] = syy[c]! + b * b;
          sxy[c] = sxy[c]! + a * b;
        }
      }
      let mx = 0;
      let my = 0;
      let mxx = 0;
      let myy = 0;
      let mxy = 0;
      for (let c = 0; c < columns; c++) {
        mx += sx[c]!;
        my += sy[c]!;
        mxx += sxx[c]!;
        myy += syy[c]!;
        mxy += sxy[c]!;
        if (c >= WINDOW) {
          const gone = c - WINDOW;
          mx -= sx[gone]!;
          my -= sy[gone]!;
          mxx -= sxx[gone]!;
          myy -= syy[gone]!;
          mxy -= sxy[gone]!;
        }
        if (c < WINDOW - 1) continue;
        const ux = mx / SAMPLES;
        const uy = my / SAMPLES;
        const vx = unbiased * (mxx / SAMPLES - ux * ux);
        const vy = unbiased * (myy / SAMPLES - uy * uy);
        const vxy = unbiased * (mxy / SAMPLES - ux * uy);
        const value = ((2 * ux * uy + c1) * (2 * vxy + c2)) / ((ux * ux + uy * uy + c1) * (vx + vy + c2));
        visit(value, row * columns + c - RIM);
      }
    }
  };
}

export { insideForeground } from './foreground.ts';
