import { describe, expect, it } from 'vitest';
import { type Affine, applyAffine, IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import {
  composeAffine,
  invertAffine,
  meanDistanceMm,
  rigidAbout,
  rotationFromVector,
} from '../../../src/core/volume/rigid.ts';
import { compassSearch, probesAround, startRotations } from '../../../src/main/registration/search.ts';

const centre = [12, -30, 44] as const;
const probes = probesAround(centre, 80);

describe('the compass search', () => {
  it('climbs to the top of a smooth hill of motions', () => {
    const top = rigidAbout(rotationFromVector([0.12, -0.08, 0.2]), [9, -14, 6], centre);
    const found = compassSearch((motion) => -meanDistanceMm(motion, top, probes), IDENTITY_AFFINE, {
      centreLps: centre,
      firstMm: 16,
      smallestMm: 0.25,
      radiusMm: 80,
      axes: 6,
    });
    expect(-found.score).toBeLessThan(1);
    expect(meanDistanceMm(found.motion, top, probes)).toBe(-found.score);
  });

  it('moves by translations alone where told so', () => {
    const start = rigidAbout(rotationFromVector([0.3, 0.1, 0]), [1, 2, 3], centre);
    const top = composeAffine(start, rigidAbout(rotationFromVector([0, 0, 0]), [4, -3, 2], centre));
    const found = compassSearch((motion) => -meanDistanceMm(motion, top, probes), start, {
      centreLps: centre,
      firstMm: 4,
      smallestMm: 0.5,
      radiusMm: 80,
      axes: 3,
    });
    const change: Affine = composeAffine(invertAffine(start), found.motion);
    expect(change.map((row) => row.slice(0, 3).map((v) => Math.round(v * 1e9) / 1e9 + 0))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(applyAffine(change, centre)[0] - centre[0]).toBeCloseTo(4, 6);
    expect(-found.score).toBeLessThan(0.6);
  });
});

describe('the start rotations', () => {
  it('leave no rotation up to 60° further than 30° from one of them', () => {
    const starts = startRotations().map((v) => rotationFromVector(v));
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    for (let n = 0; n < 500; n++) {
      const axis = [random() - 0.5, random() - 0.5, random() - 0.5];
      const length = Math.hypot(...axis);
      const angle = (random() * 60 * Math.PI) / 180;
      const wanted = rotationFromVector([
        (axis[0]! / length) * angle,
        (axis[1]! / length) * angle,
        (axis[2]! / length) * angle,
      ]);
      const nearest = Math.min(
        ...starts.map((start) => {
          let trace = 0;
          for (const r of [0, 1, 2] as const)
            for (const c of [0, 1, 2] as const) trace += start[r][c] * wanted[r][c];
          return (Math.acos(Math.min(1, (trace - 1) / 2)) * 180) / Math.PI;
        }),
      );
      expect(nearest).toBeLessThan(30);
    }
  });
});
