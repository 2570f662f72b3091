import { type Shape, ShapeError } from '../../shape.ts';
import { checkSteps } from '../conv2d.ts';

/** Where the taps of a deformable convolution lie before they are moved. */
export interface DeformGeometry {
  /** Along rows and columns. */
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Zeros above, left, below and right. */
  readonly padding: readonly [number, number, number, number];
}

/** The sizes of one call, all read from its shapes: x [N, C, H, W] → y [N, O, I, J] by w [O, C, P, Q]. */
export interface DeformSizes extends DeformGeometry {
  readonly images: number;
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  readonly outChannels: number;
  readonly kernelRows: number;
  readonly kernelColumns: number;
  readonly taps: number;
  readonly outRows: number;
  readonly outColumns: number;
  /** Positions of one output image, I · J. */
  readonly positions: number;
  /** Rows and columns of an image with BORDER zeros on each side. */
  readonly paddedRows: number;
  readonly paddedColumns: number;
  readonly paddedPositions: number;
}

/**
 * Zeros around the image, in which samples outside of it end up: a sample at row −1 ≤ y < 0 or H − 1 ≤ y < H
 * has one corner there, one further away has both, whose rows are then −2 and −1 or H and H + 1.
 */
export const BORDER = 2;

/** Row numbers are float32 until they index: whole up to here. */
const LARGEST_INDEX = 2 ** 24;

/** Throws `ShapeError` where x, offset, mask and w do not fit together. */
export function deformSizes(inputs: readonly Shape[], geometry: DeformGeometry): DeformSizes {
  const [x, offset, mask, w] = inputs as readonly [Shape, Shape, Shape, Shape];
  if (inputs.slice(0, 4).some((shape) => shape.length !== 4)) {
    throw new ShapeError(
      'it takes x [N, C, H, W], offset [N, 2·P·Q, I, J], mask [N, P·Q, I, J] and w [O, C, P, Q]',
    );
  }
  const { stride, dilation, padding } = geometry;
  checkSteps([...stride, ...dilation], padding);
  const [images, channels, rows, columns] = x as readonly [number, number, number, number];
  const [outChannels, kernelChannels, kernelRows, kernelColumns] = w as readonly [
    number,
    number,
    number,
    number,
  ];
  if (kernelChannels !== channels)
    throw new ShapeError(`x has ${channels} channels, w takes ${kernelChannels}`);
  const length = (axis: 0 | 1, size: number, kernel: number) =>
    Math.floor(
      (size + padding[axis] + padding[axis + 2]! - dilation[axis] * (kernel - 1) - 1) / stride[axis],
    ) + 1;
  const outRows = length(0, rows, kernelRows);
  const outColumns = length(1, columns, kernelColumns);
  if (outRows < 1 || outColumns < 1) throw new ShapeError('the kernel is larger than the padded image');

  const taps = kernelRows * kernelColumns;
  const expect = (name: string, shape: Shape, channelsOf: number) => {
    const expected = [images, channelsOf, outRows, outColumns];
    if (expected.some((size, axis) => shape[axis] !== size)) {
      throw new ShapeError(`${name} has to be [${expected.join(', ')}]`);
    }
  };
  expect('offset', offset, 2 * taps);
  expect('mask', mask, taps);

  const paddedRows = rows + 2 * BORDER;
  const paddedColumns = columns + 2 * BORDER;
  const paddedPositions = paddedRows * paddedColumns;
  if (images * paddedPositions > LARGEST_INDEX) {
    throw new ShapeError(`the images have more than ${LARGEST_INDEX} pixels together`);
  }
  return {
    ...geometry,
    images,
    channels,
    rows,
    columns,
    outChannels,
    kernelRows,
    kernelColumns,
    taps,
    outRows,
    outColumns,
    positions: outRows * outColumns,
    paddedRows,
    paddedColumns,
    paddedPositions,
  };
}

/** The row (axis 0) or column (axis 1) of tap k, in an image with its border, of the output position 0. */
export function tapStart(sizes: DeformSizes, tap: number, axis: 0 | 1): number {
  const along = axis === 0 ? Math.floor(tap / sizes.kernelColumns) : tap % sizes.kernelColumns;
  return along * sizes.dilation[axis] - sizes.padding[axis] + BORDER;
}
