import { crc32, inflateRawSync } from 'node:zlib';
import dicomParser, { type DataSet } from 'dicom-parser';

/**
 * A plain second reading of a DICOM file, by dicom-parser and the formulas of the standard, for what the
 * workstation says of a damaged file to be held against. It knows one answer and no warnings.
 */

export interface JudgedImage {
  readonly columns: number;
  readonly rows: number;
  /** Between columns and between rows. */
  readonly spacingMm: readonly number[];
  readonly iAxisLps: readonly number[];
  readonly jAxisLps: readonly number[];
  readonly positionLps: readonly number[];
  /** CRC-32 of the values as 32-bit floats; undefined where the pixels are compressed. */
  readonly pixels: number | undefined;
}

export interface Judgement {
  /** By `keyOf`. */
  readonly images: ReadonlyMap<string, JudgedImage>;
  /**
   * Of all that makes values of the stored bytes: where two files agree in it, so do their values. Undefined
   * where the pixels could not be read.
   */
  readonly pixelKey: string | undefined;
}

/** Names an image in its file. */
export function keyOf(frame: number | undefined, tile?: { row: number; column: number } | undefined): string {
  return `${frame ?? ''}/${tile === undefined ? '' : `${tile.row},${tile.column}`}`;
}

/**
 * Undefined where the second reader cannot read the file. Where only what comes after the header confuses it,
 * nothing is said of the pixels.
 */
export function judge(bytes: Uint8Array): Judgement | undefined {
  for (const untilTag of [undefined, 'x7fe00010']) {
    try {
      const dataSet = dicomParser.parseDicom(bytes, { inflater, ...(untilTag && { untilTag }) });
      return judgeDataSet(dataSet, untilTag === undefined);
    } catch {
      // It reads less, or nothing.
    }
  }
  return undefined;
}

/** dicom-parser wants the whole file back, with the data set inflated in its place. */
function inflater(bytes: Uint8Array, position: number): Uint8Array {
  const body = inflateRawSync(bytes.subarray(position), { maxOutputLength: 256 * 1024 * 1024 });
  return new Uint8Array(Buffer.concat([bytes.subarray(0, position), body]));
}

function judgeDataSet(dataSet: DataSet, hasPixels: boolean): Judgement {
  const format = formatOf(dataSet);
  const groups = dataSet.elements.x52009230?.items;
  const images = new Map<string, JudgedImage>();
  const rescales: string[] = [];
  if (groups !== undefined && groups.length > 0) {
    const shared = dataSet.elements.x52009229?.items?.[0]?.dataSet;
    for (const [frame, { dataSet: own }] of groups.entries()) {
      const layers = [own, shared].filter((layer) => layer !== undefined);
      const find = (macro: string, tag: string): string => {
        for (const layer of layers) {
          const item = layer.elements[macro]?.items?.[0]?.dataSet;
          if (item?.elements[tag] !== undefined) return item.string(tag) ?? '';
        }
        return dataSet.string(tag) ?? '';
      };
      const plane = planeOf(
        find('x00209113', 'x00200032'),
        find('x00209116', 'x00200037'),
        find('x00289110', 'x00280030'),
      );
      const rescale = [find('x00289145', 'x00281053'), find('x00289145', 'x00281052')] as const;
      rescales.push(rescale.join('/'));
      if (plane === undefined) continue;
      const values = hasPixels
        ? valuesOf(dataSet, { ...format, ...rescaleOf(...rescale) }, frame)
        : undefined;
      images.set(keyOf(frame), {
        ...plane,
        columns: format.columns,
        rows: format.rows,
        pixels: values && checksum(values),
      });
    }
  } else {
    const plane = planeOf(
      dataSet.string('x00200032') ?? '',
      dataSet.string('x00200037') ?? '',
      dataSet.string('x00280030') ?? '',
    );
    const rescale = [dataSet.string('x00281053') ?? '', dataSet.string('x00281052') ?? ''] as const;
    const values = hasPixels ? valuesOf(dataSet, { ...format, ...rescaleOf(...rescale) }, 0) : undefined;
    if (plane !== undefined) {
      const tiles = tilesOf(dataSet, format);
      if (tiles === undefined) {
        const { columns, rows } = format;
        images.set(keyOf(undefined), { ...plane, columns, rows, pixels: values && checksum(values) });
      } else for (const tile of tiles) addTile(images, plane, format, tile, values);
    }
  }
  return { images, pixelKey: hasPixels ? pixelKeyOf(dataSet, rescales) : undefined };
}

type Plane = Pick<JudgedImage, 'positionLps' | 'iAxisLps' | 'jAxisLps' | 'spacingMm'>;

