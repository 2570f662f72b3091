import { conv2d, type Graph, type Initializer, type Tensor, ZEROS } from '../../graph/index.ts';
import { fanInUniform } from './fanInUniform.ts';

export interface ConvLayerOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly dilation?: number;
  /** Zeros on all four sides; where absent as many as keep the size (odd kernels). */
  readonly padding?: number;
  readonly initializer?: Initializer;
  readonly bias?: boolean;
}

/**
 * A convolution, with bias unless told otherwise, that keeps the size of the image where neither stride nor
 * padding is given: [N, C, H, W] → [N, channels, H, W]. Parameters `<name>.weight` [channels, C, kernel,
 * kernel] and `<name>.bias`.
 */
export function convLayer(graph: Graph, name: string, x: Tensor, options: ConvLayerOptions): Tensor {
  const { channels, kernel, stride = 1, dilation = 1, bias = true } = options;
  const inputs = x.shape[1] ?? 0;
  const shape = [channels, inputs, kernel, kernel];
  // torch's default: with He's wider one, residual blocks double the variance, and training starts far off.
  const initializer = options.initializer ?? fanInUniform(inputs * kernel ** 2);
  return graph.scope(name, () =>
    conv2d(x, graph.parameter('weight', shape, initializer), {
      bias: bias ? graph.parameter('bias', [channels], ZEROS) : undefined,
      stride,
      dilation,
      padding: options.padding ?? (dilation * (kernel - 1)) / 2,
    }),
  );
}
