import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../../src/core/graph/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import type { TrainingCase } from '../../../src/main/training/cases.ts';
import { type Batch, PatchSampler } from '../../../src/main/training/patches.ts';

const PATCH = 8;
const NEUTRAL = {
  targetGain: [1, 1],
  referenceGain: [1, 1],
  referenceGamma: [1, 1],
  referenceShiftShare: 0,
} as const;

/** One case whose three images have a different number at every pixel, related by known functions. */
function caseOf(rows: number, columns: number, slices = 1, offset = 0): TrainingCase {
  const truth = Float32Array.from({ length: rows * columns }, (_, n) => 1 + offset + n);
  const smaller = new Map([2, 4].map((factor) => [factor, everyNth(truth, rows, columns, factor)]));
  const slice = { truth, zeroFilled: truth.map((x) => -x), reference: truth.map((x) => 2 * x), smaller };
  return {
    name: 'ramp',
    files: [],
    rows,
    columns,
    spacingMm: [1, 1],
    sliceThicknessMm: 1,
    slices: Array.from({ length: slices }, () => slice),
  };
}

function everyNth(image: Float32Array, rows: number, columns: number, factor: number): Float32Array {
  const width = columns / factor;
  return Float32Array.from(
    { length: (rows / factor) * width },
    (_, n) => image[factor * (Math.floor(n / width) * columns + (n % width))]!,
  );
}

function batchOf(images: number, factors: readonly number[] = []): Batch {
  const make = (factor = 1) => new Float32Array(images * (PATCH / factor) ** 2);
  const smaller = new Map(factors.map((factor) => [factor, make(factor)]));
  return { truth: make(), zeroFilled: make(), reference: make(), smaller };
}

describe('patches', () => {
  it('are the same place of all three images, in all eight orientations', () => {
    const rows = 20;
    const columns = 24;
    const batch = batchOf(200);
    new PatchSampler([caseOf(rows, columns)], PATCH, NEUTRAL).fill(batch, createRandom(1));
    const orientations = new Set<string>();
    for (let n = 0; n < 200; n++) {
      const at = (i: number, j: number) => batch.truth[n * PATCH ** 2 + i * PATCH + j]!;
      orientations.add(`${at(0, 1) - at(0, 0)} ${at(1, 0) - at(0, 0)}`);
    }
    expect(orientations.size).toBe(8);
    batch.truth.forEach((value, n) => {
      expect(batch.zeroFilled[n]).toBe(-value);
      expect(batch.reference[n]).toBe(2 * value);
    });
  });

  it('have smaller images whose samples lie on theirs, in all eight orientations', () => {
    const images = 200;
    const batch = batchOf(images, [2, 4]);
    new PatchSampler([caseOf(20, 24)], PATCH, NEUTRAL, 4).fill(batch, createRandom(1));
    const orientations = new Set<string>();
    for (const [factor, smaller] of batch.smaller) {
      const side = PATCH / factor;
      smaller.forEach((value, n) => {
        const [image, i, j] = [Math.floor(n / side ** 2), Math.floor(n / side) % side, n % side];
        expect(value).toBe(batch.truth[image * PATCH ** 2 + factor * (i * PATCH + j)]);
      });
      const least = smaller.filter((value) => value > 0).length / smaller.length;
      expect(least).toBeGreaterThan(0.8);
    }
    for (let n = 0; n < images; n++) {
      const at = (i: number, j: number) => batch.truth[n * PATCH ** 2 + (i + 4) * PATCH + j + 4]!;
      orientations.add(`${at(0, 1) - at(0, 0)} ${at(1, 0) - at(0, 0)}`);
    }
    for (const steps of ['1 24', '-1 24', '1 -24', '-1 -24', '24 1', '24 -1', '-24 1', '-24 -1']) {
      expect(orientations).toContain(steps);
    }
  });

  it('are varied within the ranges: target and truth alike, the reference on its own', () => {
    const batch = batchOf(100);
    const augmentation = { ...NEUTRAL, targetGain: [0.5, 2], referenceGain: [0.5, 2] } as const;
    new PatchSampler([caseOf(20, 24)], PATCH, augmentation).fill(batch, createRandom(2));
    const ratios = new Set<string>();
    for (let n = 0; n < batch.truth.length; n += PATCH ** 2) {
      expect(batch.zeroFilled[n]).toBeCloseTo(-batch.truth[n]!, 3);
      ratios.add((batch.reference[n]! / batch.truth[n]!).toFixed(2));
    }
    expect(ratios.size).toBeGreaterThan(50);
  });

  it('move the reference by at most one pixel', () => {
    const columns = 24;
    const batch = batchOf(100);
    const augmentation = { ...NEUTRAL, referenceShiftShare: 1 };
    new PatchSampler([caseOf(20, columns)], PATCH, augmentation).fill(batch, createRandom(3));
    const steps = new Set<number>();
    for (let n = 0; n < batch.truth.length; n += PATCH ** 2) {
      const centre = n + 3 * PATCH + 3;
      steps.add(batch.reference[centre]! / 2 - batch.truth[centre]!);
    }
    const allowed = [-1, 0, 1].flatMap((row) => [-1, 0, 1].map((column) => row * columns + column));
    expect([...steps].sort((a, b) => a - b)).toEqual(allowed.sort((a, b) => a - b));
  });

  it('have content, and come from cases by the root of their slices', () => {
    const dark = caseOf(16, 64, 1, 0);
    for (const { truth } of dark.slices) {
      truth.forEach((_, n) => {
        truth[n] = n % 64 < 40 ? 0 : 10_000;
      });
    }
    const batch = batchOf(1500);
    new PatchSampler([caseOf(16, 16, 4), dark], PATCH, NEUTRAL).fill(batch, createRandom(4));
    let fromDark = 0;
    for (let n = 0; n < 1500; n++) {
      const patch = batch.truth.subarray(n * PATCH ** 2, (n + 1) * PATCH ** 2);
      if (patch.every((value) => value === 0 || value === 10_000)) fromDark++;
      expect(patch.some((value) => value > 0)).toBe(true);
    }
    expect(fromDark / 1500).toBeGreaterThan(0.29);
    expect(fromDark / 1500).toBeLessThan(0.38);
  });

  it('larger than the image are filled up with zeros', () => {
    const batch = batchOf(4);
    new PatchSampler([caseOf(5, 6)], PATCH, NEUTRAL).fill(batch, createRandom(5));
    expect(batch.truth.filter((value) => value !== 0)).toHaveLength(4 * 30);
  });
});

describe('the learning rate', () => {
  it('rises linearly, then falls as a cosine to 1 %', () => {
    expect(learningRateAt(0, 2000, 1)).toBeCloseTo(0.01, 10);
    expect(learningRateAt(99, 2000, 1)).toBe(1);
    expect(learningRateAt(1050, 2000, 1)).toBeCloseTo(0.505, 3);
    expect(learningRateAt(2000, 2000, 1)).toBeCloseTo(0.01, 10);
    expect(learningRateAt(0, 1, 1)).toBe(1);
  });
});
