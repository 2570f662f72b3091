import { describe, expect, it } from 'vitest';
import { type Grid, indexToLps } from '../../../src/core/volume/grid.ts';
import { lineProfile, profileStep } from '../../../src/core/volume/lineProfile.ts';
import {
  angleDegrees,
  lengthMm,
  type Measurement,
  type MeasurementKind,
} from '../../../src/core/volume/measurement.ts';
import { measurementSection } from '../../../src/core/volume/measurementSection.ts';
import { regionOf } from '../../../src/core/volume/planarRegion.ts';
import { regionStatistics, regionValues } from '../../../src/core/volume/regionStatistics.ts';
import type { PatientPlane, VoxelGrid } from '../../../src/core/volume/sampleAt.ts';
import { addScaled, dot, norm, subtract, type Vec3 } from '../../../src/core/volume/vec.ts';

const axial: PatientPlane = { right: [1, 0, 0], down: [0, 1, 0], normal: [0, 0, -1] };
const coronal: PatientPlane = { right: [1, 0, 0], down: [0, 0, -1], normal: [0, -1, 0] };

const straight: Grid = {
  size: [20, 16, 8],
  spacingMm: [1, 1, 4],
  originLps: [-10, -8, -12],
  axesLps: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
};
const c = Math.cos(0.35);
const s = Math.sin(0.35);
/** Turned about the patient's left–right axis by 20°. */
const oblique: Grid = {
  ...straight,
  spacingMm: [0.5, 0.5, 2],
  size: [40, 40, 16],
  originLps: [-10, -8, -14],
  axesLps: [
    [1, 0, 0],
    [0, c, s],
    [0, -s, c],
  ],
};

function image(grid: Grid, of: (point: Vec3, index: Vec3) => number, invented: number[] = []): VoxelGrid {
  const [nx, ny, nz] = grid.size;
  const voxels = new Float32Array(nx * ny * nz);
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        voxels[i + nx * (j + ny * k)] = of(indexToLps(grid, [i, j, k]), [i, j, k]);
      }
    }
  }
  return { grid, voxels, inventedSlices: new Set(invented) };
}

function measure(kind: MeasurementKind, plane: PatientPlane, ...pointsLps: Vec3[]): Measurement {
  return { id: 'm', name: 'm', kind, plane, pointsLps };
}

describe('lengths and angles', () => {
  it('are those of space, whatever the plane', () => {
    expect(lengthMm([1, 2, 3], [4, 6, 15])).toBeCloseTo(13);
    expect(angleDegrees([1, 0, 0], [0, 0, 0], [0, 0, 5])).toBeCloseTo(90);
    expect(angleDegrees([1, 0, 0], [0, 0, 0], [-3, 0, 0])).toBeCloseTo(180);
    expect(angleDegrees([2, 1, 1], [1, 1, 1], [2, 1 + 1e-9, 1])).toBeCloseTo((1e-9 * 180) / Math.PI, 12);
    expect(angleDegrees([1, 1, 1], [1, 1, 1], [2, 1, 1])).toBeNaN();
  });
});

describe('areas', () => {
  it('of rectangles and ellipses are those of geometry, drawn from whichever corner', () => {
    const corners: [Vec3, Vec3] = [
      [2, 3, 0],
      [-4, 7, 0],
    ];
    for (const points of [corners, [...corners].reverse() as [Vec3, Vec3]]) {
      expect(regionOf(measure('rectangle', axial, ...points))?.areaMm2).toBeCloseTo(24);
      expect(regionOf(measure('ellipse', axial, ...points))?.areaMm2).toBeCloseTo(Math.PI * 3 * 2);
    }
  });

  it('of an outline is its polygon’s, and in its notch is outside', () => {
    const region = regionOf(
      measure('freehand', axial, [0, 0, 0], [10, 0, 0], [10, 10, 0], [5, 4, 0], [0, 10, 0]),
    );
    expect(region?.areaMm2).toBeCloseTo(70);
    expect(region?.contains(5, 2)).toBe(true);
    expect(region?.contains(5, 8)).toBe(false);
    expect(region?.contains(1, 8)).toBe(true);
  });

  it('need three points or two, else there is none', () => {
    expect(regionOf(measure('freehand', axial, [0, 0, 0], [1, 0, 0]))).toBeUndefined();
    expect(regionOf(measure('length', axial, [0, 0, 0], [1, 0, 0]))).toBeUndefined();
  });
});

