import { describe, expect, it } from 'vitest';
import { type Grid, gridCentre, indexToLps } from '../../../src/core/volume/grid.ts';
import { dot, norm, subtract, type Vec3 } from '../../../src/core/volume/vec.ts';
import { lpsToScreen, planeCamera, screenToLps } from '../../../src/renderer/viewer/camera.ts';
import {
  orientationLetters,
  planePosition,
  runsOf,
  slabCut,
  sliceAt,
  stepFocus,
  viewPlanes,
} from '../../../src/renderer/viewer/planes.ts';

const axial: Grid = {
  size: [96, 128, 24],
  spacingMm: [2, 1.5, 5],
  originLps: [-96, -90, -60],
  axesLps: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
};
/** As scanners store sagittal slices: columns towards posterior, rows towards the feet. */
const sagittal: Grid = {
  ...axial,
  axesLps: [
    [0, 1, 0],
    [0, 0, -1],
    [-1, 0, 0],
  ],
};
const tilt = 0.3;
const tilted: Grid = {
  ...axial,
  axesLps: [
    [1, 0, 0],
    [0, Math.cos(tilt), Math.sin(tilt)],
    [0, -Math.sin(tilt), Math.cos(tilt)],
  ],
};

function expectPoint(actual: Vec3, expected: Vec3): void {
  expect(norm(subtract(actual, expected))).toBeLessThan(1e-9);
}

