import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { hausdorff95, type MaskGrid } from '../../../src/core/segmentation/surfaceDistance.ts';

const GRID: MaskGrid = { rows: 9, columns: 7, spacingMm: [0.8, 1.3], positionsMm: [0, 3, 6.5, 9, 14] };

/** Marked at random within blobs, so that there are an inside and a surface. */
function draw(seed: number, share: number): Uint8Array[] {
  const random = createRandom(seed);
  return GRID.positionsMm.map(() =>
    Uint8Array.from({ length: GRID.rows * GRID.columns }, () => Number(random.uniform() < share)),
  );
}

/** By the definition: every distance between every two points of the surfaces. */
function bruteForce(a: readonly Uint8Array[], b: readonly Uint8Array[]): number | null {
  const at = (mask: readonly Uint8Array[], i: number, j: number, k: number) =>
    i < 0 || j < 0 || i >= GRID.columns || j >= GRID.rows ? 0 : (mask[k]?.[j * GRID.columns + i] ?? 0);
  const surface = (mask: readonly Uint8Array[]) => {
    const points: [number, number, number][] = [];
    for (let k = 0; k < mask.length; k++)
      for (let j = 0; j < GRID.rows; j++)
        for (let i = 0; i < GRID.columns; i++) {
          if (at(mask, i, j, k) === 0) continue;
          const inside =
            at(mask, i - 1, j, k) *
            at(mask, i + 1, j, k) *
            at(mask, i, j - 1, k) *
            at(mask, i, j + 1, k) *
            at(mask, i, j, k - 1) *
            at(mask, i, j, k + 1);
          if (inside === 0) points.push([i * GRID.spacingMm[0], j * GRID.spacingMm[1], GRID.positionsMm[k]!]);
        }
    return points;
  };
  const [one, other] = [surface(a), surface(b)];
  if (one.length === 0 || other.length === 0) return null;
  const directed = (from: typeof one, to: typeof one) => {
    const distances = from
      .map((p) => Math.min(...to.map((q) => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]))))
      .sort((x, y) => x - y);
    const place = 0.95 * (distances.length - 1);
    const [low, high] = [distances[Math.floor(place)]!, distances[Math.ceil(place)]!];
    return low + (place - Math.floor(place)) * (high - low);
  };
  return Math.max(directed(one, other), directed(other, one));
}

describe('95 % Hausdorff distance', () => {
  it('is what the definition says, on anisotropic and uneven grids, for sparse and for solid masks', () => {
    for (let seed = 0; seed < 40; seed++) {
      const [a, b] = [
        draw(seed, [0.02, 0.2, 0.6, 0.95][seed % 4]!),
        draw(seed + 100, [0.03, 0.5, 0.9][seed % 3]!),
      ];
      const expected = bruteForce(a, b);
      if (expected === null) expect(hausdorff95(a, b, GRID)).toBeNull();
      else expect(hausdorff95(a, b, GRID)).toBeCloseTo(expected, 9);
      expect(hausdorff95(b, a, GRID)).toBe(hausdorff95(a, b, GRID));
    }
  });

  it('is 0 for the same mask, the shift for a shifted one, null where one is empty', () => {
    const grid: MaskGrid = { rows: 20, columns: 20, spacingMm: [1, 1], positionsMm: [0, 5, 10] };
    const square = (left: number) => [
      new Uint8Array(400),
      Uint8Array.from({ length: 400 }, (_, at) =>
        Number(at % 20 >= left && at % 20 < left + 6 && at >= 100 && at < 220),
      ),
      new Uint8Array(400),
    ];
    expect(hausdorff95(square(3), square(3), grid)).toBe(0);
    // The last column of the one is 4 from the nearest of the other, whatever the row.
    expect(hausdorff95(square(3), square(7), grid)).toBe(4);
    expect(
      hausdorff95(
        square(3),
        [0, 1, 2].map(() => new Uint8Array(400)),
        grid,
      ),
    ).toBeNull();
  });
});
