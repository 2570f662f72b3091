import { describe, expect, it } from 'vitest';
import { fromCanvas, ontoCanvas } from '../../../src/core/volume/canvas.ts';

const CANVAS = { size: 32, pixelMm: 1 };

/** A plane of values over mm from the middle of the slice. */
function ramp(
  rows: number,
  columns: number,
  spacing: readonly [number, number],
  f: (x: number, y: number) => number,
) {
  return Float32Array.from({ length: rows * columns }, (_, n) =>
    f(
      ((n % columns) - (columns - 1) / 2) * spacing[0],
      (Math.floor(n / columns) - (rows - 1) / 2) * spacing[1],
    ),
  );
}

describe('a slice brought onto the canvas', () => {
  it('is the slice itself where the grids are the same', () => {
    const pixels = ramp(32, 32, [1, 1], (x, y) => Math.sin(x) + Math.cos(3 * y));
    const grid = { rows: 32, columns: 32, spacingMm: [1, 1] as const };
    expect([...ontoCanvas(pixels, grid, CANVAS)]).toEqual([...pixels]);
    expect([...fromCanvas(pixels, grid, CANVAS)]).toEqual([...pixels]);
  });

  it.each([
    ['finer', 80, 64, [0.5, 0.45]],
    ['coarser', 20, 18, [2, 1.8]],
    ['finer across, coarser down', 22, 90, [0.4, 1.7]],
  ] as const)('has its values at their places in mm, middle on middle: %s', (_, rows, columns, spacingMm) => {
    const plane = (x: number, y: number): number => 5 + 0.3 * x - 0.2 * y;
    const placed = ontoCanvas(
      ramp(rows, columns, spacingMm, plane),
      { rows, columns, spacingMm },
      CANVAS,
      -9,
    );
    const wanted = ramp(32, 32, [1, 1], plane);
    for (let i = 4; i < 28; i++) {
      for (let j = 4; j < 28; j++) expect(placed[i * 32 + j]).toBeCloseTo(wanted[i * 32 + j]!, 1.5);
    }
    const back = fromCanvas(wanted, { rows, columns, spacingMm }, CANVAS, -9);
    const [i, j] = [Math.round(rows / 2), Math.round(columns / 2) + 2];
    const there = ramp(rows, columns, spacingMm, plane);
    expect(back[i * columns + j]).toBeCloseTo(there[i * columns + j]!, 1.5);
  });

  it('is the given value beyond the slice, and a small slice keeps its edge', () => {
    const grid = { rows: 8, columns: 10, spacingMm: [1, 1] as const };
    const placed = ontoCanvas(new Float32Array(80).fill(7), grid, CANVAS, -1);
    expect(placed.filter((value) => value === 7)).toHaveLength(80);
    expect(placed.filter((value) => value === -1)).toHaveLength(32 * 32 - 80);
  });

  it('averages what is finer, so that nothing is skipped', () => {
    const grid = { rows: 128, columns: 128, spacingMm: [0.25, 0.25] as const };
    const stripes = Float32Array.from({ length: 128 * 128 }, (_, n) => (n % 2 === 0 ? 0 : 2));
    const placed = ontoCanvas(stripes, grid, CANVAS);
    for (let j = 2; j < 30; j++) expect(placed[16 * 32 + j]).toBeCloseTo(1, 5);
  });

  it('refuses a spacing that is no length', () => {
    const grid = { rows: 2, columns: 2, spacingMm: [0, 1] as const };
    expect(() => ontoCanvas(new Float32Array(4), grid, CANVAS)).toThrow(/pixel size/);
  });
});
