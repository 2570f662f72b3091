import { deflateRawSync } from 'node:zlib';
import { TAG } from '../../src/core/dicom/tags.ts';
import {
  DEFLATED_LITTLE_ENDIAN,
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from '../../src/core/dicom/transferSyntax.ts';
import type { Vec3 } from '../../src/core/volume/vec.ts';

/**
 * Writes DICOM files byte by byte, right ones and wrong ones: a writer of its own, so that the reader is not
 * tested against itself, and so that a test can say exactly what is wrong with a file.
 */

export interface Element {
  readonly vr: string;
  /** Text, 16-bit numbers (US), doubles (FD), or bytes as they are. */
  readonly value: string | readonly number[] | Uint8Array;
  /** To lie about the length. */
  readonly length?: number;
}

export type Elements = Readonly<Record<number, Element>>;

export interface FileOptions {
  readonly syntax?: string;
  /** `none`: the data set alone, as some archives export it. */
  readonly preamble?: 'full' | 'none';
}

const LONG = new Set(['OB', 'OW', 'OF', 'SQ', 'UN', 'UT', 'UC', 'OV', 'SV', 'UV']);

/** A whole file with the elements in ascending order. */
export function dicomFile(elements: Elements, options: FileOptions = {}): Uint8Array {
  const syntax = options.syntax ?? EXPLICIT_LITTLE_ENDIAN;
  const encoding = {
    explicit: syntax !== IMPLICIT_LITTLE_ENDIAN,
    littleEndian: syntax !== EXPLICIT_BIG_ENDIAN,
  };
  const body = encode(elements, encoding);
  if (options.preamble === 'none') return body;
  const meta = encode(
    { 131074: ui('1.2.840.10008.5.1.4.1.1.4'), [TAG.TransferSyntaxUID]: ui(syntax) },
    { explicit: true, littleEndian: true },
  );
  const prefix = new Uint8Array(132);
  prefix.set(ascii('DICM'), 128);
  return concat([prefix, meta, syntax === DEFLATED_LITTLE_ENDIAN ? deflateRawSync(body) : body]);
}

interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

function encode(elements: Elements, encoding: Encoding): Uint8Array {
  const tags = Object.keys(elements)
    .map(Number)
    .sort((a, b) => a - b);
  return concat(tags.flatMap((tag) => encodeElement(tag, elements[tag]!, encoding)));
}

/** Elements by themselves, explicit little endian: the inside of an item. */
export function elementsOf(elements: Elements): Uint8Array {
  return encode(elements, { explicit: true, littleEndian: true });
}

function encodeElement(tag: number, element: Element, { explicit, littleEndian }: Encoding): Uint8Array[] {
  const value = valueBytes(element, littleEndian);
  const length = element.length ?? value.length;
  const isLong = explicit && LONG.has(element.vr);
  const header = new DataView(new ArrayBuffer(isLong ? 12 : 8));
  header.setUint16(0, tag >>> 16, littleEndian);
  header.setUint16(2, tag & 0xffff, littleEndian);
  if (!explicit) header.setUint32(4, length, littleEndian);
  else {
    header.setUint8(4, element.vr.charCodeAt(0));
    header.setUint8(5, element.vr.charCodeAt(1));
    if (isLong) header.setUint32(8, length, littleEndian);
    else header.setUint16(6, length, littleEndian);
  }
  return [new Uint8Array(header.buffer), value];
}

function valueBytes({ vr, value }: Element, littleEndian: boolean): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') {
    const bytes = ascii(value);
    return bytes.length % 2 === 0 ? bytes : concat([bytes, new Uint8Array([vr === 'UI' ? 0 : 0x20])]);
  }
  const size = vr === 'FD' ? 8 : vr === 'UL' ? 4 : 2;
  const view = new DataView(new ArrayBuffer(value.length * size));
  for (const [n, number] of value.entries()) {
    if (size === 8) view.setFloat64(n * 8, number, littleEndian);
    else if (size === 4) view.setUint32(n * 4, number, littleEndian);
    else view.setUint16(n * 2, number & 0xffff, littleEndian);
  }
  return new Uint8Array(view.buffer);
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export const ui = (value: string): Element => ({ vr: 'UI', value });
export const us = (...value: number[]): Element => ({ vr: 'US', value });
export const cs = (...value: string[]): Element => ({ vr: 'CS', value: value.join('\\') });
export const ds = (...value: number[]): Element => ({ vr: 'DS', value: value.join('\\') });
export const is = (...value: number[]): Element => ({ vr: 'IS', value: value.join('\\') });
export const lo = (value: string): Element => ({ vr: 'LO', value });

