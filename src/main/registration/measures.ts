import type { Affine } from '../../core/volume/affine.ts';
import { applyAffine } from '../../core/volume/affine.ts';
import { lpsToIndex } from '../../core/volume/grid.ts';
import {
  type FixedSamples,
  type MovingImage,
  type Similarity,
  similarity,
} from '../../core/volume/mutualInformation.ts';
import { composeAffine, rigidAbout, rotationFromVector } from '../../core/volume/rigid.ts';
import { norm, scale, subtract, type Vec3 } from '../../core/volume/vec.ts';
import { centreOf } from './foreground.ts';
import { compassSearch, HEAD_RADIUS_MM, scoreOf } from './search.ts';

/** What is measured about a registration, apart from the optimiser that found it. */

export interface Agreement {
  readonly similarity: Similarity;
  /** Mutual information over the smaller of the two entropies: 0 unrelated, 1 one image tells the other. */
  readonly normalised: number;
  /** Share of the information lost by moving 3 mm off (mean over six translations and six rotations). */
  readonly sharpness: number;
  /** How far the best position of each part of the head, searched by itself, lies from the common one; mm, ascending. */
  readonly partDriftMm: readonly number[];
  /** Mutual information with the moving image mirrored left to right (and fitted again), over that without. */
  readonly mirrored: number;
}

/** A part with fewer points is not searched by itself: 32 × 32 bins need them. */
const POINTS_OF_A_PART = 800;
/** Points for the search of the mirrored image, which need not be exact. */
const MIRROR_POINTS = 10_000;
/** How far a part may look for a better position, each axis, mm (first step 4 mm, doubled by repeats). */
const FIRST_STEP_MM = 4;

/** All measures of one motion. `centreLps` is the middle of the fixed foreground. */
export function measureAgreement(
  fixed: FixedSamples,
  moving: MovingImage,
  motion: Affine,
  centreLps: Vec3,
): Agreement {
  const found = similarity(fixed, moving, motion);
  return {
    similarity: found,
    normalised: normalised(found),
    sharpness: found.mi > 0 ? 1 - meanAround(fixed, moving, motion, centreLps) / found.mi : 0,
    partDriftMm: partDrift(fixed, moving, motion),
    mirrored: found.mi > 0 ? bestMirrored(fixed, moving, motion, centreLps) / found.mi : 0,
  };
}

/** Mutual information over the smaller of the two entropies; 0 where one image is uniform. */
export function normalised({ mi, fixedEntropy, movingEntropy }: Similarity): number {
  const entropy = Math.min(fixedEntropy, movingEntropy);
  return entropy > 0 ? mi / entropy : 0;
}

/** Mean mutual information 3 mm off the motion. */
function meanAround(fixed: FixedSamples, moving: MovingImage, motion: Affine, centre: Vec3): number {
  const offMm = 3;
  let sum = 0;
  for (let axis = 0; axis < 3; axis++) {
    for (const sign of [1, -1]) {
      const unit: Vec3 = [axis === 0 ? sign : 0, axis === 1 ? sign : 0, axis === 2 ? sign : 0];
      const shift = rigidAbout(rotationFromVector([0, 0, 0]), scale(unit, offMm), centre);
      const turn = rigidAbout(rotationFromVector(scale(unit, offMm / HEAD_RADIUS_MM)), [0, 0, 0], centre);
      sum += similarity(fixed, moving, composeAffine(motion, shift)).mi;
      sum += similarity(fixed, moving, composeAffine(motion, turn)).mi;
    }
  }
  return sum / 12;
}

/** Mutual information where the moving image, mirrored about the middle of the target, fits best nearby. */
function bestMirrored(fixed: FixedSamples, moving: MovingImage, motion: Affine, centre: Vec3): number {
  const mirror: Affine = [
    [-1, 0, 0, 2 * centre[0]],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ];
  const few = everyNth(fixed, Math.ceil(fixed.bins.length / MIRROR_POINTS));
  const found = compassSearch((candidate) => scoreOf(few, moving, composeAffine(candidate, mirror)), motion, {
    centreLps: centre,
    firstMm: 16,
    smallestMm: 1,
    radiusMm: HEAD_RADIUS_MM,
    axes: 6,
  });
  return similarity(fixed, moving, composeAffine(found.motion, mirror)).mi;
}

/** Drift of the best translation of each octant (of what both images show) from the common motion, mm, ascending. */
function partDrift(fixed: FixedSamples, moving: MovingImage, motion: Affine): number[] {
  const shared = pointsInside(fixed, moving, motion);
  const centre = centreOf(shared.points);
  const drifts: number[] = [];
  for (const part of octants(shared, centre)) {
    if (part.bins.length < POINTS_OF_A_PART) continue;
    const found = compassSearch((candidate) => scoreOf(part, moving, candidate), motion, {
      centreLps: centre,
      firstMm: FIRST_STEP_MM,
      smallestMm: 0.5,
      radiusMm: HEAD_RADIUS_MM,
      axes: 3,
    });
    drifts.push(norm(subtract(applyAffine(found.motion, centre), applyAffine(motion, centre))));
  }
  return drifts.sort((a, b) => a - b);
}

/** The points that the motion carries into the moving grid. */
function pointsInside(fixed: FixedSamples, moving: MovingImage, motion: Affine): FixedSamples {
  const inside: number[] = [];
  for (let n = 0; n < fixed.bins.length; n++) {
    const point = [fixed.points[3 * n]!, fixed.points[3 * n + 1]!, fixed.points[3 * n + 2]!] as const;
    const index = lpsToIndex(moving.grid, applyAffine(motion, point));
    if (index.every((at, axis) => at >= -0.5 && at < moving.grid.size[axis]! - 0.5)) inside.push(n);
  }
  return pick(fixed, inside);
}

/** The points of each octant about a centre. */
function octants(fixed: FixedSamples, centre: Vec3): FixedSamples[] {
  const lists: number[][] = [[], [], [], [], [], [], [], []];
  for (let n = 0; n < fixed.bins.length; n++) {
    const octant =
      (fixed.points[3 * n]! > centre[0] ? 1 : 0) +
      (fixed.points[3 * n + 1]! > centre[1] ? 2 : 0) +
      (fixed.points[3 * n + 2]! > centre[2] ? 4 : 0);
    lists[octant]!.push(n);
  }
  return lists.map((list) => pick(fixed, list));
}

function everyNth(samples: FixedSamples, n: number): FixedSamples {
  return pick(
    samples,
    Array.from({ length: Math.floor(samples.bins.length / n) }, (_, at) => at * n),
  );
}

function pick(samples: FixedSamples, list: readonly number[]): FixedSamples {
  const points = new Float32Array(3 * list.length);
  for (const [at, n] of list.entries()) points.set(samples.points.subarray(3 * n, 3 * n + 3), 3 * at);
  return { points, bins: Float32Array.from(list, (n) => samples.bins[n]!) };
}