describe('planes of the viewer', () => {
  it('shows axial with the patient’s left on the right and the front up', () => {
    const plane = viewPlanes(axial).axial;
    expect(plane.right).toEqual([1, 0, 0]);
    expect(plane.down).toEqual([0, 1, 0]);
    expect(dot(plane.normal, [0, 0, -1])).toBeCloseTo(1);
  });

  it.each([
    ['axial', axial],
    ['sagittal', sagittal],
    ['tilted', tilted],
  ] as const)('names the planes alike whatever way the %s slices were stored', (_, grid) => {
    const planes = viewPlanes(grid);
    expect(orientationLetters(planes.axial.right).charAt(0)).toBe('L');
    expect(orientationLetters(planes.axial.down).charAt(0)).toBe('P');
    expect(orientationLetters(planes.sagittal.right).charAt(0)).toBe('P');
    expect(orientationLetters(planes.sagittal.down).charAt(0)).toBe('I');
    expect(orientationLetters(planes.coronal.right).charAt(0)).toBe('L');
    expect(orientationLetters(planes.coronal.down).charAt(0)).toBe('I');
    const through = [planes.axial, planes.sagittal, planes.coronal].map((plane) => plane.throughAxis);
    expect(new Set(through).size).toBe(3);
  });

  it('lies along the slices of a tilted stack, so that they are shown as acquired', () => {
    expect(Math.abs(dot(viewPlanes(tilted).axial.normal, tilted.axesLps[2]))).toBeCloseTo(1, 12);
    expect(orientationLetters(viewPlanes(tilted).axial.down)).toBe('PS');
  });

  it('says where a plane is in the reader’s words', () => {
    expect(planePosition(viewPlanes(axial).axial, [0, 0, 34.2])).toEqual({ letter: 'S', mm: 34.2 });
    expect(planePosition(viewPlanes(axial).axial, [0, 0, -5]).letter).toBe('I');
    expect(planePosition(viewPlanes(axial).sagittal, [12, 0, 0])).toEqual({ letter: 'L', mm: 12 });
    expect(planePosition(viewPlanes(axial).coronal, [0, 12, 0]).letter).toBe('P');
  });

  it.each([
    ['axial', axial],
    ['sagittal', sagittal],
    ['tilted', tilted],
  ] as const)('scrolls the %s grid slice by slice and stops at its ends', (_, grid) => {
    for (const plane of Object.values(viewPlanes(grid))) {
      const start = stepFocus(grid, plane, gridCentre(grid), 0);
      const at = sliceAt(grid, plane, start);
      expect(at.index).toBeCloseTo(Math.round(at.index), 9);
      const next = stepFocus(grid, plane, start, 1);
      expect(Math.abs(sliceAt(grid, plane, next).index - at.index)).toBeCloseTo(1, 9);
      expect(dot(subtract(next, start), plane.normal)).toBeLessThan(0);
      expectPoint(stepFocus(grid, plane, next, -1), start);
      const last = sliceAt(grid, plane, stepFocus(grid, plane, start, 1e6));
      const first = sliceAt(grid, plane, stepFocus(grid, plane, start, -1e6));
      expect(
        [Math.abs(Math.round(first.index)), Math.abs(Math.round(last.index))].sort((a, b) => a - b),
      ).toEqual([0, at.count - 1]);
    }
  });

  it('follows in another grid to the same place in the patient', () => {
    const finer: Grid = { ...axial, size: [192, 256, 24], spacingMm: [1, 0.75, 5] };
    const plane = viewPlanes(axial).axial;
    const focus = stepFocus(axial, plane, indexToLps(axial, [10, 20, 7]), 0);
    expect(sliceAt(axial, plane, focus).index).toBeCloseTo(7);
    expect(sliceAt(finer, plane, focus).index).toBeCloseTo(7);
    expect(sliceAt(axial, plane, [0, 0, 300]).inside).toBe(false);
  });

  it('cuts a missing slice as a band in the planes across it and as the whole image in its own', () => {
    const planes = viewPlanes(axial);
    const focus = indexToLps(axial, [40, 60, 9]);
    const whole = slabCut(axial, { from: 9, to: 9 }, planes.axial, focus);
    expect(whole).toHaveLength(4);
    const band = slabCut(axial, { from: 9, to: 9 }, planes.sagittal, focus);
    const heights = band.map((point) => point[2]);
    expect(Math.max(...heights) - Math.min(...heights)).toBeCloseTo(5);
    expect((Math.max(...heights) + Math.min(...heights)) / 2).toBeCloseTo(-60 + 9 * 5);
    const lengths = band.map((point) => point[1]);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeCloseTo(128 * 1.5);
    expect(slabCut(axial, { from: 9, to: 9 }, planes.axial, indexToLps(axial, [0, 0, 12]))).toEqual([]);
    const three = slabCut(axial, { from: 8, to: 10 }, planes.sagittal, focus);
    const height = (points: typeof three) =>
      Math.max(...points.map(([, , z]) => z)) - Math.min(...points.map(([, , z]) => z));
    expect(height(three)).toBeCloseTo(3 * height(band), 6);
    expect(runsOf([2, 3, 4, 7, 9, 10])).toEqual([
      { from: 2, to: 4 },
      { from: 7, to: 7 },
      { from: 9, to: 10 },
    ]);
  });

  it('maps the screen to the patient and back, at any zoom and pan', () => {
    const plane = viewPlanes(tilted).coronal;
    const focus = gridCentre(tilted);
    const camera = planeCamera(tilted, plane, focus, 2.5, [12, -7], { width: 400, height: 300 });
    const point = screenToLps(camera, 123, 45);
    const [x, y] = lpsToScreen(camera, point);
    expect(x).toBeCloseTo(123);
    expect(y).toBeCloseTo(45);
    expect(dot(subtract(point, focus), plane.normal)).toBeCloseTo(0);
  });

  it('fits the whole image into the viewport at zoom 1', () => {
    for (const size of [
      { width: 400, height: 300 },
      { width: 200, height: 700 },
    ]) {
      const plane = viewPlanes(axial).axial;
      const camera = planeCamera(axial, plane, gridCentre(axial), 1, [0, 0], size);
      for (const index of [
        [-0.5, -0.5, 0],
        [95.5, 127.5, 0],
      ] as const) {
        const [x, y] = lpsToScreen(camera, indexToLps(axial, index));
        expect(x).toBeGreaterThan(0);
        expect(x).toBeLessThan(size.width);
        expect(y).toBeGreaterThan(0);
        expect(y).toBeLessThan(size.height);
      }
    }
  });
});
