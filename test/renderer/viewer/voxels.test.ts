import { describe, expect, it } from 'vitest';
import { fillGaps, rangeOf } from '../../../src/renderer/viewer/voxels.ts';
import { draggedWindow, presetWindow } from '../../../src/renderer/viewer/windowing.ts';

describe('voxels of the viewer', () => {
  it('finds the range and passes over what is no number', () => {
    expect(rangeOf(Float32Array.of(3, Number.NaN, -2, 7))).toEqual([-2, 7]);
    expect(rangeOf(new Int16Array(0))).toEqual([0, 0]);
  });

  it('fills a gap from both sides and an edge from the one it has', () => {
    const voxels = Float32Array.of(0, 0, 10, 12, 0, 0, 0, 0, 40, 42);
    fillGaps(voxels, [2, 1, 5], [0, 2, 3]);
    expect([...voxels]).toEqual([10, 12, 10, 12, 20, 22, 30, 32, 40, 42]);
  });

  it('leaves an image alone that has no acquired slice at all', () => {
    const voxels = Int16Array.of(1, 2);
    fillGaps(voxels, [1, 1, 2], [0, 1]);
    expect([...voxels]).toEqual([1, 2]);
  });
});

describe('the window', () => {
  const start = { center: 300, width: 700 };

  it('widens to the right, darkens downwards, and never turns inside out', () => {
    expect(draggedWindow(start, 200, 0)).toEqual({ center: 300, width: 1400 });
    expect(draggedWindow(start, 0, 50).center).toBeGreaterThan(300);
    expect(draggedWindow(start, -1e6, 0).width).toBeGreaterThan(0);
  });

  it('has presets that keep black where it is, and one for the full range', () => {
    expect(presetWindow('series', start, [0, 4000])).toEqual(start);
    expect(presetWindow('full', start, [-10, 3990])).toEqual({ center: 1990, width: 4000 });
    const hard = presetWindow('hard', start, [0, 4000]);
    expect(hard.width).toBeLessThan(start.width);
    expect(hard.center - hard.width / 2).toBeCloseTo(start.center - start.width / 2);
  });
});
