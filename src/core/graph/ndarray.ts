import { elementCount, type Shape, stridesOf } from './shape.ts';

/** A float64 array with a shape: what the operators' reference implementations compute with. */
export interface NdArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** Zeros of `shape`, or a copy of `data` row by row. Throws `RangeError` where it does not fill the shape. */
export function ndarray(shape: Shape, data?: ArrayLike<number>): NdArray {
  const array = { shape, data: new Float64Array(elementCount(shape)) };
  if (data !== undefined) {
    if (data.length !== array.data.length) {
      throw new RangeError(`${data.length} values do not fill a shape of ${array.data.length}`);
    }
    array.data.set(data);
  }
  return array;
}

/** Fills an array of `shape` with `value(index)`; the index is reused between calls. */
export function fromFunction(shape: Shape, value: (index: readonly number[]) => number): NdArray {
  const array = ndarray(shape);
  const index = new Array<number>(shape.length).fill(0);
  for (let n = 0; n < array.data.length; n++) {
    array.data[n] = value(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = index[axis]! + 1;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return array;
}

/** Element at an index; axes of size 1 are broadcast, leading axes may be missing in the array. */
export function at(array: NdArray, index: readonly number[]): number {
  const strides = stridesOf(array.shape);
  const skipped = index.length - array.shape.length;
  let offset = 0;
  for (let axis = 0; axis < array.shape.length; axis++) {
    if (array.shape[axis] !== 1) offset += index[axis + skipped]! * strides[axis]!;
  }
  return array.data[offset]!;
}