describe('statistics of a region', () => {
  it('are of the slice’s own voxels whose centres lie in it, as counted by hand', () => {
    // Columns −2.5 … 2.5 hold centres −2 … 2, rows −1.5 … 1.5 hold −1 … 1: 5 × 3 voxels of slice 3.
    const field = image(straight, ([x, y], [, , k]) => 100 * k + 10 * y + x);
    const region = regionOf(measure('rectangle', axial, [-2.5, -1.5, 0.9], [2.5, 1.5, 0.9]))!;
    const values = [];
    for (let y = -1; y <= 1; y++) for (let x = -2; x <= 2; x++) values.push(300 + 10 * y + x);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 14);
    const statistics = regionStatistics(field, region);
    expect(statistics.count).toBe(15);
    expect(statistics.mean).toBeCloseTo(mean, 5);
    expect(statistics.sd).toBeCloseTo(sd, 5);
    expect([statistics.min, statistics.max]).toEqual([288, 312]);
  });

  it('of an ellipse count the voxels of the ellipse, not of its frame', () => {
    const field = image(straight, () => 5);
    const region = regionOf(measure('ellipse', axial, [-4.2, -3.2, 0], [4.2, 3.2, 0]))!;
    let expected = 0;
    for (let y = -8; y < 8; y++) {
      for (let x = -10; x < 10; x++) if ((x / 4.2) ** 2 + (y / 3.2) ** 2 <= 1) expected++;
    }
    expect(regionStatistics(field, region)).toMatchObject({ count: expected, mean: 5, sd: 0 });
  });

  it('on a plane across the slices take each slice’s voxels where the plane goes through', () => {
    const field = image(straight, (_, [, j, k]) => 10 * j + k);
    // Coronal through y = 1.2: row 9 (centre y = 1). Four slices high, from z = −1 to −15 … centres −4, −8, −12.
    const region = regionOf(measure('rectangle', coronal, [-1.5, 1.2, -1], [1.5, 1.2, -13]))!;
    expect(regionValues(field, region).sort((a, b) => a - b)).toEqual([90, 90, 90, 91, 91, 91, 92, 92, 92]);
  });

  it('on an oblique grid take one layer: every line of voxels once, within half a voxel of the plane', () => {
    const hits: Vec3[] = [];
    const at = (index: Vec3): Vec3 => indexToLps(oblique, index);
    // The number of a voxel is its value: each is found again from what was counted.
    const [nx, ny] = oblique.size;
    const field = image(oblique, (_, [i, j, k]) => i + nx * (j + ny * k));
    const region = regionOf(measure('rectangle', axial, [-4, -3, 1], [4, 3, 1]))!;
    for (const n of regionValues(field, region)) {
      hits.push([n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))]);
    }
    const lines = new Set(hits.map(([i, j]) => `${i} ${j}`));
    expect(lines.size).toBe(hits.length);
    for (const hit of hits) {
      // Along the line, the plane lies less than half a step away.
      const distance = Math.abs(dot(subtract(at(hit), [0, 0, 1]), axial.normal));
      expect(distance).toBeLessThanOrEqual(0.5 * 2 * c + 1e-9);
    }
    // Lines meet the plane 0.5 mm apart to the right and 0.5 / cos(20°) mm down.
    const expected = (8 * 6) / (0.5 * (0.5 / c));
    expect(Math.abs(hits.length - expected) / expected).toBeLessThan(0.06);
  });

  it('of two series at one place agree, whatever their grids', () => {
    const value = ([x, y, z]: Vec3): number => 50 + x * 2 + y - 3 * z;
    const region = regionOf(measure('ellipse', axial, [-4, -4, 0], [4, 4, 0]))!;
    const a = regionStatistics(image(straight, value), region);
    const b = regionStatistics(image(oblique, value), region);
    expect(a.mean).toBeCloseTo(50, 0);
    expect(Math.abs(a.mean - b.mean)).toBeLessThan(0.5);
    expect(Math.abs(a.sd - b.sd)).toBeLessThan(1);
  });

  it('leave out what was not acquired and what is no number', () => {
    const region = regionOf(measure('rectangle', axial, [-2.5, -1.5, 0], [2.5, 1.5, 0]))!;
    const gap = regionStatistics(
      image(straight, () => 1, [3]),
      region,
    );
    expect(gap.count).toBe(0);
    expect(gap.mean).toBeNaN();
    const holed = image(straight, ([x]) => (x === 0 ? Number.NaN : 1));
    expect(regionStatistics(holed, region)).toMatchObject({ count: 12, mean: 1 });
  });

  it('are of nothing outside the image, and of what there is at its edge', () => {
    const field = image(straight, () => 1);
    const outside = regionOf(measure('rectangle', axial, [-2, -2, 40], [2, 2, 40]))!;
    expect(regionStatistics(field, outside).count).toBe(0);
    const edge = regionOf(measure('rectangle', axial, [-14.5, -0.5, 0], [-8.5, 0.5, 0]))!;
    expect(regionStatistics(field, edge).count).toBe(2);
  });
});

