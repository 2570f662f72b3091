import { formatShape, type Shape, ShapeError, type TensorType } from '../../shape.ts';

/** Sizes of a scan, by the names that its papers use. */
export interface ScanSizes {
  /** L, the length of the sequences. */
  readonly tokens: number;
  readonly batch: number;
  /** K, scans that run at once, each with its own A, B and C. */
  readonly directions: number;
  /** N, states of each channel. */
  readonly states: number;
  /** D */
  readonly channels: number;
}

/** How a sequence is cut in time for the way back. */
export interface Chunking {
  /** Tokens of a chunk; divides the length of the sequence. */
  readonly chunk: number;
}

/** The sizes behind x and z, or u and Δ [L, B, K, D], A [K, N, D], B and C [L, B, K, N]. Throws `ShapeError` where they do not fit. */
export function scanSizes(
  [x, delta, a, b, c]: readonly Pick<TensorType, 'shape'>[],
  { chunk }: Chunking,
): ScanSizes {
  const [tokens, batch, directions, channels] = x!.shape;
  const states = a!.shape[1];
  if (x!.shape.length !== 4 || a!.shape.length !== 3) {
    throw new ShapeError('it takes x and Δ [L, B, K, D], A [K, N, D], B and C [L, B, K, N]');
  }
  const need = (name: string, type: Pick<TensorType, 'shape'>, shape: readonly (number | undefined)[]) => {
    if (type.shape.length !== shape.length || type.shape.some((size, axis) => size !== shape[axis])) {
      throw new ShapeError(`${name} needs the shape ${formatShape(shape as Shape)}`);
    }
  };
  need('Δ', delta!, x!.shape);
  need('A', a!, [directions, states, channels]);
  need('B', b!, [tokens, batch, directions, states]);
  need('C', c!, [tokens, batch, directions, states]);
  if (tokens! % chunk !== 0) throw new ShapeError(`chunks of ${chunk} do not divide ${tokens} tokens`);
  return {
    tokens: tokens!,
    batch: batch!,
    directions: directions!,
    states: states!,
    channels: channels!,
  };
}
