import type { Random } from '../../core/random.ts';
import { CONTENT_THRESHOLD, type TrainingCase, type TrainingSlice } from './cases.ts';

/** What a batch holds: one array an input, [batch, 1, patch, patch]. */
export interface Batch {
  readonly zeroFilled: Float32Array;
  readonly truth: Float32Array;
  readonly reference: Float32Array;
  /** [batch, 1, patch / factor, patch / factor], by factor: see `TrainingSlice.smaller`. */
  readonly smaller: ReadonlyMap<number, Float32Array>;
}

/** How patches are varied, beside turning and mirroring them; written into the model's card. */
export interface Augmentation {
  /** The target and its truth are multiplied by a number in this range. */
  readonly targetGain: readonly [number, number];
  /** The reference becomes gain · reference^gamma, each drawn log-uniformly from its range. */
  readonly referenceGain: readonly [number, number];
  readonly referenceGamma: readonly [number, number];
  /** Share of patches whose reference is moved by one pixel along rows, columns or both. */
  readonly referenceShiftShare: number;
}

export const AUGMENTATION: Augmentation = {
  targetGain: [0.85, 1.15],
  referenceGain: [0.85, 1.15],
  referenceGamma: [0.85, 1.2],
  referenceShiftShare: 0.05,
};

/** A patch counts where this share of it is above the content threshold. */
const LEAST_PATCH_CONTENT = 0.15;
const MOST_TRIES = 30;

/**
 * Draws batches of square patches. A case is drawn with a weight of the root of its number of slices, so
 * that a long volume counts for more than a short one, but does not drown it.
 */
export class PatchSampler {
  private readonly cases: readonly TrainingCase[];
  private readonly patch: number;
  private readonly augmentation: Augmentation;
  private readonly grid: number;
  private readonly cumulative: readonly number[];

  /**
   * @param grid the samples of smaller images lie on every so many pixels, and so do the corners of patches;
   *   1 where no smaller image is wanted
   */
  constructor(
    cases: readonly TrainingCase[],
    patch: number,
    augmentation: Augmentation = AUGMENTATION,
    grid = 1,
  ) {
    this.grid = grid;
    this.cases = cases;
    this.patch = patch;
    this.augmentation = augmentation;
    let sum = 0;
    this.cumulative = cases.map(({ slices }) => {
      sum += Math.sqrt(slices.length);
      return sum;
    });
  }

  /** Fills the batch's arrays. All that is drawn comes from `random`. */
  fill(batch: Batch, random: Random): void {
    const images = batch.truth.length / this.patch ** 2;
    for (let n = 0; n < images; n++) this.fillOne(batch, n, random);
  }

  private fillOne(batch: Batch, image: number, random: Random): void {
    const offset = image * this.patch ** 2;
    const source = this.drawCase(random);
    const { slice, row, column } = this.drawPlace(source, random);
    const { targetGain, referenceGain, referenceGamma, referenceShiftShare } = this.augmentation;
    const orientation = random.integer(8);
    const gain = random.between(...targetGain);
    const place = { row, column, rows: source.rows, columns: source.columns };
    this.copy(slice.truth, batch.truth, image, place, orientation, gain);
    this.copy(slice.zeroFilled, batch.zeroFilled, image, place, orientation, gain);
    for (const [factor, into] of batch.smaller) {
      this.copy(slice.smaller.get(factor)!, into, image, place, orientation, gain, factor);
    }

    const otherGain = logBetween(referenceGain, random);
    const gamma = logBetween(referenceGamma, random);
    const shifted = random.uniform() < referenceShiftShare;
    const shift = [random.integer(3) - 1, random.integer(3) - 1] as const;
    if (slice.reference === undefined) return;
    const moved = shifted ? { ...place, row: row + shift[0], column: column + shift[1] } : place;
    this.copy(slice.reference, batch.reference, image, moved, orientation, 1);
    for (let n = offset; n < offset + this.patch ** 2; n++) {
      batch.reference[n] = otherGain * Math.max(batch.reference[n]!, 0) ** gamma;
    }
  }

  private drawCase(random: Random): TrainingCase {
    const at = random.uniform() * (this.cumulative.at(-1) ?? 0);
    const index = this.cumulative.findIndex((sum) => at < sum);
    return this.cases[index] ?? this.cases[0]!;
  }

  /** A slice and the corner of a patch in it with content; the last one tried where none has. */
  private drawPlace(
    { slices, rows, columns }: TrainingCase,
    random: Random,
  ): { slice: TrainingSlice; row: number; column: number } {
    for (let tries = 1; ; tries++) {
      const slice = slices[random.integer(slices.length)]!;
      const row = this.drawCorner(rows, random);
      const column = this.drawCorner(columns, random);
      if (
        tries >= MOST_TRIES ||
        this.content(slice.truth, row, column, rows, columns) >= LEAST_PATCH_CONTENT
      ) {
        return { slice, row, column };
      }
    }
  }

  private drawCorner(length: number, random: Random): number {
    return this.grid * random.integer(Math.max(1, Math.floor((length - this.patch) / this.grid) + 1));
  }

  /** Share of the patch above the threshold, looked at on every fourth pixel of every fourth row. */
  private content(image: Float32Array, row: number, column: number, rows: number, columns: number): number {
    let found = 0;
    let looked = 0;
    for (let i = 0; i < this.patch; i += 4) {
      for (let j = 0; j < this.patch; j += 4) {
        looked++;
        if (
          row + i < rows &&
          column + j < columns &&
          image[(row + i) * columns + column + j]! > CONTENT_THRESHOLD
        ) {
          found++;
        }
      }
    }
    return found / looked;
  }

  /**
   * One of the eight orientations of a square, of an image 1/factor the size; what lies outside it is 0. Samples
   * of the smaller images lie on the first of every `grid` pixels: a mirrored patch begins so much further on
   * that its own first pixel is such a one.
   */
  private copy(
    image: Float32Array,
    into: Float32Array,
    index: number,
    place: { readonly row: number; readonly column: number; readonly rows: number; readonly columns: number },
    orientation: number,
    gain: number,
    factor = 1,
  ): void {
    const side = this.patch / factor;
    const [rows, columns] = [place.rows / factor, place.columns / factor];
    const offset = index * side ** 2;
    const last = side - 1;
    const turned = (orientation & 4) !== 0;
    const start = (corner: number, mirrored: boolean) =>
      mirrored ? (corner - this.grid) / factor + 1 : corner / factor;
    const firstRow = start(place.row, (orientation & (turned ? 2 : 1)) !== 0);
    const firstColumn = start(place.column, (orientation & (turned ? 1 : 2)) !== 0);
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) {
        const a = orientation & 1 ? last - i : i;
        const b = orientation & 2 ? last - j : j;
        const row = firstRow + (turned ? b : a);
        const column = firstColumn + (turned ? a : b);
        const inside = row >= 0 && row < rows && column >= 0 && column < columns;
        into[offset + i * side + j] = inside ? gain * image[row * columns + column]! : 0;
      }
    }
  }
}

function logBetween([low, high]: readonly [number, number], random: Random): number {
  return Math.exp(random.between(Math.log(low), Math.log(high)));
}
