import { describe, expect, it } from 'vitest';
import { type Affine, IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import { type Grid, indexToLps } from '../../../src/core/volume/grid.ts';
import {
  type FixedSamples,
  informationOf,
  MI_BINS,
  movingImage,
  similarity,
  toBins,
} from '../../../src/core/volume/mutualInformation.ts';
import {
  composeAffine,
  invertAffine,
  moveGrid,
  rigidAbout,
  rotationFromVector,
} from '../../../src/core/volume/rigid.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';

const grid: Grid = {
  size: [40, 36, 30],
  spacingMm: [2, 2.5, 3],
  originLps: [-40, -45, -45],
  axesLps: [
    [1, 0, 0],
    [0, 0.8, 0.6],
    [0, -0.6, 0.8],
  ],
};

/** A smooth image without symmetry. */
function image(value: (x: number, y: number, z: number) => number, on: Grid = grid): Volume {
  const voxels = new Float32Array(on.size[0] * on.size[1] * on.size[2]);
  let n = 0;
  for (let k = 0; k < on.size[2]; k++) {
    for (let j = 0; j < on.size[1]; j++) {
      for (let i = 0; i < on.size[0]; i++) voxels[n++] = value(...indexToLps(on, [i, j, k]));
    }
  }
  return { grid: on, voxels };
}

const smooth = image((x, y, z) => 50 + 30 * Math.sin(x / 9 + y / 17) + 20 * Math.cos(z / 8 - x / 21));
const otherContrast: Volume = { grid, voxels: smooth.voxels.map((v) => 1000 - 3 * v + 0.02 * v * v) };

/** Every voxel well inside as a point, so that no small motion takes it out. */
function samplesOf(volume: Volume, low = 0, high = 100): FixedSamples {
  const points: number[] = [];
  const values: number[] = [];
  const [nx, ny, nz] = volume.grid.size;
  for (let k = 4; k < nz - 4; k++) {
    for (let j = 4; j < ny - 4; j++) {
      for (let i = 4; i < nx - 4; i++) {
        points.push(...indexToLps(volume.grid, [i, j, k]));
        values.push(volume.voxels[i + nx * (j + ny * k)]!);
      }
    }
  }
  return { points: Float32Array.from(points), bins: toBins(Float32Array.from(values), low, high) };
}

const fixed = samplesOf(smooth);
const moving = movingImage(otherContrast, 740, 1000);

function shift(x: number, y: number, z: number): Affine {
  return rigidAbout(rotationFromVector([0, 0, 0]), [x, y, z], [0, 0, 0]);
}

describe('mutual information of a joint histogram', () => {
  it('is the entropy where one image tells the other', () => {
    const joint = new Float64Array(MI_BINS * MI_BINS);
    for (let n = 0; n < MI_BINS; n++) joint[n * MI_BINS + ((n * 7) % MI_BINS)] = 5;
    const { mi, fixedEntropy, movingEntropy } = informationOf(joint);
    expect(mi).toBeCloseTo(Math.log(MI_BINS), 12);
    expect(fixedEntropy).toBeCloseTo(Math.log(MI_BINS), 12);
    expect(movingEntropy).toBeCloseTo(Math.log(MI_BINS), 12);
  });

  it('is 0 where they are independent, and where there is nothing', () => {
    const joint = new Float64Array(MI_BINS * MI_BINS);
    for (let a = 0; a < MI_BINS; a++)
      for (let b = 0; b < MI_BINS; b++) joint[a * MI_BINS + b] = (a + 1) * (b + 3);
    expect(informationOf(joint).mi).toBeLessThan(1e-12);
    expect(informationOf(new Float64Array(MI_BINS * MI_BINS)).mi).toBe(0);
  });

  it('equals the textbook sum p·ln(p / (p_a·p_b))', () => {
    const joint = new Float64Array(MI_BINS * MI_BINS);
    for (let n = 0; n < joint.length; n++) joint[n] = (n * 2654435761) % 17;
    let total = 0;
    for (const w of joint) total += w;
    let expected = 0;
    for (let a = 0; a < MI_BINS; a++) {
      for (let b = 0; b < MI_BINS; b++) {
        let row = 0;
        let column = 0;
        for (let n = 0; n < MI_BINS; n++) {
          row += joint[a * MI_BINS + n]!;
          column += joint[n * MI_BINS + b]!;
        }
        const p = joint[a * MI_BINS + b]! / total;
        if (p > 0) expected += p * Math.log((p * total * total) / (row * column));
      }
    }
    expect(informationOf(joint).mi).toBeCloseTo(expected, 12);
  });
});

describe('similarity under a motion', () => {
  it('is highest where the images lie on one another', () => {
    const best = similarity(fixed, moving, IDENTITY_AFFINE).mi;
    for (const mm of [1, 2, 4]) {
      for (const [x, y, z] of [
        [mm, 0, 0],
        [0, -mm, 0],
        [0, 0, mm],
      ] as const) {
        expect(similarity(fixed, moving, shift(x, y, z)).mi).toBeLessThan(best);
      }
      const turn = rigidAbout(rotationFromVector([mm / 40, 0, mm / 40]), [0, 0, 0], [0, 0, 0]);
      expect(similarity(fixed, moving, turn).mi).toBeLessThan(best);
    }
  });

  it('follows the moving image wherever it is carried', () => {
    const motion = rigidAbout(rotationFromVector([0.3, -0.2, 0.4]), [80, -20, 13], [0, 0, 0]);
    const carried = { ...moving, grid: moveGrid(grid, motion) };
    const there = similarity(fixed, carried, motion);
    const here = similarity(fixed, moving, IDENTITY_AFFINE);
    expect(there.mi).toBeCloseTo(here.mi, 2);
    expect(there.overlap).toBe(1);
    expect(similarity(fixed, carried, invertAffine(motion)).mi).toBeLessThan(here.mi / 2);
  });

  it('is nearly the same with the roles of the images exchanged', () => {
    const motion = shift(1.3, -0.7, 0.4);
    const forth = similarity(fixed, moving, motion);
    const back = similarity(
      samplesOf(otherContrast, 740, 1000),
      movingImage(smooth, 0, 100),
      composeAffine(invertAffine(motion), IDENTITY_AFFINE),
    );
    expect(Math.abs(back.mi - forth.mi)).toBeLessThan(0.05 * forth.mi);
  });

  it('is close to 0 for images that have nothing in common', () => {
    let state = 1;
    const noise = image(() => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 8) % 1000;
    });
    const result = similarity(fixed, movingImage(noise, 0, 1000), IDENTITY_AFFINE);
    expect(result.mi).toBeLessThan(0.05);
    expect(result.overlap).toBe(1);
  });

  it('counts the share of points inside, half a voxel beyond the outermost centres included', () => {
    const narrow: Grid = { ...grid, size: [40, 36, 30] };
    const line = (x: number): FixedSamples => ({
      points: Float32Array.from(indexToLps(narrow, [x, 10, 10])),
      bins: Float32Array.of(3),
    });
    expect(similarity(line(-0.45), moving, IDENTITY_AFFINE).overlap).toBe(1);
    expect(similarity(line(39.45), moving, IDENTITY_AFFINE).overlap).toBe(1);
    expect(similarity(line(-0.55), moving, IDENTITY_AFFINE).overlap).toBe(0);
    expect(similarity(line(39.55), moving, IDENTITY_AFFINE).overlap).toBe(0);
  });

  it('is 0, with no overlap, where the images are apart', () => {
    expect(similarity(fixed, moving, shift(500, 0, 0))).toEqual({
      mi: 0,
      fixedEntropy: 0,
      movingEntropy: 0,
      overlap: 0,
    });
  });

  it('takes a single slice and values beyond the range or not finite', () => {
    const slice: Volume = {
      grid: { ...grid, size: [40, 36, 1] },
      voxels: smooth.voxels.subarray(0, 40 * 36),
    };
    expect(similarity(fixed, movingImage(slice, 0, 100), shift(0, 0, -20)).mi).toBeGreaterThanOrEqual(0);
    expect([...toBins(Float32Array.of(-5, 0, 50, 100, 900, Number.NaN), 0, 100)]).toEqual([
      0,
      0,
      15.5,
      MI_BINS - 1,
      MI_BINS - 1,
      0,
    ]);
    expect([...toBins(Float32Array.of(7, 8), 7, 7)]).toEqual([0, 0]);
  });
});
