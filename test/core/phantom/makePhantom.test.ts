import { describe, expect, it } from 'vitest';
import { SEQUENCES, signalTable, tissueSignal } from '../../../src/core/phantom/contrasts.ts';
import { invertRigid, orientationAxes, rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { headTissue, scatterLesions } from '../../../src/core/phantom/head.ts';
import { makePhantom, type PhantomOptions } from '../../../src/core/phantom/makePhantom.ts';
import {
  AIR,
  DEEP_GREY,
  FLUID,
  GREY,
  LESION,
  OIL,
  TISSUES,
  WHITE,
} from '../../../src/core/phantom/tissues.ts';
import { applyAffine } from '../../../src/core/volume/affine.ts';
import { slicePositionsMm, stackNormal } from '../../../src/core/volume/sliceStack.ts';
import { cross, dot, norm, subtract, type Vec3 } from '../../../src/core/volume/vec.ts';

const base: PhantomOptions = {
  contrast: 't2',
  columns: 48,
  rows: 40,
  slices: 5,
  fieldOfViewMm: [240, 200],
  sliceThicknessMm: 4,
  orientation: 'axial',
  noise: 0,
  seed: 7,
  lesions: 2,
};
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe('the head', () => {
  it('has the tissues of a brain where they belong, and the oil capsule on the left', () => {
    expect(headTissue(0, 0, 119, [])).toBe(AIR);
    expect(headTissue(9, 0, 11, [])).toBe(FLUID);
    expect(headTissue(11, 10, 0, [])).toBe(DEEP_GREY);
    expect(headTissue(25, -20, 22, [])).toBe(WHITE);
    expect(headTissue(84, -4, -4, [])).toBe(OIL);
    expect(headTissue(-84, -4, -4, [])).not.toBe(OIL);
  });

  it('has a folded cortex: walking round below the hull crosses grey, white and fluid many times', () => {
    const labels = Array.from({ length: 720 }, (_, n) => {
      const angle = (n / 720) * 2 * Math.PI;
      return headTissue(58 * Math.cos(angle), 75 * Math.sin(angle), 20, []);
    });
    const changes = labels.filter((label, n) => n > 0 && label !== labels[n - 1]).length;
    expect(changes).toBeGreaterThan(30);
    for (const tissue of [GREY, WHITE, FLUID]) expect(labels).toContain(tissue);
  });

  it('puts lesions into white matter, the same ones for the same seed', () => {
    const lesions = scatterLesions(6, 3);
    expect(lesions).toEqual(scatterLesions(6, 3));
    expect(lesions).not.toEqual(scatterLesions(6, 4));
    for (const { centreLps } of lesions) {
      expect(headTissue(...centreLps, [])).toBe(WHITE);
      expect(headTissue(...centreLps, lesions)).toBe(LESION);
    }
  });
});

describe('the contrasts', () => {
  it('follow the signal equations', () => {
    const white = TISSUES[WHITE]!;
    expect(tissueSignal(white, SEQUENCES.t1)).toBeCloseTo(
      0.71 * (1 - Math.exp(-500 / 832)) * Math.exp(-10 / 80),
      12,
    );
    expect(tissueSignal(white, SEQUENCES.flair)).toBeCloseTo(
      0.71 * Math.abs(1 - 2 * Math.exp(-2500 / 832) + Math.exp(-9000 / 832)) * Math.exp(-100 / 80),
      12,
    );
  });

  it('look like T1, T2, PD and FLAIR', () => {
    const [t1, t2, pd, flair] = (['t1', 't2', 'pd', 'flair'] as const).map(signalTable);
    expect(t1![WHITE]! / t1![GREY]!).toBeGreaterThan(1.1);
    expect(t1![GREY]! / t1![FLUID]!).toBeGreaterThan(1.5);
    expect(t2![FLUID]! / t2![GREY]!).toBeGreaterThan(1.5);
    expect(t2![GREY]! / t2![WHITE]!).toBeGreaterThan(1.2);
    expect(pd![GREY]! / pd![WHITE]!).toBeGreaterThan(1.05);
    expect(flair![FLUID]! / flair![WHITE]!).toBeLessThan(0.1);
    expect(flair![LESION]! / flair![WHITE]!).toBeGreaterThan(1.2);
  });
});

describe('makePhantom', () => {
  it('is deterministic; noise is another for another seed', () => {
    const noisy = { ...base, noise: 0.02 };
    expect(makePhantom(noisy)).toEqual(makePhantom(noisy));
    expect(makePhantom(noisy).slices[2]!.pixels).not.toEqual(
      makePhantom({ ...noisy, seed: 8 }).slices[2]!.pixels,
    );
  });

  it.each([
    'axial',
    'sagittal',
    'coronal',
    'oblique',
  ] as const)('%s: right-handed, centred, ascending', (orientation) => {
    const stack = makePhantom({ ...base, orientation, sliceStepMm: 6 });
    expect(stack.spacingMm).toEqual([5, 5]);
    const [i, j] = orientationAxes(orientation);
    for (const [value, expected] of [
      [norm(i), 1],
      [norm(j), 1],
      [dot(i, j), 0],
      [dot(stackNormal(stack), cross(i, j)), 1],
    ] as const) {
      expect(value).toBeCloseTo(expected, 12);
    }
    const along = slicePositionsMm(stack);
    along.forEach((p, n) => {
      expect(p).toBeCloseTo((n - 2) * 6, 9);
    });
  });

  it('shows the same point in every orientation: the capsule is where it should be', () => {
    const capsule: Vec3 = [84, -4, -4];
    for (const orientation of ['axial', 'sagittal', 'coronal', 'oblique'] as const) {
      const stack = makePhantom({
        ...base,
        contrast: 't1',
        orientation,
        columns: 120,
        rows: 120,
        fieldOfViewMm: [240, 240],
        slices: 1,
        sliceThicknessMm: 2,
        centreLps: capsule,
      });
      const centre = stack.slices[0]!.pixels[60 * 120 + 60]!;
      expect(centre).toBeCloseTo(signalTable('t1')[OIL]!, 0);
    }
  });

  it('averages over the slab: a thick slice is the mean of the thin ones that fill it', () => {
    const thick = makePhantom({ ...base, slices: 1, sliceThicknessMm: 4, samplesThrough: 4 });
    const thin = makePhantom({ ...base, slices: 4, sliceThicknessMm: 1, samplesThrough: 1 });
    const expected = thin.slices[0]!.pixels.map((_, p) => mean(thin.slices.map((slice) => slice.pixels[p]!)));
    thick.slices[0]!.pixels.forEach((value, p) => {
      expect(value).toBeCloseTo(expected[p]!, 2);
    });
  });

  it('has Rician noise: in air the mean is σ √(π/2)', () => {
    const stack = makePhantom({ ...base, noise: 0.05, centreLps: [0, 0, 200] });
    const sigma = 0.05 * signalTable('t2')[WHITE]!;
    expect(mean(stack.slices[0]!.pixels) / (sigma * Math.sqrt(Math.PI / 2))).toBeCloseTo(1, 1);
  });

  it('moves the head by the given motion', () => {
    const motion = rigidMotion([5, -3, 10], [4, 7, -6]);
    const capsule: Vec3 = [84, -4, -4];
    const stack = makePhantom({
      ...base,
      contrast: 't1',
      slices: 1,
      sliceThicknessMm: 1,
      centreLps: applyAffine(motion, capsule),
      columns: 49,
      rows: 41,
      motion,
      samplesInPlane: 1,
    });
    expect(stack.slices[0]!.pixels[20 * 49 + 24]).toBeCloseTo(signalTable('t1')[OIL]!, 2);
  });
});

describe('rigidMotion', () => {
  it('rotates about x, y, z in this order, and is undone by its inverse', () => {
    const close = (a: Vec3, b: Vec3) => expect(norm(subtract(a, b))).toBeLessThan(1e-12);
    close(applyAffine(rigidMotion([90, 0, 0], [0, 0, 0]), [0, 1, 0]), [0, 0, 1]);
    close(applyAffine(rigidMotion([90, 0, 90], [1, 2, 3]), [1, 0, 0]), [1, 3, 3]);
    const motion = rigidMotion([12, -30, 47], [3, -8, 60]);
    close(applyAffine(invertRigid(motion), applyAffine(motion, [5, 6, 7])), [5, 6, 7]);
  });
});
