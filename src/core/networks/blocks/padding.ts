import { concat, expand, slice, type Tensor } from '../../graph/index.ts';

/**
 * The image with its last row and column repeated until its sizes are multiples: [N, C, H, W] →
 * [N, C, ⌈H/m⌉·m, ⌈W/m⌉·m]. Repeated and not zero: an edge of the image must not look like one of the head.
 */
export function padToMultiple(x: Tensor, multiple: number): Tensor {
  return padAxis(padAxis(x, 2, multiple), 3, multiple);
}

function padAxis(x: Tensor, axis: 2 | 3, multiple: number): Tensor {
  const size = x.shape[axis]!;
  const more = (multiple - (size % multiple)) % multiple;
  if (more === 0) return x;
  const last = slice(
    x,
    x.shape.map((_, n) => (n === axis ? size - 1 : 0)),
    x.shape.with(axis, 1),
  );
  return concat([x, expand(last, x.shape.with(axis, more))], axis);
}

/** The first rows and columns: [N, C, ≥ rows, ≥ columns] → [N, C, rows, columns]. */
export function cropTo(x: Tensor, rows: number, columns: number): Tensor {
  return slice(x, [0, 0, 0, 0], [x.shape[0]!, x.shape[1]!, rows, columns]);
}
