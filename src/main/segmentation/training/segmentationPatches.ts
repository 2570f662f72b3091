import type { Random } from '../../../core/random.ts';
import { truncateKspace, zeroFill } from '../../../core/volume/kspace.ts';
import { NORMALIZED_RANGE } from '../../../core/volume/robustScale.ts';
import type { SegmentationCase, SegmentationSlice } from './segmentationCase.ts';
import type { SegmentationSettings } from './segmentationSettings.ts';

/** Share of a tumour case's patches that are of its slices with tumour; the rest are of any. */
const OF_TUMOUR = 0.65;
/** A patch of a slice with tumour is centred on a pixel of it so often. */
const AROUND_TUMOUR = 0.6;

export interface SegmentationBatch {
  /** [batch, contrasts, patch, patch]. */
  readonly images: Float32Array;
  /** [batch, 1, patch, patch], 0 or 1. */
  readonly truth: Float32Array;
}

type Settings = Pick<SegmentationSettings, 'patch' | 'batch' | 'contrasts' | 'negatives' | 'augmentation'>;

/** Draws batches of patches: turned, zoomed, mirrored, and varied in intensity. */
export class SegmentationPatches {
  private readonly withTumour: readonly SegmentationCase[];
  private readonly without: readonly SegmentationCase[];
  private readonly size: number;
  private readonly settings: Settings;

  /** @param size side of the canvas that the cases lie on */
  constructor(cases: readonly SegmentationCase[], size: number, settings: Settings) {
    this.withTumour = cases.filter(({ slices }) => slices.some(({ hasTumour }) => hasTumour));
    this.without = cases.filter((one) => !this.withTumour.includes(one) && one.slices.length > 0);
    this.size = size;
    this.settings = settings;
  }

  /** Fills the batch. All that is drawn comes from `random`. */
  fill(batch: SegmentationBatch, random: Random): void {
    for (let image = 0; image < this.settings.batch; image++) this.fillOne(batch, image, random);
  }

  private fillOne(batch: SegmentationBatch, image: number, random: Random): void {
    const { patch, contrasts, augmentation } = this.settings;
    const slice = this.drawSlice(random);
    const place = this.drawPlace(slice, random);
    const pixels = patch * patch;
    const factor = random.uniform() < augmentation.degraded ? (random.integer(2) === 0 ? 2 : 4) : 1;
    const alone = random.uniform() < augmentation.without;
    for (let contrast = 0; contrast < contrasts; contrast++) {
      const into = batch.images.subarray((image * contrasts + contrast) * pixels).subarray(0, pixels);
      const source = contrast > 0 && alone ? null : (slice.images[contrast] ?? null);
      // The second contrast has the detail: only the first is ever degraded.
      this.fillImage(into, source, place, contrast === 0 ? factor : 1, random);
    }
    const truth = batch.truth.subarray(image * pixels, (image + 1) * pixels);
    sample(truth, patch, slice.truth, this.size, place, 0);
    for (let n = 0; n < pixels; n++) truth[n] = truth[n]! > 127 ? 1 : 0;
  }

  private drawSlice(random: Random): SegmentationSlice {
    const from =
      this.without.length > 0 && (this.withTumour.length === 0 || random.uniform() < this.settings.negatives)
        ? this.without
        : this.withTumour;
    const { slices } = from[random.integer(from.length)]!;
    const marked = random.uniform() < OF_TUMOUR ? slices.filter(({ hasTumour }) => hasTumour) : [];
    const among = marked.length > 0 ? marked : slices;
    return among[random.integer(among.length)]!;
  }

