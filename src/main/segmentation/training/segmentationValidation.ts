import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../../../core/errors.ts';
import type { NamedTensor } from '../../../core/graph/safetensors.ts';
import { segmentationModel } from '../../../core/networks/segmentation/index.ts';
import { NORMALIZED_RANGE } from '../../../core/volume/robustScale.ts';
import { openImageSession } from '../../runtime/session.ts';
import type { SegmentationCase, SegmentationSlice } from './segmentationCase.ts';

/** What the weights of a step find in the validation patients: means over them. */
export type SegmentationScore = {
  /** 2·|A∩B| / (|A| + |B|) over a patient's slices. */
  readonly dice: number;
  /** Of the worst patient. */
  readonly worstDice: number;
  /** Without the second and later contrasts. */
  readonly diceAlone: number;
};

/** Slices of a patient, at most: spread over the stack. */
const MOST_SLICES = 12;

export interface ValidatedSegmentation {
  readonly network: string;
  readonly options: unknown;
  readonly contrasts: number;
}

/** Dice of patients that are not trained on, at a threshold of one half, on the canvas. */
export class SegmentationValidation {
  private readonly cases: readonly (readonly SegmentationSlice[])[];
  private readonly what: ValidatedSegmentation;
  private readonly size: number;

  constructor(cases: readonly SegmentationCase[], size: number, what: ValidatedSegmentation) {
    this.what = what;
    this.size = size;
    this.cases = cases.map(({ slices }) => {
      const count = Math.min(MOST_SLICES, slices.length);
      return Array.from(
        { length: count },
        (_, n) => slices[Math.floor(((n + 0.5) / count) * slices.length)]!,
      );
    });
  }

  get isEmpty(): boolean {
    return this.cases.length === 0;
  }

  /** Scores of these weights. Throws `cancelled`, and what running a network throws. */
  async measure(weights: ReadonlyMap<string, NamedTensor>, signal: AbortSignal): Promise<SegmentationScore> {
    const size = this.size;
    const { contrasts } = this.what;
    const shape = { batch: 1, contrasts, rows: size, columns: size };
    const session = await openImageSession(segmentationModel({ ...this.what, weights }, shape), 'cpu');
    const diceOf = async (slices: readonly SegmentationSlice[], alone: boolean): Promise<number> => {
      let [both, either] = [0, 0];
      for (const slice of slices) {
        throwIfCancelled(signal);
        const logits = await session.run({ images: imagesOf(slice, contrasts, size, alone) });
        for (let n = 0; n < logits.length; n++) {
          const [found, there] = [logits[n]! > 0, slice.truth[n]! > 127];
          if (found && there) both++;
          if (found) either++;
          if (there) either++;
        }
        await nextTurn();
      }
      return either === 0 ? 1 : (2 * both) / either;
    };
    try {
      const dice: number[] = [];
      const alone: number[] = [];
      for (const slices of this.cases) {
        dice.push(await diceOf(slices, false));
        alone.push(contrasts > 1 ? await diceOf(slices, true) : dice.at(-1)!);
      }
      const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      return { dice: mean(dice), worstDice: Math.min(...dice), diceAlone: mean(alone) };
    } finally {
      await session.release();
    }
  }
}

/** [1, contrasts, size, size]. */
function imagesOf(slice: SegmentationSlice, contrasts: number, size: number, alone: boolean): Float32Array {
  const images = new Float32Array(contrasts * size * size).fill(NORMALIZED_RANGE[0]);
  for (let contrast = 0; contrast < (alone ? 1 : contrasts); contrast++) {
    const image = slice.images[contrast];
    if (image) images.set(image, contrast * size * size);
  }
  return images;
}
