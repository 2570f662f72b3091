import { conv2d, type Graph, pixelShuffle, type Tensor, ZEROS } from '../../graph/index.ts';

/**
 * The upsampling layer of GLMamba and Deform-Mamba: a convolution 3×3 1 → s² and a pixel shuffle by s.
 * [N, 1, h, w] → [N, 1, s·h, s·w]. It starts as nearest-neighbour interpolation: centre taps 1, all else 0.
 * Parameters `<name>.weight` [s², 1, 3, 3] and `<name>.bias`.
 */
export function subPixelUpsampling(graph: Graph, name: string, x: Tensor, scale: 2 | 4): Tensor {
  const outputs = scale * scale;
  return graph.scope(name, () => {
    const centre = { kind: 'function', value: (index: number) => (index % 9 === 4 ? 1 : 0) } as const;
    const weight = graph.parameter('weight', [outputs, 1, 3, 3], centre);
    const bias = graph.parameter('bias', [outputs], ZEROS);
    return pixelShuffle(conv2d(x, weight, { bias, padding: 1 }), scale);
  });
}
