import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { applyAffine, IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import {
  invertAffine,
  isRigid,
  itkEulerAngles,
  rotationFromItkEuler,
} from '../../../src/core/volume/rigid.ts';
import {
  affineOf,
  canonicalRigid,
  fixedToMovingOf,
  NO_MOTION,
  referenceMotion,
  type SixDegrees,
  sixDegreesOf,
} from '../../../src/core/volume/sixDegrees.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';

const CENTRE: Vec3 = [10, -20, 30];

function near(found: readonly number[], expected: readonly number[], digits = 9): void {
  for (const [n, value] of expected.entries()) expect(found[n]).toBeCloseTo(value, digits);
}

describe('six degrees of freedom', () => {
  it('turns right-handed about the patient’s axes through the centre, and shifts in LPS', () => {
    const turn = (rotationDeg: Vec3) => affineOf({ rotationDeg, translationMm: [0, 0, 0] }, [0, 0, 0]);
    near(applyAffine(turn([90, 0, 0]), [0, 1, 0]), [0, 0, 1]);
    near(applyAffine(turn([0, 90, 0]), [0, 0, 1]), [1, 0, 0]);
    near(applyAffine(turn([0, 0, 90]), [1, 0, 0]), [0, 1, 0]);
    const shift = affineOf({ rotationDeg: [0, 0, 0], translationMm: [1, 2, 3] }, CENTRE);
    near(applyAffine(shift, [5, 5, 5]), [6, 7, 8]);
    near(
      applyAffine(affineOf({ rotationDeg: [7, 8, 9], translationMm: [1, 2, 3] }, CENTRE), CENTRE),
      [11, -18, 33],
    );
  });

  it('turns about y first, then x, then z: Rz·Rx·Ry', () => {
    const all = affineOf({ rotationDeg: [90, 90, 90], translationMm: [0, 0, 0] }, [0, 0, 0]);
    // z → (y by 90°) x → (x by 90°) x → (z by 90°) y.
    near(applyAffine(all, [0, 0, 1]), [0, 1, 0]);
    // x → −z → y → −x.
    near(applyAffine(all, [1, 0, 0]), [-1, 0, 0]);
  });

  it('reads back what was set, and tells the motion of the reference as the inverse of the transform', () => {
    const motion: SixDegrees = { rotationDeg: [4, -7, 11], translationMm: [-3, 2.5, 8] };
    const found = sixDegreesOf(affineOf(motion, CENTRE), CENTRE);
    near(found.rotationDeg, motion.rotationDeg);
    near(found.translationMm, motion.translationMm);
    const transform = fixedToMovingOf(motion, CENTRE);
    // What lay at the centre of the reference is now looked for 3 mm further right and so on: the transform
    // takes the target's point back to it.
    near(applyAffine(transform, [7, -17.5, 38]), CENTRE, 8);
    const again = referenceMotion(transform, CENTRE);
    near(again.rotationDeg, motion.rotationDeg, 8);
    near(again.translationMm, motion.translationMm, 8);
    expect(fixedToMovingOf(NO_MOTION, CENTRE)).toEqual(IDENTITY_AFFINE);
  });
});

describe('a canonical motion', () => {
  it('stays the same bits when made canonical again, or written as angles and read', () => {
    const random = createRandom(11);
    for (let n = 0; n < 300; n++) {
      const any = (range: number) => (random.uniform() - 0.5) * 2 * range;
      const motion = affineOf(
        { rotationDeg: [any(90), any(180), any(180)], translationMm: [any(300), any(300), any(300)] },
        CENTRE,
      );
      const canonical = canonicalRigid(motion);
      expect(canonicalRigid(canonical)).toEqual(canonical);
      const angles = itkEulerAngles(canonical).map((angle) => Number(String(angle))) as unknown as Vec3;
      const rows = rotationFromItkEuler(angles).map((row, r) => [...row, canonical[r]![3]]);
      expect(canonicalRigid(rows as unknown as typeof canonical)).toEqual(canonical);
      for (const [r, row] of canonical.entries()) near(row, motion[r]!, 8);
      near(invertAffine(invertAffine(canonical)).flat(), canonical.flat());
    }
    expect(canonicalRigid(IDENTITY_AFFINE)).toEqual(IDENTITY_AFFINE);
  });
});

describe('isRigid', () => {
  const [a, b, c] = IDENTITY_AFFINE;
  it.each([
    ['a scaling', [[1.001, 0, 0, 0], b, c]],
    ['a shear', [[1, 0.001, 0, 0], b, c]],
    ['a mirror', [[-1, 0, 0, 0], b, c]],
    ['what is no number', [a, b, [0, 0, 1, Number.NaN]]],
  ])('refuses %s', (_, affine) => {
    expect(isRigid(affine as unknown as typeof IDENTITY_AFFINE)).toBe(false);
  });
  it('takes any rotation and shift', () => {
    expect(isRigid(affineOf({ rotationDeg: [10, 100, -170], translationMm: [1e4, 0, -5] }, CENTRE))).toBe(
      true,
    );
  });
});
