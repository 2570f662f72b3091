import { describe, expect, it } from 'vitest';
import type { PixelFormat } from '../../../src/core/dicom/pixels.ts';
import { realValues, storedFromBytes, storedFromSamples } from '../../../src/core/dicom/pixelValues.ts';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../../../src/core/dicom/transferSyntax.ts';
import {
  fragmented,
  frameOf,
  type ImageOptions,
  imageElements,
  itemBytes,
  nativePixels,
} from '../../helpers/compressed.ts';
import { ds, us } from '../../helpers/dicomBuilder.ts';
import { codeOf } from './helpers.ts';

const FORMAT: PixelFormat = {
  transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN,
  rows: 1,
  columns: 4,
  frames: 1,
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 11,
  signed: false,
  littleEndian: true,
  slope: 1,
  intercept: 0,
  padding: undefined,
  encapsulated: false,
  offset: 0,
  length: 8,
  extendedOffsets: undefined,
};

const words = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);
const format = (changes: Partial<PixelFormat>): PixelFormat => ({ ...FORMAT, ...changes });

describe('stored values', () => {
  it('drop what lies above and below the stored bits', () => {
    const bytes = words(0xf123, 0x0fff, 0x8000, 0x7001);
    expect([...storedFromBytes(bytes, FORMAT)]).toEqual([0x123, 0xfff, 0, 1]);
    expect([...storedFromBytes(bytes, format({ highBit: 15 }))]).toEqual([0xf12, 0x0ff, 0x800, 0x700]);
    expect([...storedFromBytes(bytes, format({ highBit: 13, bitsStored: 10 }))]).toEqual([
      0x312, 0x0ff, 0, 0x300,
    ]);
  });

  it('have the sign of their highest stored bit', () => {
    const bytes = words(0x0800, 0x07ff, 0x0fff, 0xf001);
    expect([...storedFromBytes(bytes, format({ signed: true }))]).toEqual([-2048, 2047, -1, 1]);
    const high = words(0x8000, 0x7ff0, 0xfff0, 0x001f);
    expect([...storedFromBytes(high, format({ signed: true, highBit: 15 }))]).toEqual([-2048, 2047, -1, 1]);
  });

  it('take eight and thirty-two bits', () => {
    const bytes = Uint8Array.from([0x80, 0x7f, 0xff, 1]);
    const eight = format({ bitsAllocated: 8, bitsStored: 8, highBit: 7 });
    expect([...storedFromBytes(bytes, eight)]).toEqual([128, 127, 255, 1]);
    expect([...storedFromBytes(bytes, { ...eight, signed: true })]).toEqual([-128, 127, -1, 1]);
    const longs = new Uint8Array(Uint32Array.from([0xffffffff, 0x80000000, 7, 0]).buffer);
    const long = format({ bitsAllocated: 32, bitsStored: 32, highBit: 31 });
    expect([...storedFromBytes(longs, long)]).toEqual([0xffffffff, 0x80000000, 7, 0]);
    expect([...storedFromBytes(longs, { ...long, signed: true })]).toEqual([-1, -0x80000000, 7, 0]);
  });
});

describe('stored values from a codec', () => {
  const samples = (values: number[], precision: number, signed = false) => ({
    values: Int32Array.from(values),
    precision,
    signed,
  });
  const lossy = { transferSyntaxUid: '1.2.840.10008.1.2.4.91' };
  const lossless = { transferSyntaxUid: '1.2.840.10008.1.2.4.90' };

  it('are the samples where their bits agree', () => {
    const stored = storedFromSamples(samples([0, 1, 4095, 7], 12), format(lossless));
    expect([...stored]).toEqual([0, 1, 4095, 7]);
  });

  it('take their sign from the image where the codestream has none', () => {
    const stored = storedFromSamples(
      samples([0, 2047, 2048, 4095], 12),
      format({ ...lossless, signed: true }),
    );
    expect([...stored]).toEqual([0, 2047, -2048, -1]);
  });

  it('are read anew where the codestream has a sign and the image has none', () => {
    const stored = storedFromSamples(samples([0, -1, -2048, 5], 12, true), format(lossless));
    expect([...stored]).toEqual([0, 4095, 2048, 5]);
  });

  it('come out of whole words, sign-extended or not, with the high bit at the top or lower', () => {
    const signed = format({ ...lossless, signed: true });
    expect([...storedFromSamples(samples([1, 0x0fff, 0xffff, 0xf800], 16), signed)]).toEqual([
      1, -1, -1, -2048,
    ]);
    const high = format({ ...lossless, highBit: 15 });
    expect([...storedFromSamples(samples([0x10, 0xffff, 0xfff0, 0x8000], 16), high)]).toEqual([
      1, 4095, 4095, 2048,
    ]);
    expect([...storedFromSamples(samples([1, 2, 3, 4095], 12), high)]).toEqual([1, 2, 3, 4095]);
  });

  it('are clipped where a lossy codec overshot, and not wrapped', () => {
    const stored = storedFromSamples(samples([4096, 4100, 4095, 3], 16), format(lossy));
    expect([...stored]).toEqual([4095, 4095, 4095, 3]);
    const signed = storedFromSamples(
      samples([2048, -2050, -1, 3], 16, true),
      format({ ...lossy, signed: true }),
    );
    expect([...signed]).toEqual([2047, -2048, -1, 3]);
  });

  it('are refused where nothing says what they are', () => {
    expect(codeOf(() => storedFromSamples(samples([0, 0, 0, 0], 17), format(lossless)))).toBe('bad-header');
    const signed = format({ ...lossless, signed: true });
    expect(codeOf(() => storedFromSamples(samples([0, 0, 200, 0], 8), signed))).toBe('bad-header');
    expect([...storedFromSamples(samples([0, 1, 127, 0], 8), signed)]).toEqual([0, 1, 127, 0]);
  });
});

