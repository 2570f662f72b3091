import { describe, expect, it } from 'vitest';
import {
  type Encapsulated,
  fragmentBytes,
  indexFrames,
  type ReadAt,
  readFragments,
} from '../../../src/core/dicom/encapsulated.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { fragmented, itemBytes } from '../../helpers/compressed.ts';
import { concat } from '../../helpers/dicomBuilder.ts';

const START = [0xff, 0xd8];
const start = (...rest: number[]) => Uint8Array.from([...START, ...rest]);
const more = (...bytes: number[]) => Uint8Array.from(bytes);
const begins = (head: Uint8Array) => START.every((byte, n) => head[n] === byte);

const A = start(1, 1);
const A2 = more(1, 2);
const B = start(2, 1, 2, 2);
const C = start(3, 1);
const C2 = more(3, 2, 3, 3);
const C3 = more(3, 4);

/** Offsets of fragments, of which some begin a frame. */
function tableOf(fragments: readonly Uint8Array[], firsts: readonly number[]): number[] {
  return firsts.map((n) => fragments.slice(0, n).reduce((sum, one) => sum + itemBytes(one), 0));
}

/** The frames that an encapsulated value is read as. */
async function framesOf(
  value: Uint8Array,
  frames: number,
  options: Partial<Encapsulated> & { before?: Uint8Array; reads?: number[] } = {},
): Promise<number[][]> {
  const before = options.before ?? new Uint8Array(100);
  const bytes = concat([before, value]);
  const read: ReadAt = async (from, count) => {
    options.reads?.push(count);
    return bytes.subarray(from, from + count);
  };
  const index = await indexFrames(read, {
    place: { offset: before.length, length: value.length },
    frames,
    extendedOffsets: undefined,
    begins,
    ...options,
  });
  const out: number[][] = [];
  for (let n = 0; n < frames; n++) {
    const frame = await readFragments(read, index, n);
    expect(frame.length).toBe(fragmentBytes(index, n));
    out.push([...frame]);
  }
  return out;
}

const codeOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof TandemError ? error.code : error),
  );
const bytesOf = (fragments: readonly Uint8Array[], table: readonly number[] = []) =>
  fragmented(fragments, table).value as Uint8Array;
const joined = (...fragments: Uint8Array[]) => fragments.flatMap((fragment) => [...fragment]);

describe('frames in fragments', () => {
  const split = [A, A2, B, C, C2, C3];
  const expected = [joined(A, A2), joined(B), joined(C, C2, C3)];

  it('are all fragments where there is one, whatever its table says', async () => {
    expect(await framesOf(bytesOf(split), 1)).toEqual([joined(...split)]);
    expect(await framesOf(bytesOf(split, [0]), 1)).toEqual([joined(...split)]);
    expect(await framesOf(bytesOf(split, [77]), 1)).toEqual([joined(...split)]);
  });

  it('are found by the basic offset table', async () => {
    const value = bytesOf(split, tableOf(split, [0, 2, 3]));
    expect(await framesOf(value, 3)).toEqual(expected);
    expect(await framesOf(value, 3, { begins: undefined })).toEqual(expected);
  });

  it('are found by the extended offset table', async () => {
    const table = new Uint8Array(BigUint64Array.from(tableOf(split, [0, 2, 3]).map(BigInt)).buffer);
    const extendedOffsets = { offset: 0, length: table.length };
    const value = bytesOf(split);
    expect(await framesOf(value, 3, { extendedOffsets, before: table, begins: undefined })).toEqual(expected);
    const lying = table.slice();
    lying[8 + 7] = 1;
    expect(await codeOf(framesOf(value, 3, { extendedOffsets, before: lying }))).toBe('bad-header');
  });

  it('are one fragment each where there are as many', async () => {
    expect(await framesOf(bytesOf([A, A2, B]), 3)).toEqual([joined(A), joined(A2), joined(B)]);
  });

  it('are found by how a codestream begins where there is no table', async () => {
    expect(await framesOf(bytesOf(split), 3)).toEqual(expected);
  });

  it('are not guessed', async () => {
    expect(await codeOf(framesOf(bytesOf(split), 3, { begins: undefined }))).toBe('bad-header');
    expect(await codeOf(framesOf(bytesOf(split), 4))).toBe('bad-header');
    expect(await codeOf(framesOf(bytesOf([A2, ...split]), 3))).toBe('bad-header');
    expect(await codeOf(framesOf(bytesOf([A, B]), 3))).toBe('bad-header');
    expect(await codeOf(framesOf(bytesOf([]), 1))).toBe('bad-header');
  });

  it('are refused where the table names no fragment, or one twice, or not the first', async () => {
    const good = tableOf(split, [0, 2, 3]);
    for (const [n, offset] of [
      [1, good[1]! + 2],
      [1, 0],
      [2, good[1]!],
      [2, 5000],
      [0, good[1]!],
    ] as const) {
      const table = [...good];
      table[n] = offset;
      expect([table, await codeOf(framesOf(bytesOf(split, table), 3))]).toEqual([table, 'bad-header']);
    }
    expect(await codeOf(framesOf(bytesOf(split, good), 2))).toBe('bad-header');
    expect(await codeOf(framesOf(bytesOf(split, good), 4))).toBe('bad-header');
  });

  it('are truncated wherever they are cut', async () => {
    const value = bytesOf(split, tableOf(split, [0, 2, 3]));
    for (let length = 0; length < value.length; length++) {
      const code = await codeOf(framesOf(value.subarray(0, length), 3));
      expect([length, code]).toEqual([length, 'truncated']);
    }
  });

  it('are refused where something else comes between', async () => {
    const value = bytesOf(split).slice();
    value.set([0x10, 0x00, 0x10, 0x00], 8);
    expect(await codeOf(framesOf(value, 3))).toBe('bad-header');
  });

  it('are found without reading what is in them', async () => {
    const large = new Uint8Array(1_000_000);
    large.set(START);
    const reads: number[] = [];
    const value = bytesOf([large, large, large, large]);
    const bytes = concat([value]);
    const read: ReadAt = async (from, count) => {
      reads.push(count);
      return bytes.subarray(from, from + count);
    };
    await indexFrames(read, {
      place: { offset: 0, length: value.length },
      frames: 4,
      extendedOffsets: undefined,
      begins,
    });
    expect(reads.reduce((sum, count) => sum + count, 0)).toBeLessThan(500_000);
  });
});
