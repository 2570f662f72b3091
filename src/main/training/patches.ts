import type { Random } from '../../core/random.ts';
import { CONTENT_THRESHOLD, type TrainingCase, type TrainingSlice } from './cases.ts';

/** What a batch holds: one array an input, [batch, 1, patch, patch]. */
export interface Batch {
  readonly zeroFilled: Float32Array;
  readonly truth: Float32Array;
  readonly reference: Float32Array;
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
  private readonly cumulative: readonly number[];

  constructor(cases: readonly TrainingCase[], patch: number, augmentation: Augmentation = AUGMENTATION) {
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
    const area = this.patch ** 2;
    for (let n = 0; n * area < batch.truth.length; n++) this.fillOne(batch, n * area, random);
  }

  private fillOne(batch: Batch, offset: number, random: Random): void {
    const source = this.drawCase(random);
    const { slice, row, column } = this.drawPlace(source, random);
    const { targetGain, referenceGain, referenceGamma, referenceShiftShare } = this.augmentation;
    const orientation = random.integer(8);
    const gain = random.between(...targetGain);
    const place = { row, column, rows: source.rows, columns: source.columns };
    this.copy(slice.truth, batch.truth, offset, place, orientation, gain);
    this.copy(slice.zeroFilled, batch.zeroFilled, offset, place, orientation, gain);

    const otherGain = logBetween(referenceGain, random);
    const gamma = logBetween(referenceGamma, random);
    const shifted = random.uniform() < referenceShiftShare;
    const shift = [random.integer(3) - 1, random.integer(3) - 1] as const;
    if (slice.reference === undefined) return;
    const moved = shifted ? { ...place, row: row + shift[0], column: column + shift[1] } : place;
    this.copy(slice.reference, batch.reference, offset, moved, orientation, 1);
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
      const row = random.integer(Math.max(1, rows - this.patch + 1));
      const column = random.integer(Math.max(1, columns - this.patch + 1));
      if (
        tries >= MOST_TRIES ||
        this.content(slice.truth, row, column, rows, columns) >= LEAST_PATCH_CONTENT
      ) {
        return { slice, row, column };
      }
    }
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

  /** One of the eight orientations of a square; what lies outside the image is 0. */
  private copy(
    image: Float32Array,
    into: Float32Array,
    offset: number,
    place: { readonly row: number; readonly column: number; readonly rows: number; readonly columns: number },
    orientation: number,
    gain: number,
  ): void {
    const { patch } = this;
    const last = patch - 1;
    for (let i = 0; i < patch; i++) {
      for (let j = 0; j < patch; j++) {
        const a = orientation & 1 ? last - i : i;
        const b = orientation & 2 ? last - j : j;
        const row = place.row + (orientation & 4 ? b : a);
        const column = place.column + (orientation & 4 ? a : b);
        const inside = row >= 0 && row < place.rows && column >= 0 && column < place.columns;
        into[offset + i * patch + j] = inside ? gain * image[row * place.columns + column]! : 0;
      }
    }
  }
}

function logBetween([low, high]: readonly [number, number], random: Random): number {
  return Math.exp(random.between(Math.log(low), Math.log(high)));
}
