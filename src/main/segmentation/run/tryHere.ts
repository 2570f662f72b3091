import { TandemError } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { createRandom } from '../../../core/random.ts';
import { openImageSession } from '../../runtime/session.ts';
import type { TryRequest, TryResult } from './tryModel.ts';

/**
 * Runs a model twice on an image of seeded noise over the range of its inputs, and on one of nothing. Throws
 * `bad-model` where onnxruntime refuses it, where an answer has another size, holds what is no number, lies outside
 * [0, 1] though it is to be probabilities, or differs from run to run.
 */
export async function tryHere({ onnx, spec, input, path }: TryRequest, job: JobContext): Promise<TryResult> {
  const bad = (message: string, hint?: string): TandemError =>
    new TandemError('bad-model', message, { path, hint });
  const { size } = spec.canvas;
  const [least, most] = spec.normalisation.range;
  const random = createRandom(1);
  const noise = Float32Array.from({ length: spec.contrasts.length * size * size }, () =>
    random.between(least, most),
  );
  const session = await openImageSession(onnx, 'cpu');
  try {
    job.progress({ stage: 'checking', done: 0, total: 3 });
    const began = performance.now();
    const first = Float32Array.from(await session.run({ [input]: noise }));
    const secondsPerImage = (performance.now() - began) / 1000;
    const second = await session.run({ [input]: noise });
    const air = await session.run({ [input]: new Float32Array(noise.length).fill(least) });
    for (const answer of [first, second, air]) {
      if (answer.length !== spec.channels * size * size) {
        throw bad(
          `The model answers ${answer.length} values, the description says ${spec.channels * size * size}`,
        );
      }
      if (!answer.every(Number.isFinite)) throw bad('The model answers values that are not finite');
      const isShare = spec.output === 'probabilities' || spec.output === 'exclusive';
      if (isShare && answer.some((value) => value < -1e-3 || value > 1.001)) {
        throw bad(
          'The model answers values outside 0 to 1, the description says probabilities',
          'Logits are described by the output “sigmoid” or “softmax”.',
        );
      }
    }
    if (second.some((value, at) => value !== first[at])) {
      throw bad(
        'The model answers differently to the same image',
        'Export it for inference, without dropout.',
      );
    }
    return { secondsPerImage };
  } finally {
    await session.release();
  }
}
