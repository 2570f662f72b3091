import { describe, expect, it } from 'vitest';
import { decodeJpeg2000 } from '../../../src/main/studies/jpeg2000.ts';
import { fragmented, frameOf, imageElements, itemBytes, testImage } from '../../helpers/compressed.ts';
import { type Encoding, encodeJpeg2000 } from '../../helpers/jpeg2000Encoder.ts';
import { errorOf } from './helpers.ts';

const SIZE = { rows: 45, columns: 61 };
const TIMEOUT = 60_000;
const RPCL = 2;

const encode = (codec: 'j2k' | 'ht', samples: readonly number[], encoding: Encoding, size = SIZE) =>
  encodeJpeg2000(codec, samples, encoding, size);

describe('JPEG 2000', () => {
  it.each([
    ['j2k', '90', { bits: 8 }],
    ['j2k', '90', { bits: 12 }],
    ['j2k', '90', { bits: 16 }],
    ['j2k', '90', { bits: 16, signed: true }],
    ['j2k', '90', { bits: 12, signed: true }],
    ['ht', '201', { bits: 8 }],
    ['ht', '201', { bits: 12 }],
    ['ht', '201', { bits: 16, signed: true }],
    ['ht', '202', { bits: 16, order: RPCL }],
    ['ht', '203', { bits: 12 }],
  ] as const)(
    '%s as .4.%s, %o: every value comes back',
    { timeout: TIMEOUT },
    async (codec, uid, encoding) => {
      const { bits } = encoding;
      const signed = 'signed' in encoding;
      const samples = testImage(SIZE.rows, SIZE.columns, bits, signed);
      const codestream = await encode(codec, samples, encoding);
      const options = { ...SIZE, bitsAllocated: bits <= 8 ? 8 : 16, bitsStored: bits, signed } as const;
      const elements = imageElements(options, fragmented([codestream]));
      const { values } = await frameOf(elements, `1.2.840.10008.1.2.4.${uid}`);
      expect(values).toEqual(samples);
    },
  );

  it.each([
    ['j2k', '91', 0.2],
    ['ht', '203', 0.002],
  ] as const)('%s as .4.%s, with loss, is near', { timeout: TIMEOUT }, async (codec, uid, quantisation) => {
    const samples = testImage(SIZE.rows, SIZE.columns, 12);
    const codestream = await encode(codec, samples, { bits: 12, quantisation });
    const elements = imageElements({ ...SIZE, bitsStored: 12 }, fragmented([codestream]));
    const { values } = await frameOf(elements, `1.2.840.10008.1.2.4.${uid}`);
    const mean = values.reduce((sum, value, n) => sum + Math.abs(value - samples[n]!), 0) / values.length;
    expect(mean).toBeGreaterThan(0);
    expect(mean).toBeLessThan(100);
  });

  it('of unsigned samples holds signed pixels by their bits', { timeout: TIMEOUT }, async () => {
    const samples = testImage(SIZE.rows, SIZE.columns, 12, true);
    const codestream = await encode(
      'j2k',
      samples.map((value) => value & 0xfff),
      { bits: 12 },
    );
    const elements = imageElements({ ...SIZE, bitsStored: 12, signed: true }, fragmented([codestream]));
    expect((await frameOf(elements, '1.2.840.10008.1.2.4.90')).values).toEqual(samples);
  });

  it('of many frames is read frame by frame, with a table or without', { timeout: TIMEOUT }, async () => {
    const images = [1, 2, 3].map((n) => testImage(SIZE.rows, SIZE.columns, 12).map((value) => value >> n));
    const frames = await Promise.all(images.map((image) => encode('j2k', image, { bits: 12 })));
    const pieces = frames.flatMap((frame) => [frame.subarray(0, 300), frame.subarray(300)]);
    const table = [0, 2, 4].map((n) => pieces.slice(0, n).reduce((sum, one) => sum + itemBytes(one), 0));
    for (const offsets of [[], table]) {
      const elements = imageElements({ ...SIZE, bitsStored: 12, frames: 3 }, fragmented(pieces, offsets));
      for (const n of [2, 0, 1]) {
        const { values } = await frameOf(elements, '1.2.840.10008.1.2.4.90', n);
        expect(values).toEqual(images[n]);
      }
    }
  });
});