export interface SliceOptions {
  readonly studyUid?: string;
  readonly seriesUid?: string;
  readonly seriesNumber?: number;
  readonly instanceNumber?: number;
  readonly sopInstanceUid?: string;
  readonly columns?: number;
  readonly rows?: number;
  /** Between columns and between rows. */
  readonly spacingMm?: readonly [number, number];
  readonly positionLps?: Vec3;
  readonly iAxisLps?: Vec3;
  readonly jAxisLps?: Vec3;
  readonly thicknessMm?: number;
  readonly frameOfReferenceUid?: string;
  readonly description?: string;
  readonly te?: number;
  readonly tr?: number;
  /** Stored values, row-major; the pixel's number where absent. */
  readonly pixels?: readonly number[];
  /** Added to, or instead of, the elements of a plain MR slice; undefined takes one away. */
  readonly extra?: Readonly<Record<number, Element | undefined>>;
}

let counter = 0;

/** Elements of a plain axial MR slice, 16 bits, as a scanner writes them. */
export function mrSlice(options: SliceOptions = {}): Elements {
  const columns = options.columns ?? 4;
  const rows = options.rows ?? 3;
  const [between, down] = options.spacingMm ?? [0.5, 0.5];
  const pixels = options.pixels ?? Array.from({ length: rows * columns }, (_, n) => n);
  const elements: Record<number, Element | undefined> = {
    [TAG.ImageType]: cs('ORIGINAL', 'PRIMARY', 'M'),
    [TAG.SOPClassUID]: ui('1.2.840.10008.5.1.4.1.1.4'),
    [TAG.SOPInstanceUID]: ui(options.sopInstanceUid ?? `1.2.3.9.${++counter}`),
    [TAG.StudyDate]: { vr: 'DA', value: '20260102' },
    [TAG.Modality]: cs('MR'),
    [TAG.SeriesDescription]: lo(options.description ?? 'AX T2'),
    [TAG.PatientName]: { vr: 'PN', value: 'PHANTOM^ONE' },
    [TAG.PatientID]: lo('P1'),
    [TAG.ScanningSequence]: cs('SE'),
    [TAG.SliceThickness]: ds(options.thicknessMm ?? 2),
    [TAG.RepetitionTime]: ds(options.tr ?? 4000),
    [TAG.EchoTime]: ds(options.te ?? 90),
    [TAG.StudyInstanceUID]: ui(options.studyUid ?? '1.2.3.1'),
    [TAG.SeriesInstanceUID]: ui(options.seriesUid ?? '1.2.3.2'),
    [TAG.SeriesNumber]: is(options.seriesNumber ?? 2),
    [TAG.InstanceNumber]: is(options.instanceNumber ?? 1),
    [TAG.ImagePositionPatient]: ds(...(options.positionLps ?? [0, 0, 0])),
    [TAG.ImageOrientationPatient]: ds(...(options.iAxisLps ?? [1, 0, 0]), ...(options.jAxisLps ?? [0, 1, 0])),
    [TAG.FrameOfReferenceUID]: ui(options.frameOfReferenceUid ?? '1.2.3.3'),
    [TAG.SamplesPerPixel]: us(1),
    [TAG.PhotometricInterpretation]: cs('MONOCHROME2'),
    [TAG.Rows]: us(rows),
    [TAG.Columns]: us(columns),
    [TAG.PixelSpacing]: ds(down, between),
    [TAG.BitsAllocated]: us(16),
    [TAG.BitsStored]: us(16),
    [TAG.HighBit]: us(15),
    [TAG.PixelRepresentation]: us(0),
    [TAG.PixelData]: { vr: 'OW', value: pixels },
    ...options.extra,
  };
  const present = Object.entries(elements).filter(([, element]) => element !== undefined);
  return Object.fromEntries(present) as Elements;
}

/** Slices along z at the given positions, numbered in that order. */
export function mrSeries(positionsMm: readonly number[], options: SliceOptions = {}): Elements[] {
  return positionsMm.map((z, n) => mrSlice({ ...options, positionLps: [0, 0, z], instanceNumber: n + 1 }));
}
