import type { Random } from '../../core/random.ts';
import { zeroFill } from '../../core/volume/kspace.ts';
import { AUGMENTATION, type Augmentation } from './augmentation.ts';
import { DegradedSlices } from './data/degradedSlices.ts';
import { CONTENT_THRESHOLD } from './data/pairStacks.ts';
import type { TrainingCase, TrainingSlice } from './data/trainingCase.ts';
import { copyMovedPatch, copyPatch, type InPlaneMotion, type PatchPlace } from './patchGeometry.ts';
import { varyReference } from './referencePatch.ts';

/** What a batch holds: one array an input, [batch, 1, patch, patch]. */
export interface Batch {
  readonly zeroFilled: Float32Array;
  readonly truth: Float32Array;
  readonly reference: Float32Array;
  /** [batch, 1, patch / factor, patch / factor], by factor: see `TrainingSlice.smaller`. */
  readonly smaller: ReadonlyMap<number, Float32Array>;
}

export interface PatchOptions {
  /** Side of a patch, in pixels of the enhanced image. */
  readonly patch: number;
  readonly scale: 2 | 4;
  readonly augmentation?: Augmentation;
  /** Where slices come from; of its own where absent. */
  readonly slices?: DegradedSlices;
}

/** A patch counts where this share of it is above the content threshold. */
const LEAST_PATCH_CONTENT = 0.15;
const MOST_TRIES = 30;
const TRIES_A_SLICE = 6;
/** How far away another part of the anatomy is, as a share of all slices. */
const FAR = [0.08, 0.25] as const;

/** What becomes of a patch's reference. */
type ReferenceFate = 'as it is' | 'slab' | 'moved' | 'neighbour' | 'foreign' | 'elsewhere' | 'blank';

/**
 * Draws batches of square patches. A case is drawn with a weight of the root of its number of slices, so
 * that a long volume counts for more than a short one, but does not drown it.
 */
export class PatchSampler {
  private readonly cases: readonly TrainingCase[];
  private readonly patch: number;
  private readonly scale: 2 | 4;
  private readonly augmentation: Augmentation;
  private readonly slices: DegradedSlices;
  private readonly cumulative: readonly number[];

  constructor(cases: readonly TrainingCase[], options: PatchOptions) {
    this.cases = cases;
    this.patch = options.patch;
    this.scale = options.scale;
    this.augmentation = options.augmentation ?? AUGMENTATION;
    this.slices = options.slices ?? new DegradedSlices(options.scale);
    let sum = 0;
    this.cumulative = cases.map(({ places }) => {
      sum += Math.sqrt(places.length);
      return sum;
    });
  }

  /** Fills the batch's arrays. All that is drawn comes from `random`. Throws what reading a slice throws. */
  fill(batch: Batch, random: Random): void {
    const images = batch.truth.length / this.patch ** 2;
    for (let image = 0; image < images; image++) this.fillOne(batch, image, random);
  }

  private fillOne(batch: Batch, image: number, random: Random): void {
    const { patch, scale } = this;
    const source = this.drawCase(random);
    const { slice, n, row, column } = this.drawPlace(source, random);
    const place = { row, column, rows: source.rows, columns: source.columns, orientation: random.integer(8) };
    const gain = random.between(...this.augmentation.targetGain);
    const offset = image * patch ** 2;
    copyPatch(slice.truth, batch.truth, offset, patch, place, { gain, grid: scale });
    copyPatch(slice.zeroFilled, batch.zeroFilled, offset, patch, place, { gain, grid: scale });
    for (const [factor, into] of batch.smaller) {
      const side = patch / factor;
      const small = slice.smaller.get(factor)!;
      copyPatch(small, into, image * side ** 2, side, place, { gain, factor, grid: scale });
    }
    this.addTargetNoise(batch, image, random);
    if (slice.reference !== undefined) this.fillReference(batch, offset, source, n, place, random);
  }

  /** Noise of the target as acquired, and the same noise zero-filled. */
  private addTargetNoise(batch: Batch, image: number, random: Random): void {
    const sigma = random.between(...this.augmentation.targetNoise);
    if (!(sigma > 0)) return;
    const { patch, scale } = this;
    const side = patch / scale;
    const noise = Float32Array.from({ length: side ** 2 }, () => random.normal(0, sigma));
    const filled = zeroFill(noise, side, side, patch, patch);
    for (let n = 0; n < filled.length; n++) batch.zeroFilled[image * patch ** 2 + n]! += filled[n]!;
    const acquired = batch.smaller.get(scale);
    if (acquired === undefined) return;
    for (let n = 0; n < noise.length; n++) acquired[image * side ** 2 + n]! += noise[n]!;
  }

  private fillReference(
    batch: Batch,
    offset: number,
    source: TrainingCase,
    n: number,
    place: PatchPlace,
    random: Random,
  ): void {
    const { patch, scale: grid, augmentation } = this;
    const into = batch.reference;
    const own = this.slices.get(source, n).reference!;
    const fate = this.drawFate(random);
    const side = random.integer(2) === 0 ? -1 : 1;
    if (fate === 'blank') {
      into.fill(0, offset, offset + patch ** 2);
      return;
    }
    if (fate === 'moved') {
      const motion = drawMotion(augmentation.referenceMotion, source.spacingMm, random);
      copyMovedPatch(own, into, offset, patch, place, motion, grid);
    } else if (fate === 'foreign') this.fillForeign(into, offset, source, n, place, random);
    else if (fate === 'elsewhere') {
      copyPatch(this.elsewhere(source, n, side, random), into, offset, patch, place, { grid });
    } else {
      // A slice is read only where it is wanted: it may come from the disk.
      const beside = fate === 'as it is' ? undefined : this.neighbour(source, n, side);
      copyPatch(fate === 'neighbour' ? (beside ?? own) : own, into, offset, patch, place, { grid });
      if (fate === 'slab' && beside !== undefined) {
        const other = new Float32Array(patch ** 2);
        copyPatch(beside, other, 0, patch, place, { grid });
        for (let at = 0; at < other.length; at++) into[offset + at] = (into[offset + at]! + other[at]!) / 2;
      }
    }
    varyReference(into, offset, patch, augmentation, random);
  }

