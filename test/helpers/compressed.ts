import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type PixelFormat, pixelFormat } from '../../src/core/dicom/pixels.ts';
import { TAG } from '../../src/core/dicom/tags.ts';
import { createRandom } from '../../src/core/random.ts';
import { readDicomHeader, readHead, withFile } from '../../src/main/studies/dicomFile.ts';
import { readFramePixels } from '../../src/main/studies/framePixels.ts';
import { concat, dicomFile, type Element, type Elements, is, mrSlice, us } from './dicomBuilder.ts';

/** Images that compress in every way: a gradient, edges, noise and a flat part, over all stored bits. */
export function testImage(rows: number, columns: number, bits: number, signed = false): number[] {
  const random = createRandom(bits);
  const largest = 2 ** bits - 1;
  const lowest = signed ? -(2 ** (bits - 1)) : 0;
  return Array.from({ length: rows * columns }, (_, n) => {
    const [x, y] = [n % columns, Math.floor(n / columns)];
    if (x > columns / 2 && y > rows / 2) return lowest + Math.round(largest / 3);
    const smooth = (x / columns + y / rows) / 2 + (x > columns / 3 && y < rows / 3 ? 0.2 : 0);
    const noisy = smooth * largest + random.normal(0, largest / 60);
    if (x + y === 0) return lowest;
    if (x === columns - 1 && y === 0) return lowest + largest;
    return lowest + Math.min(largest, Math.max(0, Math.round(noisy)));
  });
}

export interface ImageOptions {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated?: 8 | 16 | 32;
  readonly bitsStored?: number;
  readonly highBit?: number;
  readonly signed?: boolean;
  readonly frames?: number;
  readonly extra?: Readonly<Record<number, Element | undefined>>;
}

/** Elements of a slice with the given bytes as pixel data. */
export function imageElements(options: ImageOptions, pixelData: Element): Elements {
  const bitsAllocated = options.bitsAllocated ?? 16;
  const bitsStored = options.bitsStored ?? bitsAllocated;
  return mrSlice({
    rows: options.rows,
    columns: options.columns,
    pixels: [],
    extra: {
      [TAG.BitsAllocated]: us(bitsAllocated),
      [TAG.BitsStored]: us(bitsStored),
      [TAG.HighBit]: us(options.highBit ?? bitsStored - 1),
      [TAG.PixelRepresentation]: us(options.signed === true ? 1 : 0),
      ...(options.frames === undefined ? {} : { [TAG.NumberOfFrames]: is(options.frames) }),
      ...options.extra,
      [TAG.PixelData]: pixelData,
    },
  });
}

/** Stored values as native little-endian pixel data. */
export function nativePixels(values: readonly number[], bitsAllocated: 8 | 16 | 32 = 16): Element {
  const size = bitsAllocated / 8;
  const view = new DataView(new ArrayBuffer(values.length * size + ((values.length * size) % 2)));
  for (const [n, value] of values.entries()) {
    if (size === 1) view.setUint8(n, value & 0xff);
    else if (size === 2) view.setUint16(2 * n, value & 0xffff, true);
    else view.setUint32(4 * n, value >>> 0, true);
  }
  return { vr: size === 1 ? 'OB' : 'OW', value: new Uint8Array(view.buffer) };
}

function item(value: Uint8Array): Uint8Array {
  const padded = value.length % 2 === 0 ? value : concat([value, new Uint8Array(1)]);
  const header = new DataView(new ArrayBuffer(8));
  header.setUint16(0, 0xfffe, true);
  header.setUint16(2, 0xe000, true);
  header.setUint32(4, padded.length, true);
  return concat([new Uint8Array(header.buffer), padded]);
}

const DELIMITER = new Uint8Array([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);

/** Fragments as pixel data of undefined length, with a basic offset table of the given numbers. */
export function fragmented(
  fragments: readonly Uint8Array[],
  table: readonly number[] = [],
  delimiter = DELIMITER,
): Element {
  const offsets = new Uint8Array(Uint32Array.from(table).buffer);
  const value = concat([item(offsets), ...fragments.map(item), delimiter]);
  return { vr: 'OB', value, length: 0xffffffff };
}

/** Bytes that a fragment takes with its item header. */
export function itemBytes(fragment: Uint8Array): number {
  return 8 + fragment.length + (fragment.length % 2);
}

export interface Frame {
  readonly format: PixelFormat;
  readonly values: number[];
}

/** A frame of a file as the program reads it. */
export function readFrameOf(path: string, frame = 0): Promise<Frame> {
  return withFile(path, async (file, fileBytes) => {
    const head = await readHead(file, fileBytes);
    const { dataSet, availableBytes, inflated } = await readDicomHeader(file, fileBytes, head);
    const format = pixelFormat(dataSet, availableBytes);
    return { format, values: [...(await readFramePixels(file, format, frame, inflated))] };
  });
}

/** Gives a temporary folder to `use`, and removes it whatever happens. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-pixels-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A frame of a file made of elements. */
export function frameOf(elements: Elements, syntax: string, frame = 0): Promise<Frame> {
  return inFolder(async (folder) => {
    const path = join(folder, 'image.dcm');
    await writeFile(path, dicomFile(elements, { syntax }));
    return readFrameOf(path, frame);
  });
}

/** What a command of dcmtk (dcmcjpeg, dcmdjpeg, dcmcjpls, dcmcrle …) makes of a file's bytes. */
export async function dcmtk(tool: string, args: readonly string[], bytes: Uint8Array): Promise<Uint8Array> {
  return inFolder(async (folder) => {
    const [from, to] = [join(folder, 'in.dcm'), join(folder, 'out.dcm')];
    await writeFile(from, bytes);
    await promisify(execFile)(tool, [...args, from, to]);
    return new Uint8Array(await readFile(to));
  });
}
