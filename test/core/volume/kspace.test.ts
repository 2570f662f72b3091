import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { degradeStack, truncateKspace, zeroFill, zeroFillStack } from '../../../src/core/volume/kspace.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { vectorsRoot } from '../../helpers/data.ts';
import { readFixtures } from '../../helpers/safetensors.ts';

const image = (rows: number, columns: number, value: (row: number, column: number) => number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, at) => value(Math.floor(at / columns), at % columns));

const noise = (rows: number, columns: number, seed: number): Float32Array => {
  const random = createRandom(seed);
  return image(rows, columns, () => 1 + random.uniform());
};

const worstDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  let worst = 0;
  for (let at = 0; at < a.length; at++) worst = Math.max(worst, Math.abs(a[at]! - b[at]!));
  return worst;
};

/** A signal of a few low frequencies, positive, as a function of the position in periods of the image. */
const smooth = (y: number, x: number): number =>
  4 +
  Math.cos(2 * Math.PI * (x - 0.07)) +
  0.8 * Math.sin(2 * Math.PI * (2 * y + x)) +
  0.5 * Math.cos(2 * Math.PI * y);

/** The definition, straight from the sums: the kept block of the spectrum, sample 0 as origin. */
function slowTruncation(pixels: Float32Array, rows: number, columns: number, factor: number): Float32Array {
  const n = Math.floor(rows / factor);
  const m = Math.floor(columns / factor);
  const axis = (size: number, kept: number) => {
    const start = Math.floor(size / 2) - Math.floor(kept / 2);
    return Array.from({ length: kept }, (_, at) => start + at - Math.floor(size / 2));
  };
  const kernel = (out: number, kept: number, at: number, size: number, frequencies: number[]) =>
    frequencies.reduce(
      ([re, im], f) => {
        const angle = 2 * Math.PI * f * (out / kept - at / size);
        return [re + Math.cos(angle) / size, im + Math.sin(angle) / size] as [number, number];
      },
      [0, 0] as [number, number],
    );
  const rowFrequencies = axis(rows, n);
  const columnFrequencies = axis(columns, m);
  return image(n, m, (row, column) => {
    let re = 0;
    let im = 0;
    for (let r = 0; r < rows; r++) {
      const [ar, ai] = kernel(row, n, r, rows, rowFrequencies);
      for (let c = 0; c < columns; c++) {
        const [br, bi] = kernel(column, m, c, columns, columnFrequencies);
        re += pixels[r * columns + c]! * (ar * br - ai * bi);
        im += pixels[r * columns + c]! * (ar * bi + ai * br);
      }
    }
    return Math.hypot(re, im);
  });
}

describe('truncateKspace', () => {
  it.each([
    [12, 10, 2],
    [13, 11, 2],
    [15, 18, 4],
    [10, 9, 3],
    [6, 22, 1],
  ])('keeps the central block of a %i × %i image at ×%i', (rows, columns, factor) => {
    const pixels = noise(rows, columns, 3);
    const small = truncateKspace(pixels, rows, columns, factor);
    expect([small.rows, small.columns]).toEqual([Math.floor(rows / factor), Math.floor(columns / factor)]);
    expect(worstDifference(small.pixels, slowTruncation(pixels, rows, columns, factor))).toBeLessThan(1e-6);
  });

  it.each([
    [24, 20, 2],
    [25, 21, 2],
    [218, 182, 4],
    [22, 27, 4],
    [109, 91, 4],
  ])('keeps sample 0 of a %i × %i image on sample 0 at ×%i, the others at multiples of N/n', (rows, columns, factor) => {
    const pixels = image(rows, columns, (r, c) => smooth(r / rows, c / columns));
    const small = truncateKspace(pixels, rows, columns, factor);
    const expected = image(small.rows, small.columns, (r, c) => smooth(r / small.rows, c / small.columns));
    expect(worstDifference(small.pixels, expected)).toBeLessThan(2e-6);
  });

  it('preserves intensities, and on request has the gain of the official code', () => {
    const flat = image(30, 22, () => 7);
    expect(
      worstDifference(
        truncateKspace(flat, 30, 22, 4).pixels,
        image(7, 5, () => 7),
      ),
    ).toBeLessThan(1e-5);
    const official = truncateKspace(flat, 32, 16, 4, 'official-orthonormal').pixels;
    expect(
      worstDifference(
        official,
        image(8, 4, () => 28),
      ),
    ).toBeLessThan(1e-4);
  });

  it('refuses a factor that leaves nothing', () => {
    expect(() => truncateKspace(noise(3, 8, 1), 3, 8, 4)).toThrow(/cannot be degraded/);
    expect(() => truncateKspace(noise(3, 8, 1), 3, 8, 0.5)).toThrow(/cannot be degraded/);
  });

  describe.skipIf(!vectorsRoot())('reference vectors [needs shared data]', () => {
    it.each([2, 4] as const)('equals the published degradation at ×%i, in both gains', (factor) => {
      const vectors = readFixtures(join(vectorsRoot() ?? '', 'common/fixtures.safetensors'));
      const pixels = Float32Array.from(vectors.get('img')!.data);
      for (const [gain, name] of [
        ['preserve', 'preserve'],
        ['official-orthonormal', 'official'],
      ] as const) {
        const small = truncateKspace(pixels, 24, 20, factor, gain);
        const expected = vectors.get(`lr_x${factor}_${name}`)!;
        expect([small.rows, small.columns]).toEqual(expected.shape);
        expect(worstDifference(small.pixels, expected.data)).toBeLessThan(1e-6);
      }
    });
  });
});

