import { describe, expect, it } from 'vitest';
import {
  anatomicalAxes,
  type Grid,
  gridAffine,
  gridCentre,
  gridFromAffine,
  indexToLps,
  lpsToIndex,
} from '../../../src/core/volume/grid.ts';
import { normalize, type Vec3 } from '../../../src/core/volume/vec.ts';

/** Oblique, anisotropic, and (as gantry tilt makes it) with an axis that is not at a right angle. */
const tilted: Grid = {
  size: [7, 5, 3],
  spacingMm: [0.5, 0.75, 4],
  originLps: [-12, 34, 5],
  axesLps: [normalize([0.9, 0.1, -0.2]), normalize([-0.1, 0.95, 0.3]), normalize([0.3, -0.2, 1])],
};

function expectNear(found: Vec3, expected: Vec3): void {
  for (const axis of [0, 1, 2] as const) expect(found[axis]).toBeCloseTo(expected[axis], 9);
}

describe('a grid in patient space', () => {
  it('puts voxel 0 at its origin and steps by spacing along its axes', () => {
    expectNear(indexToLps(tilted, [0, 0, 0]), [-12, 34, 5]);
    const square: Grid = {
      size: [2, 2, 2],
      spacingMm: [2, 3, 5],
      originLps: [10, 20, 30],
      axesLps: [
        [0, 1, 0],
        [0, 0, -1],
        [-1, 0, 0],
      ],
    };
    expectNear(indexToLps(square, [1, 1, 1]), [10 - 5, 20 + 2, 30 - 3]);
  });

  it('finds the index of a position again, on axes that are not at right angles too', () => {
    for (const index of [
      [0, 0, 0],
      [6, 4, 2],
      [1.25, -3.5, 0.125],
    ] as const) {
      expectNear(lpsToIndex(tilted, indexToLps(tilted, index)), index);
    }
  });

  it('is the same grid after its affine', () => {
    const again = gridFromAffine(tilted.size, gridAffine(tilted));
    expectNear(again.spacingMm, tilted.spacingMm);
    expectNear(indexToLps(again, [3, 2, 1]), indexToLps(tilted, [3, 2, 1]));
  });

  it('has its centre half way between its first and last voxel', () => {
    expectNear(gridCentre(tilted), indexToLps(tilted, [3, 2, 1]));
  });

  it('names the axis that runs each way through the patient, each once', () => {
    const turned = {
      axesLps: [normalize([0, 0, -1]), normalize([1, 0.2, 0]), normalize([-0.2, 1, 0])] as const,
    };
    expect(anatomicalAxes(turned)).toEqual([1, 2, 0]);
    // Two axes lie nearest to head–feet: the assignment as a whole decides.
    const steep = {
      axesLps: [normalize([1, 0, 0]), normalize([0, 0.6, 0.8]), normalize([0, -0.5, 0.86])] as const,
    };
    expect([...anatomicalAxes(steep)].sort()).toEqual([0, 1, 2]);
    expect(anatomicalAxes(steep)[2]).toBe(2);
  });
});
