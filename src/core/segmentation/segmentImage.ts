import { fromCanvas, ontoCanvas, type PlaneGrid } from '../volume/canvas.ts';
import type { MarkedSlice } from './findings.ts';
import type { SegmentationSpec } from './modelSpec.ts';

/** Runs the network on [1, contrasts, size, size]; answers [1, channels, size, size]. */
export type RunOnCanvas = (images: Float32Array) => Promise<Float32Array>;

export interface MarkedImage extends MarkedSlice {
  /** Probability of the likeliest label, the mean over the flipped images. */
  readonly probability: Float32Array;
}

/** Mirrored along columns and along rows. */
const FLIPS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/**
 * What a network finds in one image. It is brought onto the canvas, looked at as it is and mirrored three ways,
 * and the four answers are mirrored back. A pixel gets the label whose mean probability is the highest, where that
 * is above the threshold; its agreement is the share of the four answers that say so by themselves. Mean and share
 * are brought back to the image's grid before anything is decided. Where the canvas does not reach, nothing is
 * found.
 *
 * @param contrasts scaled pixels of each, on the same grid; null for one that is missing
 */
export async function segmentImage(
  contrasts: readonly (Float32Array | null)[],
  grid: PlaneGrid,
  spec: SegmentationSpec,
  run: RunOnCanvas,
): Promise<MarkedImage> {
  const { canvas, labels, threshold } = spec;
  const [outside] = spec.normalisation.range;
  const pixels = canvas.size ** 2;
  const images = new Float32Array(contrasts.length * pixels).fill(outside);
  for (const [n, image] of contrasts.entries()) {
    if (image !== null) images.set(ontoCanvas(image, grid, canvas, outside), n * pixels);
  }
  const flips = spec.flips ? FLIPS : FLIPS.slice(0, 1);
  const means = labels.map(() => new Float32Array(pixels));
  const shares = labels.map(() => new Float32Array(pixels));
  const answered = labels.map(() => new Float32Array(pixels));
  for (const [columns, rows] of flips) {
    const output = await run(mirrored(images, canvas.size, columns, rows));
    probabilities(mirrored(output, canvas.size, columns, rows), spec, answered);
    for (let at = 0; at < pixels; at++) {
      let best = -1;
      for (const [n, label] of answered.entries()) {
        const value = label[at]!;
        means[n]![at]! += value / flips.length;
        if (value > threshold && (best < 0 || value > answered[best]![at]!)) best = n;
      }
      if (best >= 0) shares[best]![at]! += 1 / flips.length;
    }
  }
  return decided(means, shares, grid, spec);
}

/** Every image of a row of square ones, mirrored. */
function mirrored(images: Float32Array, size: number, columns: boolean, rows: boolean): Float32Array {
  if (!columns && !rows) return images;
  const out = new Float32Array(images.length);
  for (let line = 0; line * size < images.length; line++) {
    const [image, row] = [Math.floor(line / size), line % size];
    const from = (image * size + (rows ? size - 1 - row : row)) * size;
    for (let column = 0; column < size; column++) {
      out[line * size + column] = images[from + (columns ? size - 1 - column : column)]!;
    }
  }
  return out;
}

/** Probabilities of the labels, from the network's output. */
function probabilities(
  output: Float32Array,
  { output: kind, channels, labels }: SegmentationSpec,
  into: readonly Float32Array[],
): void {
  const pixels = into[0]!.length;
  for (let at = 0; at < pixels; at++) {
    let most = 0;
    let sum = 1;
    if (kind === 'softmax') {
      most = Number.NEGATIVE_INFINITY;
      for (let channel = 0; channel < channels; channel++) {
        most = Math.max(most, output[channel * pixels + at]!);
      }
      sum = 0;
      for (let channel = 0; channel < channels; channel++)
        sum += Math.exp(output[channel * pixels + at]! - most);
    }
    for (const [n, { channel }] of labels.entries()) {
      const value = output[channel * pixels + at]!;
      into[n]![at] =
        kind === 'sigmoid'
          ? 1 / (1 + Math.exp(-value))
          : kind === 'softmax'
            ? Math.exp(value - most) / sum
            : value;
    }
  }
}

function decided(
  means: readonly Float32Array[],
  shares: readonly Float32Array[],
  grid: PlaneGrid,
  { canvas, labels: named, threshold }: SegmentationSpec,
): MarkedImage {
  const back = (values: Float32Array) => fromCanvas(values, grid, canvas, 0);
  const [probabilities, agreements] = [means.map(back), shares.map(back)];
  const pixels = grid.rows * grid.columns;
  const labels = new Uint8Array(pixels);
  const probability = new Float32Array(pixels);
  const agreement = new Float32Array(pixels);
  for (let at = 0; at < pixels; at++) {
    let best = 0;
    for (let n = 1; n < named.length; n++) if (probabilities[n]![at]! > probabilities[best]![at]!) best = n;
    probability[at] = probabilities[best]![at]!;
    if (probability[at]! <= threshold) continue;
    labels[at] = named[best]!.value;
    agreement[at] = Math.min(1, agreements[best]![at]!);
  }
  return { labels, probability, agreement };
}