describe('zeroFill', () => {
  it.each([
    [12, 10, 24, 20],
    [13, 11, 26, 22],
    [13, 10, 52, 40],
    [12, 15, 13, 16],
    [9, 14, 25, 31],
  ])('interpolates a band-limited %i × %i image exactly on %i × %i, sample 0 in place', (rows, columns, outRows, outColumns) => {
    const filled = zeroFill(
      image(rows, columns, (r, c) => smooth(r / rows, c / columns)),
      rows,
      columns,
      outRows,
      outColumns,
    );
    const expected = image(outRows, outColumns, (r, c) => smooth(r / outRows, c / outColumns));
    expect(worstDifference(filled, expected)).toBeLessThan(2e-6);
  });

  it.each([
    [12, 10],
    [13, 11],
    [1, 5],
  ])('gives every sample of a %i × %i image of any content back at i/s', (rows, columns) => {
    const pixels = noise(rows, columns, 5);
    for (const factor of [1, 2, 4]) {
      const filled = zeroFill(pixels, rows, columns, rows * factor, columns * factor);
      const picked = image(rows, columns, (r, c) => filled[r * factor * columns * factor + c * factor]!);
      expect(worstDifference(picked, pixels)).toBeLessThan(1e-6);
    }
  });

  it('is undone by truncation: whole for odd sizes', () => {
    const pixels = noise(13, 11, 7);
    const back = truncateKspace(zeroFill(pixels, 13, 11, 26, 22), 26, 22, 2);
    expect(worstDifference(back.pixels, pixels)).toBeLessThan(1e-6);
  });

  it('is undone by truncation but for half of the Nyquist frequency of even sizes', () => {
    const checker = image(8, 1, (r) => 5 + (r % 2 === 0 ? 1 : -1));
    const back = truncateKspace(zeroFill(checker, 8, 1, 16, 2), 16, 2, 2);
    const half = image(8, 1, (r) => 5 + (r % 2 === 0 ? 0.5 : -0.5));
    expect(worstDifference(back.pixels, half)).toBeLessThan(1e-6);
  });

  it('is linear, so negative values and offsets survive', () => {
    const pixels = noise(10, 12, 9);
    const changed = pixels.map((value) => -3 * value + 2);
    const expected = zeroFill(pixels, 10, 12, 20, 24).map((value) => -3 * value + 2);
    expect(worstDifference(zeroFill(changed, 10, 12, 20, 24), expected)).toBeLessThan(1e-5);
  });

  it('does not shrink', () => {
    expect(() => zeroFill(noise(8, 8, 1), 8, 8, 8, 7)).toThrow(/cannot go/);
  });
});

describe('stacks', () => {
  const stack: SliceStack = {
    columns: 11,
    rows: 9,
    spacingMm: [0.5, 0.75],
    iAxisLps: [1, 0, 0],
    jAxisLps: [0, 1, 0],
    sliceThicknessMm: 3,
    slices: [0, 3, 10].map((z) => ({
      positionLps: [4, 5, z],
      pixels: noise(9, 11, z),
      source: { path: `${z}.dcm`, sopInstanceUid: `1.${z}`, sopClassUid: '1' },
    })),
  };

  it('degrade in-plane, with the true spacing and every position and source kept', () => {
    const low = degradeStack(stack, 2);
    expect([low.columns, low.rows]).toEqual([5, 4]);
    expect(low.spacingMm[0]).toBeCloseTo((0.5 * 11) / 5, 12);
    expect(low.spacingMm[1]).toBeCloseTo((0.75 * 9) / 4, 12);
    expect(low.slices.map((s) => s.positionLps)).toEqual(stack.slices.map((s) => s.positionLps));
    expect(low.slices.map((s) => s.source)).toEqual(stack.slices.map((s) => s.source));
    expect(low.slices[1]!.pixels).toEqual(truncateKspace(stack.slices[1]!.pixels, 9, 11, 2).pixels);
  });

  it('zero-fill onto the enhanced grid, with every position kept', () => {
    const filled = zeroFillStack(stack, 4);
    expect([filled.columns, filled.rows]).toEqual([44, 36]);
    expect(filled.spacingMm).toEqual([0.125, 0.1875]);
    expect(filled.slices.map((s) => s.positionLps)).toEqual(stack.slices.map((s) => s.positionLps));
    expect(filled.slices[2]!.pixels[0]).toBeCloseTo(stack.slices[2]!.pixels[0]!, 5);
  });
});
