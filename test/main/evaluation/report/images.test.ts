import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inferno } from '../../../../src/main/evaluation/report/colourMap.ts';
import {
  colourBarPng,
  errorPng,
  greyPng,
  shownSlices,
  slicesToShow,
} from '../../../../src/main/evaluation/report/errorMaps.ts';
import { encodePng } from '../../../../src/main/evaluation/report/png.ts';

/** The pixels of an 8-bit PNG without filters, its chunks and their checks read by the standard. */
function decodePng(png: Buffer): { columns: number; rows: number; channels: number; pixels: number[] } {
  expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR')!;
  const [columns, rows] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colour, ...methods] = header.subarray(8);
  expect([depth, ...methods]).toEqual([8, 0, 0, 0]);
  const channels = colour === 2 ? 3 : 1;
  const lines = inflateSync(chunks.get('IDAT')!);
  const pixels: number[] = [];
  for (let row = 0; row < rows; row++) {
    const line = lines.subarray(row * (columns * channels + 1), (row + 1) * (columns * channels + 1));
    expect(line[0]).toBe(0);
    pixels.push(...line.subarray(1));
  }
  return { columns, rows, channels, pixels };
}

describe('encodePng', () => {
  it.each([1, 3] as const)('keeps an image of %i channels', (channels) => {
    const pixels = Uint8Array.from({ length: 5 * 3 * channels }, (_, at) => (at * 37) % 256);
    expect(decodePng(encodePng(pixels, 5, 3, channels))).toEqual({
      columns: 5,
      rows: 3,
      channels,
      pixels: [...pixels],
    });
  });

  it('refuses pixels that are no such image', () => {
    expect(() => encodePng(new Uint8Array(16), 5, 3, 1)).toThrow(RangeError);
  });
});

describe('inferno', () => {
  // matplotlib 3.9, _cm_listed.py: entries 0, 128 and 255.
  it.each([
    [0, [0.001462, 0.000466, 0.013866]],
    [128, [0.735683, 0.215906, 0.330245]],
    [255, [0.988362, 0.998364, 0.644924]],
  ] as const)('is near matplotlib’s at step %i', (step, expected) => {
    for (const [channel, value] of inferno[step]!.entries()) {
      expect(Math.abs(value / 255 - expected[channel]!)).toBeLessThan(0.02);
    }
  });

  it('grows lighter with every step', () => {
    const luminance = inferno.map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b);
    for (let step = 8; step < 256; step += 8) {
      expect(luminance[step]!).toBeGreaterThan(luminance[step - 8]!);
    }
  });
});

describe('the maps', () => {
  const truth = Float32Array.of(0, 0.2, 0.4, 0.6, 0.8, 1);

  it('lie with the front up and the patient’s right on the left', () => {
    const { columns, rows, pixels } = decodePng(greyPng(truth, 2, 3));
    expect([columns, rows]).toEqual([3, 2]);
    expect(pixels).toEqual([255, 204, 153, 102, 51, 0]);
  });

  it('colour the absolute error on the scale that is stated', () => {
    const image = truth.map((value, at) => value + [0, 0.04, -0.04, 0.1, -0.3, 0][at]!);
    const { pixels, channels } = decodePng(errorPng(truth, image, 2, 3, 0.1));
    const colours = Array.from({ length: 6 }, (_, at) =>
      pixels.slice(channels * at, channels * at + 3),
    ).reverse();
    expect(colours).toEqual([0, 102, 102, 255, 255, 0].map((step) => [...inferno[step]!]));
    expect(decodePng(colourBarPng()).pixels).toEqual(inferno.flat());
  });

  it('are of a quarter, half and three quarters of the stack, each slice once', () => {
    expect(shownSlices(101)).toEqual([25, 50, 75]);
    expect(shownSlices(2)).toEqual([0, 1]);
    expect(shownSlices(1)).toEqual([0]);
  });

  it('keep copies of the slices shown', () => {
    const stack = Array.from({ length: 5 }, (_, at) => Float32Array.of(at));
    const { shown, see } = slicesToShow(stack, ['cubic']);
    const image = stack.map(([value]) => Float32Array.of(value! + 10));
    see('one', image);
    see('cubic', image);
    for (const slice of image) slice.fill(0);
    expect(shown.map(({ index, methods }) => [index, [...methods.keys()], methods.get('one')![0]])).toEqual([
      [1, ['one'], 11],
      [2, ['one'], 12],
      [3, ['one'], 13],
    ]);
  });
});
