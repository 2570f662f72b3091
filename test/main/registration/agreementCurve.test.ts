import { describe, expect, it } from 'vitest';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { makePhantom } from '../../../src/core/phantom/makePhantom.ts';
import { IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import { outOfLine } from '../../../src/core/volume/sliceAgreement.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { agreementCurve } from '../../../src/main/registration/agreementCurve.ts';
import { referenceHead } from './heads.ts';

const target = makePhantom({
  contrast: 't2',
  columns: 112,
  rows: 112,
  slices: 16,
  sliceThicknessMm: 8,
  orientation: 'oblique',
  noise: 0.02,
  seed: 3,
  lesions: 2,
  samplesInPlane: 1,
  samplesThrough: 2,
});
const { signal } = new AbortController();
const values = async (stack: SliceStack, motion = IDENTITY_AFFINE, reference = referenceHead(motion)) =>
  (await agreementCurve(stack, reference, motion, signal)).map(({ agreement }) => agreement);

/** The stack with the pixels of one slice shifted along the columns. */
function shifted(slice: number, pixels: number): SliceStack {
  const moved = target.slices.map((one, n) =>
    n === slice ? { ...one, pixels: one.pixels.map((_, at) => one.pixels[at - pixels] ?? 0) } : one,
  );
  return { ...target, slices: moved };
}

describe('the agreement of each slice', () => {
  it('falls in a slice that was moved, there alone, and names it', async () => {
    const right = await values(target);
    const wrong = await values(shifted(8, 5));
    expect(right[8]!).toBeGreaterThan(0.35);
    expect(wrong[8]!).toBeLessThan(0.6 * right[8]!);
    for (const [n, value] of right.entries()) if (n !== 8) expect(wrong[n]).toBe(value);
    expect(outOfLine(right)).toEqual([]);
    expect(outOfLine(wrong)).toEqual([8]);
  });

  it('falls everywhere with a wrong motion, and is the same with the right one of a moved reference', async () => {
    const motion = rigidMotion([3, -2, 3.5], [4, -5, 3]);
    const still = await values(target);
    const followed = await values(target, motion);
    const left = await values(target, IDENTITY_AFFINE, referenceHead(motion));
    for (let n = 3; n < 12; n++) {
      expect(Math.abs(followed[n]! - still[n]!)).toBeLessThan(0.1);
      expect(left[n]!).toBeLessThan(0.6 * still[n]!);
    }
  });

  it('has no value, and says how little is covered, where the reference does not reach', async () => {
    const lower = referenceHead(undefined, {
      orientation: 'axial',
      slices: 20,
      sliceThicknessMm: 3,
      centreLps: [0, 12, -20],
    });
    const curve = await agreementCurve(target, lower, IDENTITY_AFFINE, signal);
    const covered = curve.map(({ coverage }) => coverage);
    expect(Math.min(...covered)).toBe(0);
    expect(Math.max(...covered)).toBeGreaterThan(0.9);
    for (const { agreement, coverage } of curve) if (coverage === 0) expect(agreement).toBeNull();
    expect(curve.map(({ positionMm }) => positionMm)).toEqual(
      curve.map(({ positionMm }) => positionMm).sort((a, b) => a - b),
    );
  });

  it('is cancelled', async () => {
    const job = agreementCurve(
      { ...target, slices: Array.from({ length: 40 }, () => target.slices).flat() },
      referenceHead(),
      IDENTITY_AFFINE,
      AbortSignal.timeout(60),
    );
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
  });
});
