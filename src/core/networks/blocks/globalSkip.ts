import { add, pixelUnshuffle, slice, type Tensor, ZEROS } from '../../graph/index.ts';
import type { NetworkInputs } from '../definition.ts';
import type { ConvLayerOptions } from './conv.ts';

/**
 * The option `global_skip`: a network that otherwise makes the whole image corrects the zero-filled one. Its
 * last layer starts at zero, so that training starts from interpolation; no paper has it, and it is what makes
 * few images and little time go far. So is `zero_filled_input`: a network that enlarges the target by a 3×3
 * convolution has to learn first what zero-filling knows.
 */

/** The last layer [N, C, H, W] → [N, fold², H, W], 3×3 where nothing is said: at zero where a skip goes around it. */
export function lastLayer(skip: boolean, { kernel = 3, fold = 1 } = {}): ConvLayerOptions {
  return { channels: fold * fold, kernel, ...(skip && { initializer: ZEROS }) };
}

/** correction [N, 1, H, W] + the zero-filled target, where the option is on; the correction itself where not. */
export function skipped(skip: boolean, correction: Tensor, inputs: NetworkInputs): Tensor {
  return skip ? add(correction, inputs.zeroFilled) : correction;
}

/**
 * Every `step`-th sample of the zero-filled target, [N, 1, H, W] → [N, 1, H/step, W/step]: zero-filling by
 * less, since sample 0 lies on sample 0 on every grid.
 */
export function zeroFilledBy({ zeroFilled }: NetworkInputs, step: number): Tensor {
  if (step === 1) return zeroFilled;
  const [images, , rows, columns] = zeroFilled.shape as [number, number, number, number];
  return slice(pixelUnshuffle(zeroFilled, step), [0, 0, 0, 0], [images, 1, rows / step, columns / step]);
}

/** The raw name (`tandem models run`) of what the skip adds. */
export const SKIP_RAW_INPUT = { input_zero_filled: 'zeroFilled' } as const;
