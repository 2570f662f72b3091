import type { DataElement, DataSet } from './dataSet.ts';

/** Values of elements that are about to be written, as numbers and items. */

/** Items of a sequence; none where it is absent or no sequence. */
export function itemsOf(dataSet: DataSet, tag: number): readonly DataSet[] {
  const value = dataSet.find((element) => element.tag === tag)?.value;
  return value === undefined || value instanceof Uint8Array ? [] : value;
}

/** The first item of a sequence; empty where there is none: functional groups have one item each. */
export function itemOf(dataSet: DataSet, tag: number): DataSet {
  return itemsOf(dataSet, tag)[0] ?? [];
}

/** Values of an FD that are finite numbers. */
export function doublesOf(dataSet: DataSet, tag: number): number[] {
  return binary(dataSet, tag, 8, (view, at) => view.getFloat64(at, true)).filter(Number.isFinite);
}

/** Values of a US. */
export function shortsOf(dataSet: DataSet, tag: number): number[] {
  return binary(dataSet, tag, 2, (view, at) => view.getUint16(at, true));
}

function binary(dataSet: DataSet, tag: number, width: number, get: (view: DataView, at: number) => number) {
  const value = dataSet.find((element) => element.tag === tag)?.value;
  if (!(value instanceof Uint8Array)) return [];
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: Math.floor(value.length / width) }, (_, n) => get(view, n * width));
}

/** Elements with bytes of their own: those read from a file keep all that was read of it in memory. */
export function detached(dataSet: DataSet): DataSet {
  return dataSet.map(
    (element): DataElement => ({
      ...element,
      value: element.value instanceof Uint8Array ? element.value.slice() : element.value.map(detached),
    }),
  );
}
