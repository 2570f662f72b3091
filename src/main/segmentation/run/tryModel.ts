import { TandemError } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import type { SegmentationSpec } from '../../../core/segmentation/modelSpec.ts';
import { runInThread } from '../../runtime/jobThread.ts';
import { workerUrl } from '../../runtime/workerUrl.ts';

export interface TryRequest {
  readonly onnx: Uint8Array;
  readonly spec: SegmentationSpec;
  readonly input: string;
  readonly path: string;
}

export interface TryResult {
  readonly secondsPerImage: number;
}

/** What a model takes longer for than this, on one image, is nothing to segment a series with. */
const MOST_SECONDS = 120;

/**
 * Runs a model from elsewhere in a thread of its own, for a bounded time, and looks at what it answers (see
 * `tryHere`). Throws `bad-model`, `out-of-memory`, `cancelled`.
 */
export async function tryModel(
  onnx: Uint8Array,
  spec: SegmentationSpec,
  input: string,
  path: string,
  job: JobContext,
): Promise<TryResult> {
  const late = AbortSignal.timeout(3 * MOST_SECONDS * 1000);
  const signal = AbortSignal.any([job.signal, late]);
  const entry = workerUrl('tryModelWorker', import.meta.url);
  try {
    return await runInThread<TryRequest, TryResult>(
      entry,
      { onnx, spec, input, path },
      { ...job, signal },
      'leave',
    );
  } catch (error) {
    if (!late.aborted || job.signal.aborted) throw error;
    throw new TandemError('bad-model', `The model takes more than ${MOST_SECONDS} s for one image`, {
      path,
      hint: 'Choose a smaller canvas or a smaller network.',
    });
  }
}
