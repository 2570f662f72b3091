import { TandemError } from '../errors.ts';
import type { SliceStack } from './sliceStack.ts';

/**
 * Every slice cropped at its high end so that rows and columns are multiples of `multiple`; pixel (0, 0),
 * and so every position, stays.
 *
 * @throws TandemError `bad-geometry` where nothing would be left.
 */
export function cropToMultiple(stack: SliceStack, multiple: number): SliceStack {
  const rows = stack.rows - (stack.rows % multiple);
  const columns = stack.columns - (stack.columns % multiple);
  if (rows === 0 || columns === 0) {
    throw new TandemError('bad-geometry', `Slices of ${stack.columns} × ${stack.rows} pixels are too small`, {
      hint: `At least ${multiple} × ${multiple} are needed.`,
    });
  }
  const slices = stack.slices.map((slice) => {
    const pixels = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const start = row * stack.columns;
      pixels.set(slice.pixels.subarray(start, start + columns), row * columns);
    }
    return { ...slice, pixels };
  });
  return { ...stack, rows, columns, slices };
}
