import {
  conv2d,
  type Graph,
  type Initializer,
  kaimingNormal,
  type Tensor,
  ZEROS,
} from '../../graph/index.ts';

/**
 * A convolution with bias that keeps the size of the image (odd kernel, zeros around it): [N, C, H, W] →
 * [N, channels, H, W]. Parameters `<name>.weight` [channels, C, kernel, kernel] and `<name>.bias`.
 */
export function convLayer(
  graph: Graph,
  name: string,
  x: Tensor,
  options: { readonly channels: number; readonly kernel: number; readonly initializer?: Initializer },
): Tensor {
  const { channels, kernel } = options;
  const shape = [channels, x.shape[1] ?? 0, kernel, kernel];
  return graph.scope(name, () =>
    conv2d(x, graph.parameter('weight', shape, options.initializer ?? kaimingNormal(shape)), {
      bias: graph.parameter('bias', [channels], ZEROS),
      padding: (kernel - 1) / 2,
    }),
  );
}