  private drawPlace(slice: SegmentationSlice, random: Random): Place {
    const { patch, augmentation } = this.settings;
    const { size } = this;
    const angle = (random.between(-augmentation.rotationDeg, augmentation.rotationDeg) * Math.PI) / 180;
    const zoom = Math.exp(random.between(Math.log(augmentation.zoom[0]), Math.log(augmentation.zoom[1])));
    const mirrored = [random.integer(2) === 0 ? 1 : -1, random.integer(2) === 0 ? 1 : -1] as const;
    const free = Math.max(0, (size - patch) / 2);
    let row = (size - 1) / 2 + random.between(-free, free);
    let column = (size - 1) / 2 + random.between(-free, free);
    if (free > 0 && slice.hasTumour && random.uniform() < AROUND_TUMOUR) {
      const marked = markedPixels(slice.truth);
      const at = marked[random.integer(marked.length)]!;
      row = Math.floor(at / size) + random.between(-patch / 4, patch / 4);
      column = (at % size) + random.between(-patch / 4, patch / 4);
    }
    return {
      row,
      column,
      across: [(Math.cos(angle) * mirrored[0]) / zoom, (Math.sin(angle) * mirrored[0]) / zoom],
      down: [(-Math.sin(angle) * mirrored[1]) / zoom, (Math.cos(angle) * mirrored[1]) / zoom],
    };
  }

  private fillImage(
    into: Float32Array,
    source: Float16Array | null,
    place: Place,
    factor: number,
    random: Random,
  ): void {
    const { patch, augmentation } = this.settings;
    const [least] = NORMALIZED_RANGE;
    if (source === null) {
      into.fill(least);
      return;
    }
    const { size } = this;
    let image: ArrayLike<number> = source;
    if (factor > 1) {
      // Magnitudes are truncated: the image's own zero is air.
      const low = truncateKspace(
        Float32Array.from(source, (value) => value - least),
        size,
        size,
        factor,
      );
      image = zeroFill(low.pixels, low.rows, low.columns, size, size).map((value) => value + least);
    }
    sample(into, patch, image, size, place, least);
    const gain = Math.exp(random.between(Math.log(augmentation.gain[0]), Math.log(augmentation.gain[1])));
    const offset = random.between(...augmentation.offset);
    const sigma = random.between(...augmentation.noise);
    const field = biasField(augmentation.bias, random);
    const [, most] = NORMALIZED_RANGE;
    for (let n = 0; n < into.length; n++) {
      const [i, j] = [Math.floor(n / patch), n % patch];
      const above = (into[n]! - least) * field((2 * i) / patch - 1, (2 * j) / patch - 1);
      const value = gain * (above + least) + offset + (sigma > 0 ? random.normal(0, sigma) : 0);
      into[n] = Math.min(most, Math.max(least, value));
    }
  }
}

/** Where a patch lies: its middle, and the steps of its columns and rows as [columns, rows] of the canvas. */
interface Place {
  readonly row: number;
  readonly column: number;
  readonly across: readonly [number, number];
  readonly down: readonly [number, number];
}

/** Bilinear samples of a square image, `outside` beyond it. */
function sample(
  into: Float32Array,
  patch: number,
  image: ArrayLike<number>,
  size: number,
  { row, column, across, down }: Place,
  outside: number,
): void {
  const half = (patch - 1) / 2;
  for (let i = 0; i < patch; i++) {
    for (let j = 0; j < patch; j++) {
      const x = column + (j - half) * across[0] + (i - half) * down[0];
      const y = row + (j - half) * across[1] + (i - half) * down[1];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      if (left < 0 || top < 0 || left >= size - 1 || top >= size - 1) {
        into[i * patch + j] = outside;
        continue;
      }
      const [fx, fy] = [x - left, y - top];
      const at = top * size + left;
      const above = image[at]! * (1 - fx) + image[at + 1]! * fx;
      const below = image[at + size]! * (1 - fx) + image[at + size + 1]! * fx;
      into[i * patch + j] = above * (1 - fy) + below * fy;
    }
  }
}

/** exp of a polynomial of the second degree over [−1, 1]², of at most `most` in each term. */
function biasField(most: number, random: Random): (y: number, x: number) => number {
  const [a, b, c, d, e] = Array.from({ length: 5 }, () => random.between(-most / 2, most / 2)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return (y, x) => Math.exp(a * x + b * y + c * x * y + d * (x * x - 1 / 3) + e * (y * y - 1 / 3));
}

const markedBySlice = new WeakMap<Uint8Array, Uint32Array>();

function markedPixels(truth: Uint8Array): Uint32Array {
  const known = markedBySlice.get(truth);
  if (known !== undefined) return known;
  const found: number[] = [];
  for (let at = 0; at < truth.length; at++) if (truth[at]! > 127) found.push(at);
  const marked = Uint32Array.from(found);
  markedBySlice.set(truth, marked);
  return marked;
}
