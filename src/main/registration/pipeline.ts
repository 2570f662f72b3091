import { type Affine, IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { gridCentre } from '../../core/volume/grid.ts';
import {
  type FixedSamples,
  type MovingImage,
  type Similarity,
  similarity,
} from '../../core/volume/mutualInformation.ts';
import { canonicalRigid } from '../../core/volume/sixDegrees.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { refineWithElastix } from './elastix.ts';
import {
  centreOf,
  cropToForeground,
  fixedSamples,
  type IntensityRange,
  movingFor,
  robustRange,
} from './foreground.ts';
import { type Agreement, measureAgreement, normalised } from './measures.ts';
import { shrink } from './prepare.ts';
import { bestOf, scoreOf, searchMotions } from './search.ts';

/** The whole of a rigid registration on volumes of bounded size: search, three levels of elastix, measures. */

/** Pyramid, coarse to fine: size of voxels (where the volume has finer ones), iterations, samples. */
export const LEVELS = [
  { voxelMm: 4, iterations: 128, samples: 2048 },
  { voxelMm: 2, iterations: 128, samples: 2048 },
  { voxelMm: 1, iterations: 320, samples: 4096 },
] as const;

const SEARCH_STEP_MM = 8;
const SEARCH_POINTS = 12_000;
const RANKING_STEP_MM = 4;
const MEASURE_STEP_MM = 3;
const MEASURE_POINTS = 40_000;
const MARGIN_MM = 10;
/** Normalised mutual information below which refining is pointless: noise has 0.002, another patient's head over 0.05. */
const NOTHING_IN_COMMON = 0.02;

/** What a registration found, before anybody judges it. */
export interface Findings {
  readonly motion: Affine;
  /** Measures with the headers' own positions, and with the motion. */
  readonly before: Similarity;
  readonly after: Agreement;
  /** In words, what went wrong on the way, if anything did. */
  readonly trouble: string | undefined;
}

/** Measures of two volumes as their headers place them: what registration would start from. */
export function measureHeaders(fixed: Volume, moving: Volume): Similarity {
  const points = fixedSamples(fixed, robustRange(fixed), MEASURE_STEP_MM, MEASURE_POINTS);
  return similarity(points, movingFor(moving, robustRange(moving), MEASURE_STEP_MM), IDENTITY_AFFINE);
}

/**
 * A given motion (the headers' own positions where there is none) measured as a registration's result is,
 * nothing moved. Both volumes as for `findMotion`.
 *
 * @param motion target LPS → reference LPS
 */
export function measureAsTheyLie(
  fixed: Volume,
  moving: Volume,
  motion: Affine = IDENTITY_AFFINE,
): Findings | { readonly blank: 'target' | 'reference' } {
  const fixedRange = robustRange(fixed);
  if (fixedRange.high <= fixedRange.low) return { blank: 'target' };
  const movingRange = robustRange(moving);
  if (movingRange.high <= movingRange.low) return { blank: 'reference' };
  const points = fixedSamples(fixed, fixedRange, MEASURE_STEP_MM, MEASURE_POINTS);
  const image = movingFor(moving, movingRange, MEASURE_STEP_MM);
  const after = measureAgreement(points, image, motion, centreOf(points.points));
  const before = similarity(points, image, IDENTITY_AFFINE);
  return { motion, before, after, trouble: undefined };
}

/**
 * Finds the rigid motion that lays `moving` on `fixed`. Both must be finite, without gaps and of bounded size
 * (`boundedVolume`).
 *
 * @param onStep called with the steps done (of LEVELS.length + 2) after each
 * @param from where to refine from, instead of searching
 * @returns what was found, or which of the two images is blank
 */
export async function findMotion(
  fixed: Volume,
  moving: Volume,
  onStep: (done: number) => void = () => {},
  from?: Affine,
): Promise<Findings | { readonly blank: 'target' | 'reference' }> {
  const fixedRange = robustRange(fixed);
  if (fixedRange.high <= fixedRange.low) return { blank: 'target' };
  const movingRange = robustRange(moving);
  if (movingRange.high <= movingRange.low) return { blank: 'reference' };
  const start = canonicalRigid(from ?? searchStart(fixed, fixedRange, moving, movingRange));
  onStep(1);
  const points = fixedSamples(fixed, fixedRange, MEASURE_STEP_MM, MEASURE_POINTS);
  const image = movingFor(moving, movingRange, MEASURE_STEP_MM);
  const centre = centreOf(points.points);
  const before = similarity(points, image, IDENTITY_AFFINE);
  if (normalised(similarity(points, image, start)) < NOTHING_IN_COMMON) {
    const trouble =
      from === undefined
        ? 'No position was found where the two images have anything in common'
        : 'The two images have nothing in common where the refinement was to begin';
    return { motion: start, before, after: measureAgreement(points, image, start, centre), trouble };
  }

  let motion = start;
  let trouble: string | undefined;
  for (const [n, level] of LEVELS.entries()) {
    const target = cropToForeground(shrink(fixed, level.voxelMm), fixedRange, MARGIN_MM);
    const refined = await refineWithElastix(target, shrink(moving, level.voxelMm), motion, {
      ...level,
      maximumStepMm: level.voxelMm,
    });
    if ('trouble' in refined) {
      trouble = `The refinement gave up: ${refined.trouble}`;
      break;
    }
    motion = refined.motion;
    onStep(n + 2);
  }
  ({ motion, trouble } = keepBetter(points, image, start, canonicalRigid(motion), trouble));
  const after = measureAgreement(points, image, motion, centre);
  onStep(LEVELS.length + 2);
  return { motion, before, after, trouble };
}

/** The refined motion, unless it is worth clearly less than what it started from. */
function keepBetter(
  points: FixedSamples,
  image: MovingImage,
  start: Affine,
  refined: Affine,
  trouble: string | undefined,
): { motion: Affine; trouble: string | undefined } {
  if (scoreOf(points, image, refined) >= 0.95 * scoreOf(points, image, start)) {
    return { motion: refined, trouble };
  }
  return { motion: start, trouble: 'The refinement lost the position that it began from' };
}

/** The motion to refine: the best of the coarse search's and the headers', judged at finer sampling. */
function searchStart(
  fixed: Volume,
  fixedRange: IntensityRange,
  moving: Volume,
  movingRange: IntensityRange,
): Affine {
  const points = fixedSamples(fixed, fixedRange, SEARCH_STEP_MM, SEARCH_POINTS);
  const image = movingFor(moving, movingRange, SEARCH_STEP_MM);
  const movingPoints = fixedSamples(moving, movingRange, SEARCH_STEP_MM, SEARCH_POINTS).points;
  const centre = centreOf(points.points);
  const centres: { fixed: Vec3; moving: Vec3 }[] = [
    { fixed: centre, moving: centreOf(movingPoints) },
    { fixed: gridCentre(fixed.grid), moving: gridCentre(moving.grid) },
  ];
  const found = searchMotions(points, image, centres, 3);
  return bestOf(
    fixedSamples(fixed, fixedRange, RANKING_STEP_MM, SEARCH_POINTS),
    movingFor(moving, movingRange, RANKING_STEP_MM),
    [IDENTITY_AFFINE, ...found.map((candidate) => candidate.motion)],
    centre,
  ).motion;
}
