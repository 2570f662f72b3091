import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { inconsistency } from '../../../src/core/volume/consistency.ts';
import { degradeStack, truncateKspace, zeroFill, zeroFillStack } from '../../../src/core/volume/kspace.ts';
import { spectrumFill } from '../../../src/core/volume/sharpness.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';

const [rows, columns] = [96, 128];

/** Random boxes: edges in both directions, and some noise. */
function boxes(seed: number): Float32Array {
  const random = createRandom(seed);
  const pixels = new Float32Array(rows * columns);
  for (let n = 0; n < 30; n++) {
    const [r, c, h, w] = [
      random.integer(rows),
      random.integer(columns),
      4 + random.integer(30),
      4 + random.integer(30),
    ];
    const value = random.uniform();
    for (let row = r; row < Math.min(rows, r + h); row++)
      pixels.fill(value, row * columns + c, row * columns + Math.min(columns, c + w));
  }
  return pixels;
}

const slices = [1, 2, 3].map(boxes);

describe('spectrumFill', () => {
  it('is about 1 for edges, in both directions, whatever their brightness', () => {
    const fill = spectrumFill(slices, rows, columns);
    expect(fill.alongRows).toBeGreaterThan(0.3);
    expect(fill.alongColumns).toBeGreaterThan(0.3);
    const brighter = spectrumFill(
      slices.map((pixels) => pixels.map((value) => 1000 * value)),
      rows,
      columns,
    );
    expect(brighter.alongRows).toBeCloseTo(fill.alongRows, 4);
  });

  it('falls a hundredfold where the image was zero-filled, along that direction alone', () => {
    const half = slices.map((pixels) => {
      const low = truncateKspace(pixels, rows, columns, 2);
      return zeroFill(low.pixels, low.rows, low.columns, rows, columns).map(Math.abs);
    });
    const sharp = spectrumFill(slices, rows, columns);
    const fill = spectrumFill(half, rows, columns);
    expect(fill.alongRows).toBeLessThan(0.016);
    expect(fill.alongColumns).toBeLessThan(0.016);
    const smoothedAlongRows = slices.map((pixels) =>
      pixels.map((value, at) => 0.5 * value + 0.25 * ((pixels[at - 1] ?? 0) + (pixels[at + 1] ?? 0))),
    );
    const soft = spectrumFill(smoothedAlongRows, rows, columns);
    expect(soft.alongRows).toBeLessThan(0.05 * sharp.alongRows);
    expect(soft.alongColumns).toBeGreaterThan(0.5 * sharp.alongColumns);
  });

  it('is 0 for constant images, and lets values that are no numbers be', () => {
    expect(spectrumFill([new Float32Array(rows * columns)], rows, columns)).toEqual({
      alongRows: 0,
      alongColumns: 0,
    });
    const broken = slices[0]!.slice();
    broken[50] = Number.NaN;
    expect(spectrumFill([broken], rows, columns).alongRows).toBeGreaterThan(0.1);
  });
});

describe('inconsistency', () => {
  const stack: SliceStack = {
    rows,
    columns,
    spacingMm: [1, 1],
    iAxisLps: [1, 0, 0],
    jAxisLps: [0, 1, 0],
    slices: slices.map((pixels, n) => ({ pixels, positionLps: [0, 0, n] as const, source: n })),
  } as unknown as SliceStack;

  it.each([
    2, 4,
  ] as const)('is exactly 0 for the truth of a known degradation ×%d, and little for zero-filling', (scale) => {
    const acquired = degradeStack(stack, scale);
    expect(inconsistency(acquired, slices, scale)).toBe(0);
    const filled = zeroFillStack(acquired, scale).slices.map(({ pixels }) => pixels);
    const little = inconsistency(acquired, filled, scale);
    expect(little).toBeLessThan(0.03);
    const doubled = filled.map((pixels) => pixels.map((value) => 1.5 * value));
    expect(inconsistency(acquired, doubled, scale)).toBeGreaterThan(3 * little);
  });

  it('is blind to what lies beyond the acquired k-space', () => {
    const acquired = degradeStack(stack, 2);
    const [first] = slices;
    // The highest frequency along the rows: nothing of it was acquired.
    const stripes = first!.map((value, at) => value + (at % 2 === 0 ? 0.1 : -0.1));
    expect(inconsistency({ ...acquired, slices: acquired.slices.slice(0, 1) }, [stripes], 2)).toBeLessThan(
      1e-6,
    );
  });
});
