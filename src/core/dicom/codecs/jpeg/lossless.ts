import { corrupt } from '../samples.ts';
import { BitReader } from './bitReader.ts';
import { decodeValue, type HuffmanTable } from './huffman.ts';

export interface LosslessScan {
  readonly rows: number;
  readonly columns: number;
  readonly precision: number;
  /** 1 to 7 (T.81, table H.1). */
  readonly predictor: number;
  /** Bits that the encoder shifted away. */
  readonly pointTransform: number;
  /** Samples between restart markers, 0 for none. */
  readonly restartInterval: number;
  readonly table: HuffmanTable;
}

/**
 * The one scan of a lossless grey image (ITU-T T.81, annex H).
 * @param at where its entropy-coded data begins
 * @returns the samples, and where the data ends
 * @throws TandemError `bad-header`, `truncated`
 */
export function decodeLosslessScan(
  bytes: Uint8Array,
  at: number,
  scan: LosslessScan,
): { values: Int32Array; end: number } {
  const { rows, columns, predictor, restartInterval, pointTransform, table } = scan;
  if (restartInterval % columns !== 0) {
    throw corrupt('JPEG', 'its restart interval is no whole number of lines');
  }
  const bits = new BitReader(bytes, at);
  const values = new Int32Array(rows * columns);
  const initial = 1 << (scan.precision - pointTransform - 1);
  let topLine = true;
  for (let row = 0; row < rows; row++) {
    const line = row * columns;
    if (row > 0 && restartInterval > 0 && line % restartInterval === 0) {
      if (!bits.restart()) throw corrupt('JPEG', 'a restart marker is missing');
      topLine = true;
    }
    for (let column = 0; column < columns; column++) {
      const here = line + column;
      const predicted = topLine
        ? column === 0
          ? initial
          : values[here - 1]!
        : column === 0
          ? values[here - columns]!
          : predict(predictor, values[here - 1]!, values[here - columns]!, values[here - columns - 1]!);
      values[here] = (predicted + difference(bits, table)) & 0xffff;
    }
    topLine = false;
  }
  if (pointTransform > 0) for (let n = 0; n < values.length; n++) values[n]! <<= pointTransform;
  return { values, end: bits.at };
}

function difference(bits: BitReader, table: HuffmanTable): number {
  const size = decodeValue(table, bits);
  if (size > 16) throw corrupt('JPEG', 'a difference has more than 16 bits');
  // 32768 has no further bits (T.81, H.1.2.2).
  return size === 16 ? 32_768 : bits.readSigned(size);
}

/** Table H.1 of T.81: a is left, b above, c above left. */
function predict(predictor: number, a: number, b: number, c: number): number {
  switch (predictor) {
    case 1:
      return a;
    case 2:
      return b;
    case 3:
      return c;
    case 4:
      return a + b - c;
    case 5:
      return a + ((b - c) >> 1);
    case 6:
      return b + ((a - c) >> 1);
    default:
      return (a + b) >> 1;
  }
}
