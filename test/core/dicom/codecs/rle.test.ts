import { describe, expect, it } from 'vitest';
import { decodeRle } from '../../../../src/core/dicom/codecs/rle.ts';
import { codeOf } from '../helpers.ts';

function rle(...segments: readonly (readonly number[])[]): Uint8Array {
  const bytes = new Uint8Array(64 + segments.flat().length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, segments.length, true);
  let at = 64;
  for (const [n, segment] of segments.entries()) {
    view.setUint32(4 + 4 * n, at, true);
    bytes.set(segment, at);
    at += segment.length;
  }
  return bytes;
}

describe('RLE', () => {
  it('puts the first segment into the most significant bytes', () => {
    const frame = rle([2, 1, 2, 3], [254, 9]);
    expect([...decodeRle(frame, 3, 2)]).toEqual([9, 1, 9, 2, 9, 3]);
  });

  it('reads literal runs, repeated ones, and nothing from 128', () => {
    const frame = rle([0, 7, 128, 129, 5, 128, 1, 8, 9]);
    const expected = [7, ...Array.from({ length: 128 }, () => 5), 8, 9];
    expect([...decodeRle(frame, 131, 1)]).toEqual(expected);
  });

  it('reads four bytes a pixel, and leaves filling alone', () => {
    const frame = rle([1, 1, 2, 0], [1, 3, 4, 0], [1, 5, 6, 0], [1, 7, 8]);
    expect([...decodeRle(frame, 2, 4)]).toEqual([7, 5, 3, 1, 8, 6, 4, 2]);
  });

  it('refuses what ends early or holds too much', () => {
    const code = (frame: Uint8Array, pixels: number, bytes: number) =>
      codeOf(() => decodeRle(frame, pixels, bytes));
    expect(code(rle([2, 1, 2, 3]), 4, 1)).toBe('truncated');
    expect(code(rle([2, 1, 2]), 3, 1)).toBe('truncated');
    expect(code(rle([254]), 3, 1)).toBe('truncated');
    expect(code(rle([3, 1, 2, 3, 4]), 3, 1)).toBe('bad-header');
    expect(code(rle([253, 1]), 3, 1)).toBe('bad-header');
    expect(code(rle([2, 1, 2, 3]), 3, 2)).toBe('bad-header');
    expect(code(new Uint8Array(63), 3, 1)).toBe('truncated');
    const backwards = rle([2, 1, 2, 3], [2, 1, 2, 3]);
    new DataView(backwards.buffer).setUint32(8, 60, true);
    expect(code(backwards, 3, 2)).toBe('bad-header');
    new DataView(backwards.buffer).setUint32(8, 6000, true);
    expect(code(backwards, 3, 2)).toBe('truncated');
  });

  it('allocates nothing for pixels that its bytes cannot hold', () => {
    expect(codeOf(() => decodeRle(rle([129, 1], [129, 1]), 16_384 * 16_384, 2))).toBe('truncated');
  });
});
