import { ShapeError, sameShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/**
 * Throws `bad-model`, naming the loss and the place, unless a and b have one shape: broadcast together, [N, 1, H, W]
 * and [N, H, W] would be compared image by other image.
 */
export function fitOneShape(loss: string, a: Tensor, b: Tensor): void {
  a.graph.checked(loss, [a, b], () => {
    if (!sameShape(a.shape, b.shape)) throw new ShapeError('it takes two tensors of one shape');
  });
}
