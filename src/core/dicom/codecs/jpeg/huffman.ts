import { corrupt } from '../samples.ts';
import type { BitReader } from './bitReader.ts';

/** A Huffman table (ITU-T T.81, annex C), ready to decode with. */
export interface HuffmanTable {
  /** For the next 8 bits: code length × 256 + value, or 0 where the code is longer. */
  readonly short: Uint16Array;
  /** Largest code of each length, -1 where there is none. */
  readonly largest: Int32Array;
  /** What to add to a code of each length for its place in `values`. */
  readonly shift: Int32Array;
  readonly values: Uint8Array;
}

/**
 * @param counts of the codes of 1 to 16 bits
 * @param values that they stand for, in the order of the codes
 * @throws TandemError `bad-header` where no such set of codes exists
 */
export function huffmanTable(counts: Uint8Array, values: Uint8Array): HuffmanTable {
  const table: HuffmanTable = {
    short: new Uint16Array(256),
    largest: new Int32Array(17).fill(-1),
    shift: new Int32Array(17),
    values,
  };
  let code = 0;
  let place = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1]!;
    if (code + count > 1 << length) throw corrupt('JPEG', 'a Huffman table has too many codes');
    table.shift[length] = place - code;
    for (let n = 0; n < count; n++, code++, place++) {
      if (length > 8) continue;
      const from = code << (8 - length);
      table.short.fill(length * 256 + values[place]!, from, from + (1 << (8 - length)));
    }
    if (count > 0) table.largest[length] = code - 1;
    code <<= 1;
  }
  return table;
}

/** The next value. @throws TandemError `bad-header` where no code begins with the next bits, `truncated` */
export function decodeValue(table: HuffmanTable, bits: BitReader): number {
  const next = bits.peek16();
  const entry = table.short[next >>> 8]!;
  if (entry !== 0) {
    bits.skip(entry >>> 8);
    return entry & 0xff;
  }
  for (let length = 9; length <= 16; length++) {
    const code = next >>> (16 - length);
    if (code <= table.largest[length]!) {
      bits.skip(length);
      return table.values[code + table.shift[length]!]!;
    }
  }
  // Where these bits lie past the end, that is what is wrong.
  bits.skip(16);
  throw corrupt('JPEG', 'a code is in no Huffman table');
}