/** Image Plane module (PS3.3, C.7.6.2). */
function planeOf(position: string, orientation: string, spacing: string): Plane | undefined {
  const numbers = (text: string): number[] =>
    text.split('\\').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [p, o, s] = [numbers(position), numbers(orientation), numbers(spacing)];
  if (p.length !== 3 || o.length !== 6 || s.length !== 2) return undefined;
  if (![...p, ...o, ...s].every(Number.isFinite)) return undefined;
  return { positionLps: p, iAxisLps: o.slice(0, 3), jAxisLps: o.slice(3), spacingMm: [s[1]!, s[0]!] };
}

interface Format {
  readonly columns: number;
  readonly rows: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly padding: number | undefined;
  readonly paddingLimit: number | undefined;
}

function formatOf(dataSet: DataSet): Format {
  const word = (tag: string): number | undefined => dataSet.uint16(tag);
  const signed = word('x00280103') === 1;
  const bitsStored = word('x00280101') ?? 0;
  const either = (tag: string): number | undefined => {
    if (dataSet.elements[tag]?.length !== 2) return undefined;
    return signed ? dataSet.int16(tag) : dataSet.uint16(tag);
  };
  return {
    columns: word('x00280011') ?? 0,
    rows: word('x00280010') ?? 0,
    bitsAllocated: word('x00280100') ?? 0,
    bitsStored,
    highBit: word('x00280102') ?? bitsStored - 1,
    signed,
    padding: either('x00280120'),
    paddingLimit: either('x00280121'),
  };
}

interface Rescaled extends Format {
  readonly slope: number;
  readonly intercept: number;
}

function rescaleOf(slope: string, intercept: string): { slope: number; intercept: number } {
  return {
    slope: slope === '' ? 1 : Number(slope.split('\\')[0]),
    intercept: intercept === '' ? 0 : Number(intercept.split('\\')[0]),
  };
}

/** Values of a frame stored without compression (PS3.5, 8.1.1; PS3.3, C.7.5.1.1.2 and C.11.1). */
function valuesOf(dataSet: DataSet, format: Rescaled, frame: number): Float32Array | undefined {
  const element = dataSet.elements.x7fe00010;
  if (element === undefined || element.encapsulatedPixelData === true || element.hadUndefinedLength === true)
    return undefined;
  const { columns, rows, bitsAllocated, bitsStored, highBit, signed, slope, intercept } = format;
  const bytes = bitsAllocated / 8;
  const start = element.dataOffset + frame * columns * rows * bytes;
  const source = dataSet.byteArray as Uint8Array;
  if (![1, 2, 4].includes(bytes) || start + columns * rows * bytes > source.length) return undefined;
  const isBig = dataSet.string('x00020010') === '1.2.840.10008.1.2.2';
  const { padding, paddingLimit = padding } = format;
  const out = new Float32Array(columns * rows);
  for (let n = 0; n < out.length; n++) {
    let word = 0;
    for (let byte = 0; byte < bytes; byte++) {
      const at = start + n * bytes + (isBig ? bytes - 1 - byte : byte);
      word += source[at]! * 2 ** (8 * byte);
    }
    let value = Math.floor(word / 2 ** (highBit + 1 - bitsStored)) % 2 ** bitsStored;
    if (signed && value >= 2 ** (bitsStored - 1)) value -= 2 ** bitsStored;
    const isPadding =
      padding !== undefined &&
      value >= Math.min(padding, paddingLimit!) &&
      value <= Math.max(padding, paddingLimit!);
    out[n] = isPadding ? 0 : value * slope + intercept;
  }
  return out;
}

