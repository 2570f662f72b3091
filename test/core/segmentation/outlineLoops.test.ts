import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { type OutlineLoop, outlineLoops } from '../../../src/core/segmentation/outlineLoops.ts';

const corners = (loop: OutlineLoop): (readonly [number, number])[] =>
  Array.from({ length: loop.length / 2 }, (_, n) => [loop[2 * n]!, loop[2 * n + 1]!]);

/** Twice the signed area: positive where the way round is clockwise on the screen. */
const twiceArea = (loop: OutlineLoop): number => {
  const points = corners(loop);
  return points.reduce((sum, [x, y], n) => {
    const [nextX, nextY] = points[(n + 1) % points.length]!;
    return sum + x * nextY - nextX * y;
  }, 0);
};

/** How often a loop goes round a point, by the crossings of a ray to the right. */
const winding = (loops: readonly OutlineLoop[], x: number, y: number): number => {
  let turns = 0;
  for (const loop of loops) {
    const points = corners(loop);
    for (const [n, [fromX, fromY]] of points.entries()) {
      const [, toY] = points[(n + 1) % points.length]!;
      if (fromX <= x || fromY > y === toY > y) continue;
      turns += toY > fromY ? 1 : -1;
    }
  }
  return turns;
};

describe('outlines along the edges of pixels', () => {
  it('of nothing are none, of one pixel its square, of a ring two', () => {
    expect(outlineLoops(new Uint8Array(12), 4, 3)).toEqual([]);
    expect(outlineLoops([0, 0, 0, 0, 7, 0], 3, 2)).toEqual([[1, 1, 2, 1, 2, 2, 1, 2]]);
    const ring = outlineLoops([1, 1, 1, 1, 0, 1, 1, 1, 1], 3, 3);
    expect(ring.map(twiceArea).sort((a, b) => a - b)).toEqual([-2, 18]);
  });

  it('draw pixels that touch at a corner apart', () => {
    expect(outlineLoops([1, 0, 0, 1], 2, 2)).toHaveLength(2);
    expect(outlineLoops([0, 1, 1, 0], 2, 2)).toHaveLength(2);
  });

  it('go round exactly the pixels that are marked, once, whatever lies where', () => {
    const random = createRandom(17);
    for (let round = 0; round < 60; round++) {
      const [columns, rows] = [1 + random.integer(9), 1 + random.integer(9)];
      const labels = Array.from({ length: columns * rows }, () => random.integer(3));
      const wanted = 1 + random.integer(2);
      const loops = outlineLoops(labels, columns, rows, (label) => label === wanted);
      for (const loop of loops) {
        const points = corners(loop);
        for (const [n, [x, y]] of points.entries()) {
          const [nextX, nextY] = points[(n + 1) % points.length]!;
          expect((x === nextX) !== (y === nextY)).toBe(true);
        }
      }
      for (const [n, label] of labels.entries()) {
        const at = winding(loops, (n % columns) + 0.5, Math.floor(n / columns) + 0.5);
        expect(at).toBe(label === wanted ? 1 : 0);
      }
      expect(loops.reduce((sum, loop) => sum + twiceArea(loop), 0) / 2).toBe(
        labels.filter((label) => label === wanted).length,
      );
    }
  });
});
