import { type Affine, IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { gridCentre } from '../../core/volume/grid.ts';
import { type FixedSamples, type MovingImage, similarity } from '../../core/volume/mutualInformation.ts';
import { rigidAbout, rotationFromVector } from '../../core/volume/rigid.ts';
import { subtract, type Vec3 } from '../../core/volume/vec.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { centreOf, fixedSamples, movingFor, robustRange } from '../registration/foreground.ts';
import { normalised } from '../registration/measures.ts';
import { shrink } from '../registration/prepare.ts';
import { compassSearch, HEAD_RADIUS_MM, scoreOf } from '../registration/search.ts';

/**
 * Whether two scans of one contrast show the same head: laid on one another rigidly, and asked how much one tells
 * of the other. A rigid motion fits a head to itself on another day, and to nobody else.
 */

/** What is compared of a scan, made once. */
export interface HeadPrint {
  readonly centre: Vec3;
  readonly gridCentre: Vec3;
  readonly coarse: { readonly points: FixedSamples; readonly image: MovingImage };
  readonly fine: { readonly points: FixedSamples; readonly image: MovingImage };
}

const COARSE_MM = 8;
const FINE_MM = 3;
const COARSE_POINTS = 4000;
const FINE_POINTS = 20_000;
/**
 * Likeness from which two scans are of one head. Measured in `data/pairs`: the six T1, T2 and FLAIR pairs of two
 * visits have 0.37 to 0.46, 59 pairs of different people 0.06 to 0.28 (see docs/acceptance.md).
 */
export const SAME_HEAD = 0.33;

/** Voxels that are kept are no finer than this: a print is some megabytes. */
const KEPT_MM = 2;

/** With fewer points than this, 32 × 32 bins find likeness in any two images. */
const LEAST_POINTS = 5000;

/** The print of a scan; undefined where it is blank, or shows too little to know a head by. */
export function headPrint(volume: Volume): HeadPrint | undefined {
  const range = robustRange(volume);
  if (!(range.high > range.low)) return undefined;
  const small = shrink(volume, KEPT_MM);
  const at = (mm: number, limit: number) => ({
    points: fixedSamples(small, range, mm, limit),
    image: movingFor(small, range, mm),
  });
  const coarse = at(COARSE_MM, COARSE_POINTS);
  const fine = at(FINE_MM, FINE_POINTS);
  if (fine.points.bins.length < LEAST_POINTS) return undefined;
  return {
    centre: centreOf(coarse.points.points),
    gridCentre: gridCentre(volume.grid),
    coarse,
    fine,
  };
}

/**
 * How much one scan tells of the other where they fit best, 0 to 1: mutual information over the smaller entropy,
 * at 3 mm, in the better of both directions.
 */
export function headLikeness(a: HeadPrint, b: HeadPrint): number {
  return Math.max(likeness(a, b), likeness(b, a));
}

function likeness(fixed: HeadPrint, moving: HeadPrint): number {
  const starts = [
    IDENTITY_AFFINE,
    shiftedBy(subtract(moving.centre, fixed.centre)),
    shiftedBy(subtract(moving.gridCentre, fixed.gridCentre)),
  ];
  const search = { centreLps: fixed.centre, radiusMm: HEAD_RADIUS_MM, axes: 6 } as const;
  const coarse = (motion: Affine) => scoreOf(fixed.coarse.points, moving.coarse.image, motion);
  const [best] = starts
    .map((start) => compassSearch(coarse, start, { ...search, firstMm: 16, smallestMm: 2 }))
    .sort((a, b) => b.score - a.score);
  const fine = (motion: Affine) => scoreOf(fixed.fine.points, moving.fine.image, motion);
  const found = compassSearch(fine, best!.motion, { ...search, firstMm: 2, smallestMm: 0.5 });
  return normalised(similarity(fixed.fine.points, moving.fine.image, found.motion));
}

function shiftedBy(mm: Vec3): Affine {
  return rigidAbout(rotationFromVector([0, 0, 0]), mm, [0, 0, 0]);
}
