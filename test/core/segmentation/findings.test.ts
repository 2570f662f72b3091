import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { componentsOf } from '../../../src/core/segmentation/components.ts';
import { keepParts } from '../../../src/core/segmentation/findings.ts';

const [ROWS, COLUMNS, SLICES] = [8, 7, 5];

/** Grown from one voxel until nothing more touches it. */
function partsByGrowing(masks: readonly Uint8Array[]): Set<string>[] {
  const open = new Set<string>();
  for (const [k, mask] of masks.entries())
    for (const [at, value] of mask.entries())
      if (value !== 0) open.add(`${at % COLUMNS},${Math.floor(at / COLUMNS)},${k}`);
  const parts: Set<string>[] = [];
  while (open.size > 0) {
    const [seed] = open;
    const part = new Set([seed!]);
    open.delete(seed!);
    for (let grown = true; grown; ) {
      grown = false;
      for (const one of open) {
        const p = one.split(',').map(Number);
        const touches = [...part].some((other) => {
          const q = other.split(',').map(Number);
          return p.every((value, axis) => Math.abs(value - q[axis]!) <= 1);
        });
        if (!touches) continue;
        part.add(one);
        open.delete(one);
        grown = true;
      }
    }
    parts.push(part);
  }
  return parts;
}

describe('connected parts', () => {
  it('are those that growing finds, largest first', () => {
    for (let seed = 0; seed < 12; seed++) {
      const random = createRandom(seed);
      const masks = Array.from({ length: SLICES }, () =>
        Uint8Array.from({ length: ROWS * COLUMNS }, () => Number(random.uniform() < 0.08)),
      );
      const { map, parts } = componentsOf(masks, ROWS, COLUMNS);
      const grown = partsByGrowing(masks);
      expect(parts.map(({ voxels }) => voxels)).toEqual(grown.map(({ size }) => size).sort((a, b) => b - a));
      expect(parts.map(({ number }) => number)).toEqual(parts.map((_, n) => n + 1));
      const found = parts.map(
        ({ number }) =>
          new Set(
            map.flatMap((slice, k) =>
              [...slice].flatMap((value, at) =>
                value === number ? [`${at % COLUMNS},${Math.floor(at / COLUMNS)},${k}`] : [],
              ),
            ),
          ),
      );
      for (const part of grown) expect(found).toContainEqual(part);
    }
  });

  it('of a solid volume are one, however large', () => {
    const masks = Array.from({ length: 20 }, () => new Uint8Array(100 * 100).fill(1));
    expect(componentsOf(masks, 100, 100).parts).toEqual([{ number: 1, voxels: 200_000 }]);
  });
});

describe('what is kept', () => {
  const grid = { rows: 10, columns: 10, voxelMl: 0.1 };
  /** Squares of a label on one slice: [left, top, side, label]. */
  const slice = (...squares: readonly (readonly [number, number, number, number])[]) => {
    const labels = new Uint8Array(100);
    const agreement = new Float32Array(100);
    for (const [left, top, side, label] of squares)
      for (let j = top; j < top + side; j++)
        for (let i = left; i < left + side; i++) {
          labels[j * 10 + i] = label;
          agreement[j * 10 + i] = label / 4;
        }
    return { labels, agreement };
  };
  const nothing = slice();

  it('are parts that are large enough, with volume, place and the mean agreement of their voxels', () => {
    const found = keepParts([nothing, slice([0, 0, 3, 1], [6, 6, 1, 1]), slice([0, 0, 2, 1])], grid, [1], {
      leastMl: 0.2,
      mostParts: null,
    });
    expect(found.parts).toEqual([
      { label: 1, voxels: 13, ml: expect.closeTo(1.3, 9), confidence: 0.25, slice: 1 },
    ]);
    expect(found.dropped).toBe(1);
    expect(found.labels.map((labels) => labels.reduce((sum, value) => sum + value, 0))).toEqual([0, 9, 4]);
    expect(found.labels[1]![66]).toBe(0);
  });

  it('are the largest of each label where only so many are wanted', () => {
    const stack = [slice([0, 0, 2, 1], [4, 0, 3, 1], [0, 6, 2, 2], [5, 5, 4, 2])];
    const { parts, labels, dropped } = keepParts(stack, grid, [1, 2], { leastMl: 0, mostParts: 1 });
    expect(parts.map(({ label, voxels }) => [label, voxels])).toEqual([
      [1, 9],
      [2, 16],
    ]);
    expect(dropped).toBe(2);
    expect(labels[0]!.filter((value) => value === 1)).toHaveLength(9);
  });

  it('may be nothing', () => {
    const { parts, labels } = keepParts([nothing, slice([1, 1, 1, 1])], grid, [1], {
      leastMl: 1,
      mostParts: null,
    });
    expect(parts).toEqual([]);
    expect(labels.every((one) => one.every((value) => value === 0))).toBe(true);
  });

  it('keeps a part that has exactly the least volume', () => {
    const { parts } = keepParts([slice([0, 0, 2, 1])], { ...grid, voxelMl: 0.25 }, [1], {
      leastMl: 1,
      mostParts: null,
    });
    expect(parts).toHaveLength(1);
  });
});