describe('real-world values', () => {
  it('are 0 where the image is padded, and rescaled elsewhere', () => {
    const stored = Int32Array.from([-5, -4, 0, 10]);
    const padded = format({ padding: { lowest: -5, highest: -4 } });
    expect([...realValues(stored, { slope: 2, intercept: 3 }, padded)]).toEqual([0, 0, 3, 23]);
    expect([...realValues(stored, { slope: 2, intercept: 3 }, FORMAT)]).toEqual([-7, -5, 3, 23]);
  });

  const image = (values: readonly number[], options: Partial<ImageOptions>) =>
    imageElements({ rows: 1, columns: 4, ...options }, nativePixels(values));
  const read = async (values: readonly number[], options: Partial<ImageOptions>) =>
    (await frameOf(image(values, options), EXPLICIT_LITTLE_ENDIAN)).values;

  it('take padding by the sign of the pixels, as a value or as a range in either order', async () => {
    const padding = (value: number, limit?: number) => ({
      [TAG.PixelPaddingValue]: us(value),
      ...(limit === undefined ? {} : { [TAG.PixelPaddingRangeLimit]: us(limit) }),
      [TAG.RescaleSlope]: ds(1),
      [TAG.RescaleIntercept]: ds(100),
    });
    const values = [-2000, 5, 6, 7];
    expect(await read(values, { signed: true, extra: padding(0x10000 - 2000) })).toEqual([0, 105, 106, 107]);
    expect(await read([63_536, 5, 6, 7], { extra: padding(63_536) })).toEqual([0, 105, 106, 107]);
    expect(await read(values, { signed: true, extra: padding(7, 6) })).toEqual([-1900, 105, 0, 0]);
    expect(await read(values, { signed: true, extra: padding(0x10000 - 2000, 5) })).toEqual([0, 0, 106, 107]);
  });

  it('are the same in MONOCHROME1', async () => {
    const extra = { [TAG.PhotometricInterpretation]: { vr: 'CS', value: 'MONOCHROME1' } };
    expect(await read([1, 2, 3, 4], { extra })).toEqual([1, 2, 3, 4]);
  });
});

describe('frames', () => {
  it('of a native image follow each other, each read by itself', async () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const elements = imageElements({ rows: 1, columns: 4, frames: 3 }, nativePixels(values));
    for (const n of [0, 1, 2]) {
      const frame = await frameOf(elements, EXPLICIT_LITTLE_ENDIAN, n);
      expect(frame.values).toEqual(values.slice(4 * n, 4 * n + 4));
      expect(frame.format.frames).toBe(3);
    }
    await expect(frameOf(elements, EXPLICIT_LITTLE_ENDIAN, 3)).rejects.toMatchObject({ code: 'bad-header' });
  });

  it('of native pixels in fragments are read like any', async () => {
    const frames = [1, 2, 3].map((n) => nativePixels([n, n + 10, n + 20, n + 30]).value as Uint8Array);
    const split = frames.flatMap((bytes) => [bytes.subarray(0, 2), bytes.subarray(2)]);
    const table = [0, 1, 2].map((n) => n * (itemBytes(split[0]!) + itemBytes(split[1]!)));
    const syntax = '1.2.840.10008.1.2.1.98';
    const options = { rows: 1, columns: 4, frames: 3 };
    for (const pixels of [fragmented(frames), fragmented(split, table)]) {
      expect((await frameOf(imageElements(options, pixels), syntax, 1)).values).toEqual([2, 12, 22, 32]);
    }
    const short = imageElements(options, fragmented(frames.map((bytes) => bytes.subarray(2))));
    await expect(frameOf(short, syntax, 1)).rejects.toMatchObject({ code: 'truncated' });
  });

  it('of eight bits and an odd size are not moved by the padding at the end', async () => {
    const elements = imageElements(
      { rows: 1, columns: 3, frames: 3, bitsAllocated: 8 },
      nativePixels([1, 2, 3, 4, 5, 6, 7, 8, 9], 8),
    );
    expect((await frameOf(elements, EXPLICIT_LITTLE_ENDIAN, 2)).values).toEqual([7, 8, 9]);
  });
});
