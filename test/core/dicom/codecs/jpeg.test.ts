import { describe, expect, it } from 'vitest';
import { decodeJpeg } from '../../../../src/core/dicom/codecs/jpeg/decode.ts';
import { testImage } from '../../../helpers/compressed.ts';
import { encodeFlatBlocks, encodeLossless } from '../../../helpers/jpegEncoder.ts';
import { codeOf } from '../helpers.ts';

const SIZE = { rows: 12, columns: 9 };
const samples = testImage(SIZE.rows, SIZE.columns, 12);
const lossless = encodeLossless(samples, { columns: 9, precision: 12 });

const values = (bytes: Uint8Array, size = SIZE) => [...decodeJpeg(bytes, size).values];
const patched = (bytes: Uint8Array, at: number, ...to: number[]) => {
  const out = bytes.slice();
  out.set(to, at);
  return out;
};
/** Where the data of a marker's segment begin. */
const dataOf = (bytes: Uint8Array, marker: number) =>
  bytes.findIndex((byte, n) => byte === 0xff && bytes[n + 1] === marker) + 4;

describe('lossless JPEG', () => {
  it('says how many bits it has, and that it has no sign', () => {
    expect(decodeJpeg(lossless, SIZE)).toMatchObject({ precision: 12, signed: false });
    expect(values(lossless)).toEqual(samples);
  });

  it.each([1, 2, 5])('starts anew after a restart marker every %i lines', (restartLines) => {
    expect(values(encodeLossless(samples, { columns: 9, precision: 12, restartLines }))).toEqual(samples);
  });

  it('counts more than eight restart markers', () => {
    const tall = { rows: 25, columns: 3 };
    const image = testImage(25, 3, 16);
    const bytes = encodeLossless(image, { columns: 3, precision: 16, restartLines: 1 });
    expect(values(bytes, tall)).toEqual(image);
  });

  it('shifts back what a point transform shifted away', () => {
    const bytes = encodeLossless(samples, { columns: 9, precision: 12, pointTransform: 3 });
    expect(values(bytes)).toEqual(samples.map((value) => value & ~7));
  });

  it('holds differences modulo 65536, 32768 among them', () => {
    const image = [0, 65_535, 0, 32_768, 0, 65_535];
    const bytes = encodeLossless(image, { columns: 3, precision: 16 });
    expect(values(bytes, { rows: 2, columns: 3 })).toEqual(image);
  });
});

describe('baseline JPEG', () => {
  const greys = [0, 255, 128, 7, 7, 200, 90, 91, 17, 3, 250, 128];
  const size = { rows: 32, columns: 24 };

  it.each([0, 1, 3, 5])('keeps the mean of each block with a restart every %i', (restartBlocks) => {
    const decoded = values(encodeFlatBlocks(greys, 3, restartBlocks), size);
    const expected = decoded.map((_, n) => greys[Math.floor(n / 24 / 8) * 3 + Math.floor((n % 24) / 8)]!);
    expect(decoded).toEqual(expected);
  });

  it('needs no end marker', () => {
    expect(values(encodeFlatBlocks(greys, 3, 0).subarray(0, -2), size)).toHaveLength(24 * 32);
  });
});

describe('what is wrong with a JPEG', () => {
  const refused = (bytes: Uint8Array, size = SIZE) => codeOf(() => decodeJpeg(bytes, size));
  const sof = dataOf(lossless, 0xc3);

  it('has a code, wherever it is cut', () => {
    for (let length = 0; length < lossless.length - 3; length++) {
      const code = refused(lossless.subarray(0, length));
      expect([length, code]).toEqual([length, length < 2 ? 'bad-header' : 'truncated']);
    }
  });

  it('is another size than the image, or more than one component', () => {
    expect(refused(lossless, { rows: 12, columns: 10 })).toBe('bad-header');
    expect(refused(lossless, { rows: 13, columns: 9 })).toBe('bad-header');
    expect(refused(patched(lossless, sof + 5, 3))).toBe('bad-header');
    expect(() => decodeJpeg(lossless, { rows: 13, columns: 9 })).toThrow(/9 × 12.*9 × 13/);
  });

  it('is a process that nothing here decodes', () => {
    const kind = (marker: number) => patched(lossless, sof - 3, marker);
    expect(refused(kind(0xc9))).toBe('unsupported-format');
    expect(() => decodeJpeg(kind(0xcb), SIZE)).toThrow(/arithmetic/);
    expect(() => decodeJpeg(kind(0xc7), SIZE)).toThrow(/hierarchical/);
  });

  it('is a precision that its process does not have', () => {
    expect(refused(patched(lossless, sof, 17))).toBe('bad-header');
    expect(refused(patched(lossless, sof, 1))).toBe('bad-header');
    const flat = encodeFlatBlocks([1], 1, 0);
    expect(refused(patched(flat, dataOf(flat, 0xc0), 12), { rows: 8, columns: 8 })).toBe('bad-header');
  });

  it('is a missing table, predictor or restart marker', () => {
    const sos = dataOf(lossless, 0xda);
    expect(refused(patched(lossless, sos + 2, 0x10))).toBe('bad-header');
    expect(refused(patched(lossless, sos + 3, 8))).toBe('bad-header');
    const restarting = encodeLossless(samples, { columns: 9, precision: 12, restartLines: 4 });
    const marker = restarting.findIndex((byte, n) => byte === 0xff && restarting[n + 1] === 0xd0);
    expect(refused(patched(restarting, marker, 0x12, 0x34))).toBe('bad-header');
    expect(refused(patched(restarting, dataOf(restarting, 0xdd), 0, 7))).toBe('bad-header');
  });

  it('is a Huffman table with more codes than there are', () => {
    expect(refused(patched(lossless, dataOf(lossless, 0xc4) + 1, 3))).toBe('bad-header');
  });

  it('is a scan repeated without end', () => {
    const flat = encodeFlatBlocks([1], 1, 0);
    const sos = dataOf(flat, 0xda) - 4;
    const progressive = patched(flat, dataOf(flat, 0xc0) - 3, 0xc2);
    const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0x07];
    const many = Array.from({ length: 500 }, () => scan).flat();
    const bytes = Uint8Array.from([...progressive.subarray(0, sos), ...many, 0xff, 0xd9]);
    expect(() => decodeJpeg(bytes, { rows: 8, columns: 8 })).toThrow(/128 scans/);
  });
});
