import { ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { reshape, transpose } from './shapes.ts';

/** Windows of a map, channels last: Liu et al., "Swin transformer", ICCV 2021, section 3.2. */

/**
 * x [N, H, W, C] cut into windows of `rows` × `columns`, row by row: [N · H/rows · W/columns, rows, columns, C].
 * Throws `bad-model` where they do not fill the map.
 */
export function windowPartition(x: Tensor, [rows, columns]: readonly [number, number]): Tensor {
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  x.graph.checked('windowPartition', [x], () => {
    if (x.shape.length !== 4 || height % rows !== 0 || width % columns !== 0) {
      throw new ShapeError(`windows of ${rows} × ${columns} do not fill a map [N, H, W, C]`);
    }
  });
  const down = height / rows;
  const across = width / columns;
  const cut = transpose(reshape(x, [images * down, rows, across, columns * channels]), [0, 2, 1, 3]);
  return reshape(cut, [images * down * across, rows, columns, channels]);
}

/**
 * Windows [N · H/rows · W/columns, rows, columns, C] back to the map [N, H, W, C]: `windowPartition` undone.
 * Throws `bad-model` where they do not make whole maps.
 */
export function windowMerge(windows: Tensor, [height, width]: readonly [number, number]): Tensor {
  const [count, rows, columns, channels] = windows.shape as [number, number, number, number];
  const down = height / rows;
  const across = width / columns;
  const images = count / (down * across);
  windows.graph.checked('windowMerge', [windows], () => {
    if (windows.shape.length !== 4 || ![down, across, images].every(Number.isInteger)) {
      throw new ShapeError(`they do not make maps of ${height} × ${width}`);
    }
  });
  const joined = transpose(reshape(windows, [images * down, across, rows, columns * channels]), [0, 2, 1, 3]);
  return reshape(joined, [images, height, width, channels]);
}
