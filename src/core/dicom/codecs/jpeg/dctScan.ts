import { corrupt } from '../samples.ts';
import { BitReader } from './bitReader.ts';
import { decodeValue, type HuffmanTable } from './huffman.ts';

/** One scan over the blocks of a grey image (ITU-T T.81, annexes F and G). */
export interface DctScan {
  readonly progressive: boolean;
  /** First and last coefficient, in zigzag order. */
  readonly from: number;
  readonly to: number;
  /** Successive approximation: bit position of the scan before (0 for a first one) and of this one. */
  readonly high: number;
  readonly low: number;
  /** Blocks between restart markers, 0 for none. */
  readonly restartInterval: number;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
}

/** Natural place of each coefficient of the zigzag (T.81, figure A.6). */
export const ZIGZAG = Uint8Array.from([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
  53, 60, 61, 54, 47, 55, 62, 63,
]);

/**
 * Decodes a scan into the coefficients, 64 a block in natural order, not dequantised.
 * @param at where its entropy-coded data begins
 * @returns where the data ends
 * @throws TandemError `bad-header`, `truncated`
 */
export function decodeDctScan(
  bytes: Uint8Array,
  at: number,
  scan: DctScan,
  coefficients: Int16Array,
): number {
  const state: State = { bits: new BitReader(bytes, at), previous: 0, bandEnds: 0 };
  const decodeBlock = blockDecoder(scan);
  const blocks = coefficients.length / 64;
  for (let n = 0; n < blocks; n++) {
    if (n > 0 && scan.restartInterval > 0 && n % scan.restartInterval === 0) {
      if (!state.bits.restart()) throw corrupt('JPEG', 'a restart marker is missing');
      state.previous = 0;
      state.bandEnds = 0;
    }
    decodeBlock(state, coefficients.subarray(64 * n, 64 * n + 64));
  }
  return state.bits.at;
}

interface State {
  readonly bits: BitReader;
  /** DC of the block before. */
  previous: number;
  /** Blocks to come that have nothing more in this band (EOBRUN). */
  bandEnds: number;
}

type BlockDecoder = (state: State, block: Int16Array) => void;

function blockDecoder(scan: DctScan): BlockDecoder {
  const { progressive, from, to, high, low } = scan;
  if (!progressive) {
    const dc = needed(scan.dc);
    const ac = needed(scan.ac);
    return (state, block) => {
      firstDc(state, block, dc, 0);
      sequentialAc(state.bits, block, ac);
    };
  }
  if (from === 0) {
    if (to !== 0) throw corrupt('JPEG', 'a progressive scan mixes DC and AC coefficients');
    if (high > 0) {
      return ({ bits }, block) => {
        if (bits.read(1) === 1) block[0]! |= 1 << low;
      };
    }
    const dc = needed(scan.dc);
    return (state, block) => firstDc(state, block, dc, low);
  }
  const ac = needed(scan.ac);
  return high === 0
    ? (state, block) => firstAc(state, block, scan, ac)
    : (state, block) => refineAc(state, block, scan, ac);
}

function needed(table: HuffmanTable | undefined): HuffmanTable {
  if (table === undefined) throw corrupt('JPEG', 'a Huffman table is missing');
  return table;
}

function firstDc(state: State, block: Int16Array, table: HuffmanTable, low: number): void {
  const size = decodeValue(table, state.bits);
  if (size > 15) throw corrupt('JPEG', 'a coefficient has too many bits');
  state.previous += state.bits.readSigned(size);
  block[0] = state.previous << low;
}

function sequentialAc(bits: BitReader, block: Int16Array, table: HuffmanTable): void {
  for (let k = 1; k < 64; k++) {
    const value = decodeValue(table, bits);
    const size = value & 15;
    const run = value >> 4;
    if (size === 0) {
      if (run !== 15) return;
      k += 15;
      continue;
    }
    k += run;
    if (k > 63) throw corrupt('JPEG', 'a block has more than 64 coefficients');
    block[ZIGZAG[k]!] = bits.readSigned(size);
  }
}

/** T.81, G.1.2.2. */
function firstAc(state: State, block: Int16Array, { from, to, low }: DctScan, table: HuffmanTable): void {
  if (state.bandEnds > 0) {
    state.bandEnds--;
    return;
  }
  const { bits } = state;
  for (let k = from; k <= to; k++) {
    const value = decodeValue(table, bits);
    const size = value & 15;
    const run = value >> 4;
    if (size === 0 && run < 15) {
      state.bandEnds = (1 << run) + bits.read(run) - 1;
      return;
    }
    k += run;
    if (size === 0) continue;
    if (k > 63) throw corrupt('JPEG', 'a block has more than 64 coefficients');
    block[ZIGZAG[k]!] = bits.readSigned(size) << low;
  }
}

/** T.81, G.1.2.3: one more bit of what is not zero, and coefficients that become so. */
function refineAc(state: State, block: Int16Array, { from, to, low }: DctScan, table: HuffmanTable): void {
  const { bits } = state;
  const step = 1 << low;
  const refine = (place: number): void => {
    const value = block[place]!;
    if (bits.read(1) === 1 && (value & step) === 0) block[place] = value + (value > 0 ? step : -step);
  };
  let k = from;
  if (state.bandEnds === 0) {
    for (; k <= to; k++) {
      const coded = decodeValue(table, bits);
      const size = coded & 15;
      let run = coded >> 4;
      let fresh = 0;
      if (size === 1) fresh = bits.read(1) === 1 ? step : -step;
      else if (size > 1) throw corrupt('JPEG', 'a refinement adds more than one bit');
      else if (run < 15) {
        state.bandEnds = (1 << run) + bits.read(run);
        break;
      }
      for (; k <= to; k++) {
        const place = ZIGZAG[k]!;
        if (block[place] !== 0) refine(place);
        else if (run-- === 0) {
          if (fresh !== 0) block[place] = fresh;
          break;
        }
      }
    }
  }
  if (state.bandEnds === 0) return;
  for (; k <= to; k++) {
    const place = ZIGZAG[k]!;
    if (block[place] !== 0) refine(place);
  }
  state.bandEnds--;
}
