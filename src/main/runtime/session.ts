import { InferenceSession, Tensor } from 'onnxruntime-node';
import { TandemError } from '../../core/errors.ts';
import type { DeviceKind } from './devices.ts';

/**
 * Settings of every session: one thread, sequential, everything pinned, because bits change with the
 * optimisation level and the number of threads. `layout` and above let convolutions run on blocked
 * channels, a quarter faster; the memory pattern plans all tensors beside the arena's own, 1.6 times the
 * memory for nothing.
 *
 * @param fallBack whether the CPU may run what the device cannot; where not, onnxruntime refuses such a model
 */
export function sessionOptions(device: DeviceKind, fallBack = true): InferenceSession.SessionOptions {
  return {
    executionProviders: device !== 'cpu' && fallBack ? [device, 'cpu'] : [device],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    enableCpuMemArena: true,
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        ...(device !== 'cpu' && !fallBack && { disable_cpu_ep_fallback: '1' }),
      },
    },
  };
}

/** Images of one size, by the names of a model's inputs. */
export type ImageInputs = Readonly<Record<string, Float32Array>>;

/** A model of one image size, ready to run: images in, one image out. */
export interface ImageSession {
  /** The image of the model's first output. Throws `out-of-memory` or `failed`. */
  run(inputs: ImageInputs): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Opens an ONNX model whose inputs are float32 images of known shapes, each row by row; a size that the model
 * leaves open, such as the number of images, is 1.
 * Throws `bad-model` where onnxruntime refuses it.
 */
export async function openImageSession(onnx: Uint8Array, device: DeviceKind): Promise<ImageSession> {
  const session = await openSession(onnx, sessionOptions(device));
  const output = session.outputNames[0] ?? '';
  const inputShapes = session.inputMetadata.map((input) => {
    const shape = input.isTensor
      ? input.shape.map((size) => (typeof size === 'number' && size > 0 ? size : 1))
      : [];
    return [input.name, shape] as const;
  });
  return {
    async run(inputs) {
      const feeds: Record<string, Tensor> = {};
      for (const [name, shape] of inputShapes) {
        const image = inputs[name];
        if (image === undefined) throw new TandemError('bad-model', `The model wants an input ${name}`);
        feeds[name] = new Tensor('float32', image, shape);
      }
      try {
        const results = await session.run(feeds, [output]);
        return (await results[output]!.getData()) as Float32Array;
      } catch (error) {
        throw runError(error);
      }
    },
    release: () => session.release(),
  };
}

/** Opens an ONNX model. Throws `bad-model` with onnxruntime's reason where it refuses it. */
export async function openSession(
  onnx: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(onnx, options);
  } catch (error) {
    throw new TandemError('bad-model', `onnxruntime refuses the model: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** What a run failed of: `out-of-memory` where onnxruntime speaks of memory, else `failed`. */
export function runError(error: unknown): TandemError {
  const message = messageOf(error);
  const code = /alloc|memory/i.test(message) ? 'out-of-memory' : 'failed';
  return new TandemError(code, `The network could not be run: ${message}`, {
    cause: error,
    hint:
      code === 'out-of-memory'
        ? 'Close other programs, or set TANDEM_MEMORY_MB to what may be used.'
        : undefined,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
