import { isAscii } from '../encodeText.ts';

/**
 * A data set to be written: elements with their bytes as they will stand in the file (explicit VR little
 * endian). Values copied from a source stay the bytes they were, so that text keeps its character set and
 * no value is too long to be kept.
 */
export interface DataElement {
  readonly tag: number;
  /** Two letters; `SQ` exactly where the value is a list of items. */
  readonly vr: string;
  readonly value: Uint8Array | readonly DataSet[];
  /**
   * Text that ASCII cannot say, until it is known which character set the whole data set is written in
   * (`inOneCharacterSet`); `value` has question marks in its place.
   */
  readonly unicode?: string | undefined;
}

export type DataSet = readonly DataElement[];

/** Elements from several parts as one data set in ascending order of tags; of a tag given twice the later one counts. */
export function mergeDataSets(...parts: readonly DataSet[]): DataSet {
  const byTag = new Map<number, DataElement>();
  for (const part of parts) for (const element of part) byTag.set(element.tag, element);
  return [...byTag.values()].sort((a, b) => a.tag - b.tag);
}

/**
 * Text values, joined with backslashes. ASCII means the same in every character set that the source may have;
 * anything else gets its bytes when the data set is written.
 */
export function text(tag: number, vr: string, ...values: readonly string[]): DataElement {
  const joined = values.join('\\');
  const value = Uint8Array.from(joined, (c) => (c.charCodeAt(0) < 128 ? c.charCodeAt(0) : 0x3f));
  return isAscii(joined) ? { tag, vr, value } : { tag, vr, value, unicode: joined };
}

/** Words that somebody typed as one value: without control characters, and without what would end the value. */
export function oneValue(words: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
  return words.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').replaceAll('\\', '/');
}

/** Numbers as decimal strings (DS), each as exact as its 16 characters allow. */
export function decimals(tag: number, ...values: readonly number[]): DataElement {
  return text(tag, 'DS', ...values.map(formatDecimal));
}

export function integers(tag: number, ...values: readonly number[]): DataElement {
  return text(tag, 'IS', ...values.map((value) => String(Math.trunc(value))));
}

/** Binary numbers of 16 bits: US, or SS where `signed`. */
export function shorts(tag: number, values: readonly number[], signed = false): DataElement {
  const value = new Uint8Array(values.length * 2);
  const view = new DataView(value.buffer);
  values.forEach((number, n) => {
    if (signed) view.setInt16(2 * n, number, true);
    else view.setUint16(2 * n, number, true);
  });
  return { tag, vr: signed ? 'SS' : 'US', value };
}

/** Binary numbers of 32 bits without sign (UL). */
export function longs(tag: number, ...values: readonly number[]): DataElement {
  return packed(tag, 'UL', 4, values, (view, at, value) => view.setUint32(at, value, true));
}

/** Binary numbers of 64 bits (FD): exact. */
export function doubles(tag: number, ...values: readonly number[]): DataElement {
  return packed(tag, 'FD', 8, values, (view, at, value) => view.setFloat64(at, value, true));
}

/** Tags as values (AT): what a dimension index points to. */
export function pointers(tag: number, ...values: readonly number[]): DataElement {
  return packed(tag, 'AT', 4, values, (view, at, value) => {
    view.setUint16(at, value >>> 16, true);
    view.setUint16(at + 2, value & 0xffff, true);
  });
}

function packed(
  tag: number,
  vr: string,
  width: number,
  values: readonly number[],
  set: (view: DataView, at: number, value: number) => void,
): DataElement {
  const value = new Uint8Array(values.length * width);
  const view = new DataView(value.buffer);
  values.forEach((number, n) => {
    set(view, n * width, number);
  });
  return { tag, vr, value };
}

export function sequence(tag: number, ...items: readonly DataSet[]): DataElement {
  return { tag, vr: 'SQ', value: items.map((item) => mergeDataSets(item)) };
}

/** The number in at most 16 characters (DS, PS3.5 section 6.2), with as many digits as fit. */
export function formatDecimal(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be written as a decimal string.`);
  if (Object.is(value, -0)) return '0';
  for (let digits = 17; digits > 0; digits--) {
    const plain = String(Number(value.toPrecision(digits)));
    if (plain.length <= 16) return plain;
  }
  return '0';
}
