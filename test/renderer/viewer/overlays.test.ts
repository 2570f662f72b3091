import { describe, expect, it } from 'vitest';
import type { Grid } from '../../../src/core/volume/grid.ts';
import { NO_COMPARISON } from '../../../src/renderer/state/comparison.ts';
import { seenParts } from '../../../src/renderer/viewer/captureMask.ts';
import { voxelStep } from '../../../src/renderer/viewer/cellKeys.ts';
import { scaleBar } from '../../../src/renderer/viewer/scaleBar.ts';
import { dragOf } from '../../../src/renderer/viewer/usePointer.ts';

describe('the scale bar', () => {
  it('is as long on the screen as it says', () => {
    for (const mmPerPixel of [0.013, 0.1, 0.43, 1.7]) {
      const bar = scaleBar(mmPerPixel, 120)!;
      expect(bar.pixels * mmPerPixel).toBeCloseTo(bar.lengthMm);
      expect(bar.pixels).toBeLessThanOrEqual(120);
      expect(bar.pixels).toBeGreaterThan(120 / 2.6);
      expect(bar.value * (bar.unit === 'cm' ? 10 : 1)).toBeCloseTo(bar.lengthMm);
    }
  });

  it('is in centimetres from one on', () => {
    expect(scaleBar(0.5, 100)).toMatchObject({ value: 5, unit: 'cm' });
    expect(scaleBar(0.05, 100)).toMatchObject({ value: 5, unit: 'mm' });
  });

  it('is not there where nothing round fits', () => {
    expect(scaleBar(0.0001, 0.5)).toBeUndefined();
  });
});

describe('the mouse', () => {
  const press = (button: number, shiftKey = false, ctrlKey = false) => ({ button, shiftKey, ctrlKey });

  it('pans with the middle button, zooms with the right one, whatever the tool', () => {
    for (const tool of ['window', 'length', 'freehand'] as const) {
      expect(dragOf(press(1), tool)).toBe('pan');
      expect(dragOf(press(2), tool)).toBe('zoom');
      expect(dragOf(press(0, true), tool)).toBe('pan');
      expect(dragOf(press(0, false, true), tool)).toBe('crosshair');
      expect(dragOf(press(0), tool)).toBe(tool);
    }
    expect(dragOf(press(3), 'window')).toBeUndefined();
  });
});

describe('the parts of a comparison in a picture', () => {
  const box = { width: 200, height: 100 };

  it('are right of the edge, or below it', () => {
    expect(seenParts({ ...NO_COMPARISON, mode: 'swipe', swipe: 0.25 }, box)).toEqual([[50, 0, 150, 100]]);
    const down = { ...NO_COMPARISON, mode: 'swipe', swipe: 0.25, swipeDirection: 'vertical' } as const;
    expect(seenParts(down, box)).toEqual([[0, 25, 200, 75]]);
  });

  it('are every other field of a checkerboard, the first image at the top left', () => {
    const fields = seenParts({ ...NO_COMPARISON, mode: 'checkerboard', fieldPx: 50 }, box);
    expect(fields.map(([x, y]) => [x, y])).toEqual([
      [50, 0],
      [150, 0],
      [0, 50],
      [100, 50],
    ]);
  });
});

describe('a step of the keyboard', () => {
  it('is a voxel along each axis, and in between on the way across', () => {
    const grid: Grid = {
      size: [10, 10, 10],
      spacingMm: [0.5, 1, 3],
      originLps: [3, 4, 5],
      axesLps: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    };
    expect(voxelStep(grid, [1, 0, 0])).toBeCloseTo(0.5);
    expect(voxelStep(grid, [0, 0, -1])).toBeCloseTo(3);
    expect(voxelStep(grid, [Math.SQRT1_2, Math.SQRT1_2, 0])).toBeGreaterThan(0.5);
  });
});
