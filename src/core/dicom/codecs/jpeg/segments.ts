import { corrupt, endsEarly } from '../samples.ts';
import { ZIGZAG } from './dctScan.ts';
import { type HuffmanTable, huffmanTable } from './huffman.ts';

/** What the marker segments of a JPEG say (ITU-T T.81, annex B). */

export interface FrameHeader {
  /** The start-of-frame marker, 0xC0 to 0xCF: it names the process. */
  readonly marker: number;
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  /** Of the first component. */
  readonly quantisation: number;
}

export interface ScanHeader {
  readonly components: number;
  readonly dcTable: number;
  readonly acTable: number;
  /** Ss, Se, Ah and Al: spectral selection (or predictor) and successive approximation (or point transform). */
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
}

/** Tables by class × 4 + number (DC and lossless: class 0, AC: class 1), and quantisation in natural order. */
export interface Tables {
  readonly huffman: (HuffmanTable | undefined)[];
  readonly quantisation: (Uint16Array | undefined)[];
}

/** The next marker from a position, fill bytes stepped over. @throws TandemError `truncated`, `bad-header` */
export function nextMarker(bytes: Uint8Array, at: number): { marker: number; at: number } {
  let position = at;
  if (position < bytes.length && bytes[position] !== 0xff) {
    throw corrupt('JPEG', 'a marker is expected and something else is there');
  }
  while (bytes[position] === 0xff) position++;
  const marker = bytes[position];
  if (marker === undefined) throw endsEarly('JPEG');
  if (marker === 0) throw corrupt('JPEG', 'its compressed data go on after the last pixel');
  return { marker, at: position + 1 };
}

/** What a marker segment holds, from after its length. @throws TandemError `truncated`, `bad-header` */
export function segment(bytes: Uint8Array, at: number): Uint8Array {
  if (at + 2 > bytes.length) throw endsEarly('JPEG');
  const length = bytes[at]! * 256 + bytes[at + 1]!;
  if (length < 2) throw corrupt('JPEG', 'a marker segment has no length');
  if (at + length > bytes.length) throw endsEarly('JPEG');
  return bytes.subarray(at + 2, at + length);
}

/** T.81, B.2.2. */
export function frameHeader(marker: number, data: Uint8Array): FrameHeader {
  const components = data[5] ?? 0;
  if (data.length !== 6 + 3 * components) throw corrupt('JPEG', 'its frame header has the wrong length');
  return {
    marker,
    precision: data[0]!,
    rows: data[1]! * 256 + data[2]!,
    columns: data[3]! * 256 + data[4]!,
    components,
    quantisation: data[8] ?? 0,
  };
}

/** T.81, B.2.3. */
export function scanHeader(data: Uint8Array): ScanHeader {
  const components = data[0] ?? 0;
  if (data.length !== 4 + 2 * components) throw corrupt('JPEG', 'a scan header has the wrong length');
  const [from, to, approximation] = data.subarray(1 + 2 * components) as unknown as [number, number, number];
  const chosen = data[2] ?? 0;
  return {
    components,
    dcTable: chosen >> 4,
    acTable: chosen & 15,
    from,
    to,
    high: approximation >> 4,
    low: approximation & 15,
  };
}

/** Adds the Huffman tables of a segment (T.81, B.2.4.2). */
export function readHuffmanTables(data: Uint8Array, tables: Tables): void {
  for (let at = 0; at < data.length; ) {
    const kind = data[at]! >> 4;
    const number = data[at]! & 15;
    const counts = data.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (kind > 1 || number > 3 || total > 256 || at + 17 + total > data.length) {
      throw corrupt('JPEG', 'a Huffman table is malformed');
    }
    tables.huffman[4 * kind + number] = huffmanTable(counts, data.subarray(at + 17, at + 17 + total));
    at += 17 + total;
  }
}

/** Adds the quantisation tables of a segment (T.81, B.2.4.1). */
export function readQuantisation(data: Uint8Array, tables: Tables): void {
  for (let at = 0; at < data.length; ) {
    const wide = data[at]! >> 4;
    const number = data[at]! & 15;
    const bytes = wide === 0 ? 1 : 2;
    if (wide > 1 || number > 3 || at + 1 + 64 * bytes > data.length) {
      throw corrupt('JPEG', 'a quantisation table is malformed');
    }
    const table = new Uint16Array(64);
    for (let n = 0; n < 64; n++) {
      const place = at + 1 + n * bytes;
      table[ZIGZAG[n]!] = wide === 0 ? data[place]! : data[place]! * 256 + data[place + 1]!;
    }
    tables.quantisation[number] = table;
    at += 1 + 64 * bytes;
  }
}
