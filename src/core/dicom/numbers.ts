import type { DataSet } from './dataSet.ts';

/** Bytes of one value, and how it is read. */
const BINARY: Readonly<
  Record<string, readonly [number, (view: DataView, at: number, le: boolean) => number]>
> = {
  US: [2, (view, at, le) => view.getUint16(at, le)],
  SS: [2, (view, at, le) => view.getInt16(at, le)],
  UL: [4, (view, at, le) => view.getUint32(at, le)],
  SL: [4, (view, at, le) => view.getInt32(at, le)],
  FL: [4, (view, at, le) => view.getFloat32(at, le)],
  FD: [8, (view, at, le) => view.getFloat64(at, le)],
};
const MAX_BYTES = 1024;

/**
 * The numbers of an element, whatever it holds them as (US, SS, UL, SL, FL, FD, or DS and IS as text).
 * Undefined where it is absent or where any is not finite.
 *
 * @param vr what it is to be taken for where the file does not say: in an implicit data set, or as UN
 */
export function numbersOf(dataSet: DataSet, tag: number, vr: string): number[] | undefined {
  const place = dataSet.place(tag);
  if (place === undefined || place.length === 0 || place.length > MAX_BYTES) return undefined;
  const written = place.vr !== undefined && place.vr !== 'UN' ? place.vr : vr;
  const binary = BINARY[written];
  if (binary === undefined) return dataSet.decimals(tag);
  const [size, read] = binary;
  if (place.length % size !== 0) return undefined;
  const { bytes } = dataSet;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = place.vr === 'UN' || dataSet.littleEndian;
  const values: number[] = [];
  for (let at = place.offset; at < place.offset + place.length; at += size) {
    values.push(read(view, at, littleEndian));
  }
  return values.every(Number.isFinite) ? values : undefined;
}
