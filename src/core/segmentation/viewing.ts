import type { PlaneGrid } from '../volume/canvas.ts';
import { anatomicalAxes } from '../volume/grid.ts';
import { type SliceStack, slicePositionsMm, sliceSpacingMm, stackNormal } from '../volume/sliceStack.ts';

type Axis = 0 | 1 | 2;

/**
 * How a network looks at a stack: along which of its axes (0 columns, 1 rows, 2 slices) the images follow each
 * other, and which of the others are their columns and rows, so that images of the head lie as those that it was
 * trained on, however they are stored.
 */
export interface View {
  readonly axes: { readonly column: Axis; readonly row: Axis; readonly image: Axis };
  /** Whether the column and the row index run against the stack's. */
  readonly reversed: { readonly column: boolean; readonly row: boolean };
  /** Of the images. */
  readonly grid: PlaneGrid;
  readonly images: number;
  /** Whether images are axial; where not, the network sees what it was not trained on. */
  readonly axial: boolean;
}

/** Images across acquired slices are looked at where these are no thicker than this. */
const THIN_MM = 2;
/** Steps between slices that differ by more than this share are uneven. */
const EVEN = 0.05;

/**
 * Axial images with the patient's right at the last column and the front at the last row: those acquired, or, of
 * thin even slices of another plane, those across them. Thick ones of another plane as they are, the head up at
 * the last row. No pixel is resampled.
 */
export function viewOf(stack: SliceStack): View {
  const normal = stackNormal(stack);
  const axes = [stack.iAxisLps, stack.jAxisLps, normal] as const;
  const [leftRight, frontBack, headFeet] = anatomicalAxes({ axesLps: axes });
  const axial = headFeet === 2 || isThin(stack);
  // In patient coordinates L, P, S: right and front are the negative directions, the head is the positive one.
  const against = (axis: Axis, direction: Axis) => axes[axis][direction] > 0 !== (direction === 2);
  const [column, row, image]: readonly [Axis, Axis, Axis] = axial
    ? [leftRight, frontBack, headFeet]
    : [leftRight === 2 ? frontBack : leftRight, headFeet, 2];
  const size = [stack.columns, stack.rows, stack.slices.length] as const;
  const spacing = [...stack.spacingMm, sliceSpacingMm(stack)] as const;
  return {
    axes: { column, row, image },
    reversed: {
      column: against(column, column === leftRight ? 0 : 1),
      row: against(row, row === frontBack ? 1 : 2),
    },
    grid: { rows: size[row], columns: size[column], spacingMm: [spacing[column], spacing[row]] },
    images: size[image],
    axial,
  };
}

function isThin(stack: SliceStack): boolean {
  const step = sliceSpacingMm(stack);
  const positions = slicePositionsMm(stack);
  const even = positions.slice(1).every((at, n) => Math.abs(at - positions[n]! - step) <= EVEN * step);
  return stack.slices.length > 1 && step <= THIN_MM && even;
}

/** One image of a view, row-major. `slices` are of the stack, in its order. */
export function imageOf(
  slices: readonly Float32Array[],
  stack: Pick<SliceStack, 'columns'>,
  view: View,
  image: number,
): Float32Array {
  const { rows, columns } = view.grid;
  const out = new Float32Array(rows * columns);
  forEachPixel(stack, view, image, (slice, at, pixel) => {
    out[pixel] = slices[slice]![at]!;
  });
  return out;
}

/** Puts the pixels of one image of a view where they belong in the stack's slices. */
export function putImage(
  pixels: ArrayLike<number>,
  slices: readonly { [at: number]: number }[],
  stack: Pick<SliceStack, 'columns'>,
  view: View,
  image: number,
): void {
  forEachPixel(stack, view, image, (slice, at, pixel) => {
    slices[slice]![at] = pixels[pixel]!;
  });
}

function forEachPixel(
  { columns: stackColumns }: Pick<SliceStack, 'columns'>,
  { axes, reversed, grid }: View,
  image: number,
  visit: (slice: number, at: number, pixel: number) => void,
): void {
  const index: [number, number, number] = [0, 0, 0];
  index[axes.image] = image;
  for (let row = 0, pixel = 0; row < grid.rows; row++) {
    index[axes.row] = reversed.row ? grid.rows - 1 - row : row;
    for (let column = 0; column < grid.columns; column++, pixel++) {
      index[axes.column] = reversed.column ? grid.columns - 1 - column : column;
      visit(index[2], index[1] * stackColumns + index[0], pixel);
    }
  }
}
