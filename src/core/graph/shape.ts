/** Sizes from the slowest axis to the fastest; [] is a scalar. */
export type Shape = readonly number[];

export type DataType = 'float32' | 'int64' | 'bool';

export interface TensorType {
  readonly dataType: DataType;
  readonly shape: Shape;
}

/** What a shape rule throws; the graph adds the operator, the shapes and the place in the network. */
export class ShapeError extends Error {}

export function float32(shape: Shape): TensorType {
  return { dataType: 'float32', shape };
}

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Elements to step over for one step along each axis. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** numpy's rule: shapes are aligned at their last axis, sizes are equal or 1. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new ShapeError(`${formatShape(a)} and ${formatShape(b)} do not broadcast together`);
    }
    return sizeA === 1 ? sizeB : sizeA;
  });
}

/** The axis counted from the front, for one counted from either end (−1 is the last). */
export function normalizeAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    throw new ShapeError(`there is no axis ${axis} in a tensor of rank ${rank}`);
  }
  return positive;
}
