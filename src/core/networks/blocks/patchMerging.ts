import { type Graph, reshape, slice, type Tensor, transpose } from '../../graph/index.ts';
import { layerNormLayer } from './layerNorm.ts';
import { linearLayer } from './linear.ts';

/**
 * Four tokens become one (Swin Transformer, Liu et al. 2021, section 3.1; `PatchMerging2D` of VM-UNet):
 * [B, h, w, C] → [B, ⌊h/2⌋, ⌊w/2⌋, channels]. The channels of a square stand in the order above left, below
 * left, above right, below right; then layer norm `<name>.norm` over 4C and the linear layer
 * `<name>.reduction` without bias. An odd last row or column is left out.
 */
export function patchMerging(
  graph: Graph,
  name: string,
  x: Tensor,
  { channels }: { readonly channels: number },
): Tensor {
  const [batch, h, w, c] = x.shape as [number, number, number, number];
  const [rows, columns] = [Math.floor(h / 2), Math.floor(w / 2)];
  const even = slice(x, [0, 0, 0, 0], [batch, rows * 2, columns * 2, c]);
  const squares = transpose(reshape(even, [batch, rows, 2, columns, 2, c]), [0, 1, 3, 4, 2, 5]);
  return graph.scope(name, () =>
    linearLayer(
      graph,
      'reduction',
      layerNormLayer(graph, 'norm', reshape(squares, [batch, rows, columns, 4 * c])),
      { features: channels, bias: false },
    ),
  );
}

/**
 * One token becomes a square of p×p (`PatchExpand2D` of VM-UNet, p = 2): [B, h, w, C] → [B, h·p, w·p,
 * channels]. The linear layer `<name>.expand` to p²·channels without bias, then layer norm `<name>.norm`.
 */
export function patchExpansion(
  graph: Graph,
  name: string,
  x: Tensor,
  { channels, patch = 2 }: { readonly channels: number; readonly patch?: number },
): Tensor {
  const [batch, h, w] = x.shape as [number, number, number, number];
  return graph.scope(name, () => {
    const wide = linearLayer(graph, 'expand', x, { features: patch * patch * channels, bias: false });
    const squares = transpose(reshape(wide, [batch, h, w, patch, patch, channels]), [0, 1, 3, 2, 4, 5]);
    return layerNormLayer(graph, 'norm', reshape(squares, [batch, h * patch, w * patch, channels]));
  });
}

/** The expansion from tokens to pixels at the end of VM-UNet (`Final_PatchExpand2D`): the same with the side of a patch. */
export function finalPatchExpansion(
  graph: Graph,
  name: string,
  x: Tensor,
  options: { readonly channels: number; readonly patch: number },
): Tensor {
  return patchExpansion(graph, name, x, options);
}