function checksum(values: Float32Array): number {
  return crc32(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function pixelKeyOf(dataSet: DataSet, rescales: readonly string[]): string {
  const element = dataSet.elements.x7fe00010;
  const source = dataSet.byteArray as Uint8Array;
  const raw = element && source.subarray(element.dataOffset, element.dataOffset + element.length);
  const tags = ['x00020010', 'x00280008', 'x00281052', 'x00281053', 'x00280004'];
  return JSON.stringify([
    formatOf(dataSet),
    tags.map((tag) => dataSet.string(tag)),
    rescales,
    raw && crc32(raw),
  ]);
}

interface Tiles {
  readonly count: number;
  readonly stepMm: number;
  readonly normal: readonly number[] | undefined;
}

interface JudgedTile {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** Along row × column. */
  readonly alongMm: number;
}

/** The tiles of a Siemens mosaic, by the CSA header (as nibabel's documentation describes it). */
function tilesOf(dataSet: DataSet, { columns, rows }: Format): JudgedTile[] | undefined {
  if (!/MOSAIC|VFRAME/.test(dataSet.string('x00080008') ?? '')) return undefined;
  const { count, stepMm, normal } = mosaicOf(dataSet);
  const across = Math.ceil(Math.sqrt(count));
  const size = { columns: columns / across, rows: rows / across };
  const [a = [], b = []] = [0, 3].map((from) =>
    (dataSet.string('x00200037') ?? '')
      .split('\\')
      .slice(from, from + 3)
      .map(Number),
  );
  const sign = normal === undefined ? 1 : Math.sign(dot(normal, crossed(a, b)));
  return Array.from({ length: count }, (_, n) => ({
    ...size,
    row: Math.floor(n / across) * size.rows,
    column: (n % across) * size.columns,
    alongMm: sign * n * stepMm,
  }));
}

function mosaicOf(dataSet: DataSet): Tiles {
  const csa = csaOf(dataSet);
  const own = ownTiles(dataSet);
  const count = own ?? Number(csa.get('NumberOfImagesInMosaic')?.[0]);
  const normal = csa.get('SliceNormalVector')?.map(Number);
  const stepMm = Number(dataSet.string('x00180088') || dataSet.string('x00180050'));
  if (!(count > 0 && count <= 4096)) throw new Error('no number of tiles');
  return { count, stepMm, normal: normal?.length === 3 ? normal : undefined };
}

/** (0019,xx0A) of the creator SIEMENS MR HEADER. */
function ownTiles(dataSet: DataSet): number | undefined {
  for (let block = 0x10; block < 0x100; block++) {
    if (dataSet.string(`x001900${block.toString(16)}`)?.trim() !== 'SIEMENS MR HEADER') continue;
    const element = dataSet.elements[`x0019${block.toString(16)}0a`];
    return element === undefined || element.length < 2
      ? undefined
      : dataSet.uint16(`x0019${block.toString(16)}0a`);
  }
  return undefined;
}

function csaOf(dataSet: DataSet): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let tag: string | undefined;
  for (let block = 0x10; block < 0x100 && tag === undefined; block++) {
    if (dataSet.string(`x002900${block.toString(16)}`)?.trim() === 'SIEMENS CSA HEADER')
      tag = `x0029${block.toString(16)}10`;
  }
  const element = tag === undefined ? undefined : dataSet.elements[tag];
  if (element === undefined) return found;
  const bytes = (dataSet.byteArray as Uint8Array).slice(
    element.dataOffset,
    element.dataOffset + element.length,
  );
  const view = new DataView(bytes.buffer);
  const text = (from: number, length: number): string =>
    Buffer.from(bytes.subarray(from, from + length))
      .toString('latin1')
      .split('\0')[0]!
      .trim();
  if (text(0, 4) !== 'SV10') return found;
  try {
    let at = 16;
    for (let n = view.getUint32(8, true); n > 0; n--) {
      const name = text(at, 64);
      const items = view.getUint32(at + 76, true);
      at += 84;
      const values: string[] = [];
      for (let item = 0; item < items; item++) {
        const length = view.getUint32(at + 4, true);
        const value = text(at + 16, length);
        if (value !== '') values.push(value);
        at += 16 + Math.ceil(length / 4) * 4;
      }
      if (!found.has(name)) found.set(name, values);
    }
  } catch {
    // What was read up to the damage counts.
  }
  return found;
}

function addTile(
  images: Map<string, JudgedImage>,
  plane: Plane,
  format: Format,
  tile: JudgedTile,
  values: Float32Array | undefined,
): void {
  const { row, column, rows, columns } = tile;
  const normal = crossed(plane.iAxisLps, plane.jAxisLps);
  const across = ((format.columns - columns) / 2) * plane.spacingMm[0]!;
  const down = ((format.rows - rows) / 2) * plane.spacingMm[1]!;
  const positionLps = plane.positionLps.map(
    (value, n) => value + across * plane.iAxisLps[n]! + down * plane.jAxisLps[n]! + tile.alongMm * normal[n]!,
  );
  let pixels: number | undefined;
  if (values !== undefined) {
    const part = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      const from = (row + r) * format.columns + column;
      part.set(values.subarray(from, from + columns), r * columns);
    }
    pixels = checksum(part);
  }
  images.set(keyOf(undefined, { row, column }), { ...plane, positionLps, columns, rows, pixels });
}

function crossed(a: readonly number[], b: readonly number[]): number[] {
  return [0, 1, 2].map((n) => a[(n + 1) % 3]! * b[(n + 2) % 3]! - a[(n + 2) % 3]! * b[(n + 1) % 3]!);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, n) => sum + value * b[n]!, 0);
}
