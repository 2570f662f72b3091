import { TandemError } from '../../../errors.ts';
import { checkSize, corrupt, type FrameSize, type Samples } from '../samples.ts';
import { decodeDctScan } from './dctScan.ts';
import { inverseDct } from './inverseDct.ts';
import { decodeLosslessScan } from './lossless.ts';
import {
  type FrameHeader,
  frameHeader,
  nextMarker,
  readHuffmanTables,
  readQuantisation,
  scanHeader,
  segment,
  type Tables,
} from './segments.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DHT = 0xc4;
const DAC = 0xcc;
const DRI = 0xdd;
const JPG = 0xc8;

const BASELINE = 0xc0;
const EXTENDED = 0xc1;
const PROGRESSIVE = 0xc2;
const LOSSLESS = 0xc3;

/** An encoder writes about ten; each costs the time of a whole image, whatever its length. */
const MAX_SCANS = 128;

/**
 * Decodes a grey JPEG (ITU-T T.81) of any process with Huffman coding: baseline, extended, progressive (the
 * retired spectral selection and full progression), and lossless with every predictor. Whatever the syntax
 * promises, the codestream says by itself which it is.
 *
 * @param size of the image by its header, which the codestream must have
 * @throws TandemError `truncated`, `bad-header`, `unsupported-format`
 */
export function decodeJpeg(bytes: Uint8Array, size: FrameSize): Samples {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw corrupt('JPEG', 'they do not begin like a JPEG');
  const tables: Tables = { huffman: [], quantisation: [] };
  let image: DctImage | undefined;
  let frame: FrameHeader | undefined;
  let restartInterval = 0;
  let scans = 0;
  let at = 2;
  for (;;) {
    const next = nextMarker(bytes, at);
    at = next.at;
    if (next.marker === EOI) break;
    if (next.marker === SOI || (next.marker >= 0xd0 && next.marker <= 0xd7)) {
      throw corrupt('JPEG', 'a marker is out of place');
    }
    const data = segment(bytes, at);
    at += data.length + 2;
    if (next.marker === DHT) readHuffmanTables(data, tables);
    else if (next.marker === DQT) readQuantisation(data, tables);
    else if (next.marker === DRI) restartInterval = (data[0] ?? 0) * 256 + (data[1] ?? 0);
    else if (isFrame(next.marker)) {
      if (frame !== undefined) throw corrupt('JPEG', 'they have two frame headers');
      frame = checkedFrame(frameHeader(next.marker, data), size);
    } else if (next.marker === SOS) {
      if (frame === undefined) throw corrupt('JPEG', 'a scan comes before the frame header');
      if (++scans > MAX_SCANS) throw corrupt('JPEG', `they have more than ${MAX_SCANS} scans`);
      const scan = scanHeader(data);
      if (scan.components !== 1) throw corrupt('JPEG', 'a scan has not the one component of the image');
      if (frame.marker === LOSSLESS) {
        const { from: predictor, low: pointTransform } = scan;
        const table = tables.huffman[scan.dcTable];
        if (table === undefined) throw corrupt('JPEG', 'a Huffman table is missing');
        if (predictor < 1 || predictor > 7 || pointTransform >= frame.precision) {
          throw corrupt('JPEG', 'its predictor does not exist');
        }
        const lossless = { ...size, precision: frame.precision, predictor, pointTransform };
        const { values } = decodeLosslessScan(bytes, at, { ...lossless, restartInterval, table });
        return { values, precision: frame.precision, signed: false };
      }
      const progressive = frame.marker === PROGRESSIVE;
      if (scan.from > scan.to || scan.to > 63 || scan.low > 13) {
        throw corrupt('JPEG', 'a scan is of coefficients that do not exist');
      }
      image ??= new DctImage(frame, size);
      const dc = tables.huffman[scan.dcTable];
      const ac = tables.huffman[4 + scan.acTable];
      at = decodeDctScan(bytes, at, { ...scan, progressive, restartInterval, dc, ac }, image.coefficients);
      image.keepQuantisation(tables);
      // A sequential image is complete with its one scan: some writers leave out the end marker.
      if (!progressive) break;
    }
  }
  if (image === undefined) throw corrupt('JPEG', 'they have no pixels');
  return image.samples();
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== JPG && marker !== DAC;
}

function checkedFrame(frame: FrameHeader, size: FrameSize): FrameHeader {
  if (![BASELINE, EXTENDED, PROGRESSIVE, LOSSLESS].includes(frame.marker)) {
    const kind = frame.marker > 0xc8 ? 'arithmetic coding' : 'hierarchical coding';
    throw new TandemError('unsupported-format', `JPEG pixels with ${kind} are not read`, {
      hint: 'Export the series uncompressed.',
    });
  }
  const { precision } = frame;
  const possible =
    frame.marker === LOSSLESS
      ? precision >= 2 && precision <= 16
      : precision === 8 || (precision === 12 && frame.marker !== BASELINE);
  if (!possible) throw corrupt('JPEG', `${precision} bits are not possible in its process`);
  checkSize('JPEG', frame, size);
  return frame;
}

/** The coefficients of an image whose scans are still coming in. */
class DctImage {
  readonly coefficients: Int16Array;
  readonly #frame: FrameHeader;
  readonly #size: FrameSize;
  readonly #across: number;
  #quantisation: Uint16Array | undefined;

  constructor(frame: FrameHeader, size: FrameSize) {
    this.#frame = frame;
    this.#size = size;
    this.#across = Math.ceil(size.columns / 8);
    this.coefficients = new Int16Array(64 * this.#across * Math.ceil(size.rows / 8));
  }

  /** A table may be redefined after the scan that it is for: the one at the first scan holds. */
  keepQuantisation(tables: Tables): void {
    this.#quantisation ??= tables.quantisation[this.#frame.quantisation];
    if (this.#quantisation === undefined) throw corrupt('JPEG', 'a quantisation table is missing');
  }

  samples(): Samples {
    const { rows, columns } = this.#size;
    const { precision } = this.#frame;
    const quantisation = this.#quantisation!;
    const values = new Int32Array(rows * columns);
    const block = new Int32Array(64);
    for (let n = 0; n * 64 < this.coefficients.length; n++) {
      for (let k = 0; k < 64; k++) block[k] = Math.imul(this.coefficients[64 * n + k]!, quantisation[k]!);
      inverseDct(block, precision);
      const top = 8 * Math.floor(n / this.#across);
      const left = 8 * (n % this.#across);
      const width = Math.min(8, columns - left);
      for (let j = 0; j < 8 && top + j < rows; j++) {
        values.set(block.subarray(8 * j, 8 * j + width), (top + j) * columns + left);
      }
    }
    return { values, precision, signed: false };
  }
}
