import { gradients } from '../../../src/core/graph/index.ts';
import { type BenchResult, measureInTurns } from '../measure.ts';
import { convolution, RUNS, yardstick } from './yardstick.ts';

/** The plain convolution and its two gradients. */
export async function benchConvolution(): Promise<BenchResult[]> {
  return measureInTurns(
    [
      await yardstick(),
      await convolution('its input gradient', ({ x, loss }) => ({ dx: gradients(loss, [x])[0]! })),
      await convolution('its weight gradient', ({ w, loss }) => ({ dw: gradients(loss, [w])[0]! })),
    ],
    RUNS,
  );
}
