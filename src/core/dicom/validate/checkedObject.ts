import { C } from '../derived/companionTags.ts';
import type { DataElement, DataSet } from '../derived/dataSet.ts';
import type { AttributeDictionary } from '../derived/dictionary.ts';

/** File meta information as it is written (PS3.10, section 7.1). */
export interface CheckedMeta {
  readonly dataSet: DataSet;
  /** Bytes of group 2 after its group length. */
  readonly groupBytes: number;
}

/** The pixels of an object: where they are and how many, not what they are. */
export interface CheckedPixels {
  readonly tag: number;
  readonly vr: string | undefined;
  /** Of the value, as its header says. */
  readonly bytes: number;
  /** What is left of the file, or of the inflated data set, from the first of them. */
  readonly available: number;
  readonly encapsulated: boolean;
}

/** A DICOM file as it is checked: everything but its pixels. */
export interface CheckedObject {
  readonly file: string;
  /** Undefined where the file has no prefix or no file meta information. */
  readonly meta: CheckedMeta | undefined;
  /** Values little endian, private elements among them, nothing of the pixel group. */
  readonly dataSet: DataSet;
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  readonly pixels: CheckedPixels | undefined;
}

/** What checks are given beside the object. */
export interface CheckSettings {
  readonly dictionary: AttributeDictionary;
}

export function elementOf(dataSet: DataSet, tag: number): DataElement | undefined {
  return dataSet.find((element) => element.tag === tag);
}

/** Values of a text element, trimmed; none where it is absent or empty. */
export function stringsOf(dataSet: DataSet, tag: number): string[] {
  const value = elementOf(dataSet, tag)?.value;
  return value instanceof Uint8Array ? splitText(value) : [];
}

/** The first of `stringsOf`; '' where there is none. */
export function stringOf(dataSet: DataSet, tag: number): string {
  return stringsOf(dataSet, tag)[0] ?? '';
}

/** Values of a DS or IS; empty where absent or where one is no number. */
export function numbersOf(dataSet: DataSet, tag: number): number[] {
  const texts = stringsOf(dataSet, tag);
  const numbers = texts.map((text) => (text === '' ? Number.NaN : Number(text)));
  return numbers.every(Number.isFinite) ? numbers : [];
}

/** Values of a US. */
export function shortsOf(dataSet: DataSet, tag: number): number[] {
  return binaryOf(dataSet, tag, 2, (view, at) => view.getUint16(at, true));
}

/** Values of a UL. */
export function longsOf(dataSet: DataSet, tag: number): number[] {
  return binaryOf(dataSet, tag, 4, (view, at) => view.getUint32(at, true));
}

/** Items of a sequence; none where it is absent or no sequence. */
export function itemsOf(dataSet: DataSet, tag: number): readonly DataSet[] {
  const value = elementOf(dataSet, tag)?.value;
  return value === undefined || value instanceof Uint8Array ? [] : value;
}

/** What an object is, in the UIDs and names that checks compare. */
export function isDeidentified({ dataSet }: CheckedObject): boolean {
  return stringOf(dataSet, 0x00120062) === 'YES';
}

/** Whether an object was derived by this program: then its marks are asked for, and its order is strict. */
export function isOurs({ dataSet }: CheckedObject): boolean {
  const imageType = stringOf(dataSet, C.ImageType);
  return stringOf(dataSet, C.Manufacturer) === 'Tandem MR' && (imageType === '' || imageType === 'DERIVED');
}

/** `Image Position Patient`, from the keyword; the bare tag where it has none. */
export function nameOf(tag: number, dictionary: AttributeDictionary): string {
  const keyword = dictionary(tag)?.keyword;
  if (keyword === undefined) return (tag >>> 16) % 2 === 1 ? 'A private attribute' : 'An attribute';
  return keyword.replaceAll(/([a-z\d])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3 $2$4');
}

function splitText(value: Uint8Array): string[] {
  if (value.length > 65_536) return [];
  const text = String.fromCharCode(...value.subarray(0, 32_768)).replace(/[\0 ]+$/, '');
  return text === '' ? [] : text.split('\\').map((one) => one.replaceAll(/^[\0 ]+|[\0 ]+$/g, ''));
}

function binaryOf(
  dataSet: DataSet,
  tag: number,
  width: number,
  get: (view: DataView, at: number) => number,
): number[] {
  const value = elementOf(dataSet, tag)?.value;
  if (!(value instanceof Uint8Array) || value.length % width !== 0 || value.length > 65_536) return [];
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: value.length / width }, (_, n) => get(view, n * width));
}
