import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BLOCKED_PROBE, blockedLayoutProbe, blockSizeOf } from '../../core/graph/onnx/blockedLayout.ts';
import { elementCount } from '../../core/graph/shape.ts';
import { sessionOptions } from './session.ts';

let found: Promise<number | undefined> | undefined;

/**
 * How many channels onnxruntime's CPU kernels hold in a block on this machine: 16 with AVX-512, 8 with AVX2;
 * undefined where they have no blocked layout. Asked once a process. For `OnnxOptions.blockedChannels`.
 */
export function blockedChannels(): Promise<number | undefined> {
  found ??= probe();
  return found;
}

async function probe(): Promise<number | undefined> {
  const { input, output, shape } = BLOCKED_PROBE;
  try {
    const session = await InferenceSession.create(blockedLayoutProbe(), sessionOptions('cpu'));
    const values = Float32Array.from({ length: elementCount(shape) }, (_, n) => n);
    const results = await session.run({ [input]: new Tensor('float32', values, [...shape]) });
    await session.release();
    return blockSizeOf(results[output]!.data as Float32Array);
  } catch {
    // An engine without the layout refuses the model: it trains in the common one.
    return undefined;
  }
}