describe('a profile', () => {
  it('follows a linear field exactly, on any grid, from end to end', () => {
    const value = ([x, y, z]: Vec3): number => x - 2 * y + 3 * z;
    const [from, to]: [Vec3, Vec3] = [
      [-5, -3, -4],
      [5, 4, 3],
    ];
    for (const grid of [straight, oblique]) {
      const { distancesMm, values } = lineProfile(image(grid, value), from, to, 0.25);
      expect(distancesMm.at(-1)).toBeCloseTo(lengthMm(from, to));
      for (const [n, distance] of distancesMm.entries()) {
        const point = addScaled(from, subtract(to, from), distance / lengthMm(from, to));
        expect(values[n]).toBeCloseTo(value(point), 3);
      }
    }
  });

  it('is broken where nothing was acquired', () => {
    const { values } = lineProfile(
      image(straight, () => 1, [3]),
      [0, 0, -12],
      [0, 0, 12],
      1,
    );
    expect(values[0]).toBe(1);
    expect(values[12]).toBeNaN();
    expect(values.at(-1)).toBe(1);
  });

  it('steps by half the finest voxels of all images', () => {
    expect(profileStep([image(straight, () => 0), image(oblique, () => 0)])).toBe(0.25);
  });
});

describe('what a plane shows of a measurement', () => {
  const square = measure('rectangle', axial, [0, 0, 10], [6, 4, 10]);

  it('is all of it in its own slice, from either side, and nothing in the next', () => {
    expect(measurementSection(square, [0, 0, -1], [0, 0, 10.9], 1)).toMatchObject({
      whole: true,
      closed: true,
    });
    expect(measurementSection(square, [0, 0, 1], [0, 0, 9.1], 1)?.whole).toBe(true);
    expect(measurementSection(square, [0, 0, -1], [0, 0, 11.2], 1)).toBeUndefined();
  });

  it('is the chord where a plane cuts through an area', () => {
    const section = measurementSection(square, [0, -1, 0], [0, 1, 0], 0.5);
    expect(section?.whole).toBe(false);
    const [[from, to] = []] = section?.lines ?? [];
    expect(norm(subtract(to!, from!))).toBeCloseTo(6);
    expect([from![1], from![2]]).toEqual([expect.closeTo(1), expect.closeTo(10)]);
    expect(measurementSection(square, [0, -1, 0], [0, 5, 0], 0.5)).toBeUndefined();
  });

  it('is two chords through a notched outline', () => {
    const notched = measure('freehand', axial, [0, 0, 0], [10, 0, 0], [10, 10, 0], [5, 4, 0], [0, 10, 0]);
    const section = measurementSection(notched, [0, -1, 0], [0, 7, 0], 0.5);
    expect(section?.lines).toHaveLength(2);
    const lengths = section?.lines.map(([from, to]) => norm(subtract(to!, from!)));
    expect(lengths).toEqual([expect.closeTo(2.5), expect.closeTo(2.5)]);
  });

  it('is the point where a plane cuts a line, and the whole line where it lies in the plane', () => {
    const line = measure('length', axial, [0, 0, 10], [6, 4, 10]);
    expect(measurementSection(line, [-1, 0, 0], [3, 0, 0], 0.5)?.dots).toEqual([
      [expect.closeTo(3), expect.closeTo(2), expect.closeTo(10)],
    ]);
    const lying = measure('length', axial, [0, 2, 10], [6, 2, 10]);
    expect(measurementSection(lying, coronal.normal, [0, 2.2, 0], 0.5)?.whole).toBe(true);
  });
});
