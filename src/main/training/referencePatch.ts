import type { Random } from '../../core/random.ts';
import type { Augmentation } from './augmentation.ts';

/** Variations of a reference's patch that look at nothing but the patch. */

/**
 * gain · max(x, 0)^gamma, blur and noise, as drawn, in place: side × side values from `offset`. What is exactly 0
 * has been cut away, of the head or beside the image: it gets no noise, so that a network may learn that nothing
 * is there.
 */
export function varyReference(
  values: Float32Array,
  offset: number,
  side: number,
  augmentation: Augmentation,
  random: Random,
): void {
  const gain = logBetween(augmentation.referenceGain, random);
  const gamma = logBetween(augmentation.referenceGamma, random);
  const { share, sigmaPx } = augmentation.referenceBlur;
  const blurred = random.uniform() < share;
  const sigma = random.between(...sigmaPx);
  const noise = random.between(...augmentation.referenceNoise);
  const end = offset + side * side;
  for (let n = offset; n < end; n++) values[n] = gain * Math.max(values[n]!, 0) ** gamma;
  if (blurred && sigma > 0) blur(values.subarray(offset, end), side, sigma);
  if (noise === 0) return;
  for (let n = offset; n < end; n++) if (values[n] !== 0) values[n]! += random.normal(0, noise);
}

/** A separable Gaussian of a square image, in place; beyond its border it is continued by its last value. */
export function blur(image: Float32Array, side: number, sigmaPx: number): void {
  const radius = Math.ceil(3 * sigmaPx);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, n) =>
    Math.exp(-(((n - radius) / sigmaPx) ** 2) / 2),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  const line = new Float64Array(side);
  for (const [lineStep, step] of [
    [side, 1],
    [1, side],
  ] as const) {
    for (let at = 0; at < side; at++) {
      for (let n = 0; n < side; n++) {
        let value = 0;
        for (let k = -radius; k <= radius; k++) {
          const from = Math.min(side - 1, Math.max(0, n + k));
          value += kernel[k + radius]! * image[at * lineStep + from * step]!;
        }
        line[n] = value / sum;
      }
      for (let n = 0; n < side; n++) image[at * lineStep + n * step] = line[n]!;
    }
  }
}

export function logBetween([low, high]: readonly [number, number], random: Random): number {
  return Math.exp(random.between(Math.log(low), Math.log(high)));
}