describe('what is wrong with a JPEG 2000 codestream', () => {
  const samples = testImage(SIZE.rows, SIZE.columns, 12);
  const codestream = encode('j2k', samples, { bits: 12 });
  const codeOf = async (bytes: Uint8Array, size = SIZE) => (await errorOf(decodeJpeg2000(bytes, size))).code;
  const patched = async (at: number, ...to: number[]) => {
    const bytes = (await codestream).slice();
    bytes.set(to, at);
    return bytes;
  };
  /** Where a marker stands in the main header. */
  const markerAt = (bytes: Uint8Array, marker: number) =>
    bytes.findIndex((byte, n) => byte === 0xff && bytes[n + 1] === marker);

  it('has a code wherever it is cut: OpenJPEG would give an image all the same', {
    timeout: TIMEOUT,
  }, async () => {
    const bytes = await codestream;
    const lengths = Array.from({ length: 60 }, (_, n) => Math.floor((n * (bytes.length - 3)) / 59));
    for (const length of lengths) {
      expect([length, await codeOf(bytes.subarray(0, length))]).toEqual([length, 'truncated']);
    }
    expect((await decodeJpeg2000(bytes.subarray(0, -2), SIZE)).values).toHaveLength(45 * 61);
  });

  it('is cut where its last tile-part goes on to an end that is not there', {
    timeout: TIMEOUT,
  }, async () => {
    const bytes = await codestream;
    const sot = markerAt(bytes, 0x90);
    const open = await patched(sot + 6, 0, 0, 0, 0);
    expect([...(await decodeJpeg2000(open, SIZE)).values]).toEqual(samples);
    expect(await codeOf(open.subarray(0, -200))).toBe('truncated');
  });

  it('is another size, more than one component or more bits than are read', async () => {
    expect(await codeOf(await codestream, { rows: 46, columns: 61 })).toBe('bad-header');
    expect(await codeOf(await codestream, { rows: 45, columns: 62 })).toBe('bad-header');
    // From the SIZ marker at 2: components at 38, precision and sampling after them.
    expect(await codeOf(await patched(40, 0, 3))).toBe('bad-header');
    expect(await codeOf(await patched(42, 16))).toBe('unsupported-format');
    expect(await codeOf(await patched(43, 2))).toBe('bad-header');
  });

  it('is tiles, layers or precincts enough to exhaust a decoder', async () => {
    const large = { rows: 4500, columns: 6100 };
    const size = [0, 0, 0x17, 0xd4, 0, 0, 0x11, 0x94, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8];
    expect(await codeOf(await patched(8, ...size), large)).toBe('too-large');
    const cod = markerAt(await codestream, 0x52);
    const bytes = await codestream;
    const levels = bytes[cod + 9]!;
    const precincts = Array.from({ length: levels + 1 }, () => 0);
    const style = [
      0xff,
      0x52,
      0,
      12 + levels + 1,
      1,
      0,
      0xff,
      0xff,
      0,
      levels,
      ...bytes.subarray(cod + 10, cod + 14),
    ];
    const length = bytes[cod + 2]! * 256 + bytes[cod + 3]!;
    const lying = Uint8Array.from([
      ...bytes.subarray(0, cod),
      ...style,
      ...precincts,
      ...bytes.subarray(cod + 2 + length),
    ]);
    expect(await codeOf(lying)).toBe('too-large');
  });

  it('is a tile that is not there, which would be black', { timeout: TIMEOUT }, async () => {
    expect(await codeOf(await patched(24, 0, 0, 0, 40, 0, 0, 0, 45))).toBe('truncated');
    const square = { rows: 64, columns: 64 };
    const halves = [testImage(64, 64, 12), testImage(64, 64, 12).reverse()];
    const [left, right] = await Promise.all(halves.map((half) => encode('j2k', half, { bits: 12 }, square)));
    const both = { rows: 64, columns: 128 };
    const first = left!.slice(0, -2);
    first.set([0, 0, 0, 128], 8);
    const second = right!.slice(markerAt(right!, 0x90));
    second.set([0, 1], 4);
    const tiles = Uint8Array.from([...first, ...second]);
    const expected = Array.from({ length: 64 }, (_, row) =>
      halves.flatMap((half) => half.slice(64 * row, 64 * row + 64)),
    ).flat();
    expect([...(await decodeJpeg2000(tiles, both)).values]).toEqual(expected);
    expect(await codeOf(first, both)).toBe('truncated');
    expect(await codeOf(Uint8Array.from([...first, 0xff, 0xd9]), both)).toBe('truncated');
  });

  it('is anything that OpenJPEG complains of', { timeout: TIMEOUT }, async () => {
    const bytes = await codestream;
    const qcd = markerAt(bytes, 0x5c);
    const error = await errorOf(decodeJpeg2000(await patched(qcd + 1, 0x4f), SIZE));
    expect(error.code).toBe('bad-header');
    const cod = markerAt(bytes, 0x52);
    expect(await codeOf(await patched(cod + 5, 9))).toBe('bad-header');
    // It goes on decoding the next one as if nothing had been.
    expect([...(await decodeJpeg2000(bytes, SIZE)).values]).toEqual(samples);
  });
});