  private drawFate(random: Random): ReferenceFate {
    const { referenceSlab, referenceMotion, referenceNeighbour, referenceBlank } = this.augmentation;
    const { referenceForeign, referenceElsewhere } = this.augmentation;
    let left = random.uniform();
    for (const [fate, share] of [
      ['moved', referenceMotion.share],
      ['foreign', referenceForeign],
      ['blank', referenceBlank],
      ['slab', referenceSlab],
      ['neighbour', referenceNeighbour],
      ['elsewhere', referenceElsewhere],
    ] as const) {
      if (left < share) return fate;
      left -= share;
    }
    return 'as it is';
  }

  /** The reference of the slice before (−1) or after (1), where it is there. */
  private neighbour(source: TrainingCase, n: number, side: -1 | 1): Float32Array | undefined {
    const place = source.places[n + side];
    if (place === undefined || Math.abs(place - source.places[n]!) !== 1) return undefined;
    return this.slices.get(source, n + side).reference;
  }

  /**
   * The reference mirrored along its rows (of axial and coronal slices: the other side of the head), or that of a
   * slice so far away that it shows something else; mirrored where no slice is. Patients resemble each other: what is
   * merely of another scan is told by its scan, what is merely elsewhere has to be told by the anatomy.
   */
  private elsewhere(source: TrainingCase, n: number, side: -1 | 1, random: Random): Float32Array {
    const { rows, columns, places } = source;
    const pick = random.uniform();
    const far = Math.round(places.length * random.between(...FAR));
    const there = n + side * far in places ? n + side * far : n - side * far;
    if (pick < 0.5 && far > 1 && there in places) return this.slices.get(source, there).reference!;
    const own = this.slices.get(source, n).reference!;
    const mirrored = new Float32Array(own.length);
    for (let row = 0; row < rows; row++) {
      mirrored.set(own.subarray(row * columns, (row + 1) * columns).toReversed(), row * columns);
    }
    return mirrored;
  }

  /**
   * The same part of the image in a slice of another patient at about the same height, of one on the same grid where
   * there is one: his head lies where this one does. Empty where there is no other.
   */
  private fillForeign(
    into: Float32Array,
    offset: number,
    source: TrainingCase,
    n: number,
    place: PatchPlace,
    random: Random,
  ): void {
    const strangers = this.cases.filter(({ patient }) => patient !== source.patient);
    const alike = strangers.filter((other) => isOnTheSameGrid(other, source));
    const others = alike.length > 0 ? alike : strangers;
    const pick = random.uniform();
    const other = others[Math.floor(pick * others.length)];
    const image =
      other &&
      this.slices.get(
        other,
        Math.round((n / Math.max(1, source.places.length - 1)) * (other.places.length - 1)),
      ).reference;
    if (other === undefined || image === undefined) {
      into.fill(0, offset, offset + this.patch ** 2);
      return;
    }
    const { rows, columns } = other;
    const row = place.row + Math.round((rows - place.rows) / 2);
    const column = place.column + Math.round((columns - place.columns) / 2);
    const there = { ...place, row, column, rows, columns };
    copyPatch(image, into, offset, this.patch, there, { grid: this.scale });
  }

  private drawCase(random: Random): TrainingCase {
    const at = random.uniform() * (this.cumulative.at(-1) ?? 0);
    const index = this.cumulative.findIndex((sum) => at < sum);
    return this.cases[index] ?? this.cases[0]!;
  }

  /** A slice and the corner of a patch in it with content; the last one tried where none has. */
  private drawPlace(
    source: TrainingCase,
    random: Random,
  ): { slice: TrainingSlice; n: number; row: number; column: number } {
    const { rows, columns, places } = source;
    let n = 0;
    for (let tries = 1; ; tries++) {
      // Another slice is worth reading only after several places of the one before.
      if (tries % TRIES_A_SLICE === 1) n = random.integer(places.length);
      const row = this.drawCorner(rows, random);
      const column = this.drawCorner(columns, random);
      const slice = this.slices.get(source, n);
      if (
        tries >= MOST_TRIES ||
        this.content(slice.truth, row, column, rows, columns) >= LEAST_PATCH_CONTENT
      ) {
        return { slice, n, row, column };
      }
    }
  }

  /** Corners lie where samples of the smaller images do. */
  private drawCorner(length: number, random: Random): number {
    const { patch, scale } = this;
    return scale * random.integer(Math.max(1, Math.floor((length - patch) / scale) + 1));
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
}

function isOnTheSameGrid(a: TrainingCase, b: TrainingCase): boolean {
  return (
    a.rows === b.rows && a.columns === b.columns && a.spacingMm.every((mm, axis) => mm === b.spacingMm[axis])
  );
}

/** A shift of any direction and a rotation, uniform up to the most of each. */
function drawMotion(
  { shiftMm, rotationDeg }: Augmentation['referenceMotion'],
  spacingMm: InPlaneMotion['spacingMm'],
  random: Random,
): InPlaneMotion {
  const direction = random.between(0, 2 * Math.PI);
  const distance = random.between(0, shiftMm);
  const rotationRad = (random.between(-rotationDeg, rotationDeg) * Math.PI) / 180;
  return {
    shiftMm: [distance * Math.sin(direction), distance * Math.cos(direction)],
    rotationRad,
    spacingMm,
  };
}
