import { describe, expect, it } from 'vitest';
import { planTiles, runTiled } from '../../../src/main/runtime/tiles.ts';
import { randomImage } from '../../helpers/convModel.ts';

/** Mean over (2h + 1)² pixels with zeros outside: depends on nothing further away than h. */
function blur(image: Float32Array, rows: number, columns: number, h: number): Float32Array {
  return image.map((_, at) => {
    const [y, x] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let j = Math.max(0, y - h); j <= Math.min(rows - 1, y + h); j++) {
      for (let i = Math.max(0, x - h); i <= Math.min(columns - 1, x + h); i++) sum += image[j * columns + i]!;
    }
    return sum / (2 * h + 1) ** 2;
  });
}

describe('planTiles', () => {
  it('does not cut an image that fits', () => {
    const plan = planTiles(50, 60, 64, { halo: 8 });
    expect([plan.tileRows, plan.tileColumns]).toEqual([50, 60]);
    expect([plan.rowStarts, plan.columnStarts]).toEqual([[0], [0]]);
  });

  it.each([
    [1024, 768, 256, 8],
    [101, 67, 40, 5],
    [65, 64, 64, 2],
    [500, 30, 16, 8],
  ])('covers %i × %i with tiles of at most %i that overlap by their halos', (rows, columns, side, halo) => {
    const plan = planTiles(rows, columns, side, { halo });
    const axes = [
      { starts: plan.rowStarts, tile: plan.tileRows, length: rows },
      { starts: plan.columnStarts, tile: plan.tileColumns, length: columns },
    ];
    for (const { starts, tile, length } of axes) {
      expect(tile).toBeLessThanOrEqual(Math.max(side, 2 * halo + 16));
      expect(starts[0]).toBe(0);
      expect(starts.at(-1)! + tile).toBe(length);
      starts.slice(1).forEach((start, n) => {
        expect(starts[n]! + tile - start).toBeGreaterThanOrEqual(2 * halo);
      });
    }
  });
});

it.each([
  [1024, 768, 240, 4],
  [100, 60, 50, 2],
  [68, 44, 40, 4],
])('cuts %i × %i into tiles of at most %i at multiples of %i', (rows, columns, side, multiple) => {
  const plan = planTiles(rows, columns, side, { halo: 5, blend: 3, multiple });
  for (const [starts, tile, length] of [
    [plan.rowStarts, plan.tileRows, rows],
    [plan.columnStarts, plan.tileColumns, columns],
  ] as const) {
    expect(tile % multiple).toBe(0);
    expect(tile).toBeLessThanOrEqual(side);
    expect(starts.every((start) => start % multiple === 0)).toBe(true);
    expect(starts.at(-1)! + tile).toBe(length);
    starts.slice(1).forEach((start, n) => {
      expect(starts[n]! + tile - start).toBeGreaterThanOrEqual(2 * 5 + 3);
    });
  }
});

describe('runTiled', () => {
  it('cuts a smaller input at the same places', async () => {
    const [rows, columns, factor, halo] = [96, 72, 4, 6];
    const small = randomImage(rows / factor, columns / factor, 3);
    const plan = planTiles(rows, columns, 40, { halo, multiple: factor });
    const enlarge = (image: Float32Array, height: number, width: number) =>
      Float32Array.from({ length: height * width }, (_, at) => {
        const [y, x] = [Math.floor(at / width), at % width];
        return image[Math.floor(y / factor) * (width / factor) + Math.floor(x / factor)]!;
      });
    const tiled = await runTiled(plan, { target: small }, async ({ target }) => {
      expect(target!.length).toBe((plan.tileRows * plan.tileColumns) / factor ** 2);
      return enlarge(target!, plan.tileRows, plan.tileColumns);
    });
    expect(plan.rowStarts.length * plan.columnStarts.length).toBeGreaterThan(4);
    expect(tiled).toEqual(enlarge(small, rows, columns));
  });

  it.each([0, 6])('joins tiles without a seam (blended over %i pixels)', async (blend) => {
    const [rows, columns, halo] = [90, 71, 4];
    const image = randomImage(rows, columns, 1);
    const plan = planTiles(rows, columns, 36, { halo, blend });
    const tiled = await runTiled(plan, { zero_filled: image }, async ({ zero_filled }) =>
      blur(zero_filled!, plan.tileRows, plan.tileColumns, halo),
    );
    const whole = blur(image, rows, columns, halo);
    expect(plan.rowStarts.length * plan.columnStarts.length).toBeGreaterThan(4);
    if (blend === 0) expect(tiled).toEqual(whole);
    else for (const [at, value] of tiled.entries()) expect(value).toBeCloseTo(whole[at]!, 5);
  });

  it('blends what differs between two tiles over the given width and nowhere else', async () => {
    const plan = planTiles(20, 60, 40, { halo: 4, blend: 6 });
    expect(plan.columnStarts).toHaveLength(2);
    let tile = 0;
    const joined = await runTiled(plan, { zero_filled: new Float32Array(1200) }, async () =>
      new Float32Array(plan.tileRows * plan.tileColumns).fill(tile++),
    );
    const row = [...joined.subarray(0, 60)];
    const between = row.filter((value) => value > 0 && value < 1);
    expect(between.length).toBe(6);
    expect(row).toEqual([...row].sort((a, b) => a - b));
    const start = plan.columnStarts[1]!;
    expect(row[start + 3]).toBe(0);
    expect(row[plan.tileColumns - 4]).toBe(1);
  });
});
