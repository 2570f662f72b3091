import { type Affine, IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { type FixedSamples, type MovingImage, similarity } from '../../core/volume/mutualInformation.ts';
import { composeAffine, meanDistanceMm, rigidAbout, rotationFromVector } from '../../core/volume/rigid.ts';
import { addScaled, normalize, scale, subtract, type Vec3 } from '../../core/volume/vec.ts';

/** The search for the motion by our own mutual information: everywhere coarsely, then by a compass search. */

/** Radius at which a rotation's millimetres are counted: about a head's. */
export const HEAD_RADIUS_MM = 80;

export interface Candidate {
  /** Fixed LPS → moving LPS. */
  readonly motion: Affine;
  readonly score: number;
}

/**
 * What a motion is worth: information per point of the fixed foreground, so that a motion which slides the
 * images off one another gains nothing by the little that is left in common.
 */
export function scoreOf(fixed: FixedSamples, moving: MovingImage, motion: Affine): number {
  const { mi, overlap } = similarity(fixed, moving, motion);
  return mi * overlap;
}

/**
 * Compass search over the six parameters of a rigid motion, from `start`: rotations about `centreLps` and
 * translations, along and about the patient axes, with steps halved until they are below `smallest`.
 *
 * @param step first and smallest step, mm; a rotation step is that many mm at `radiusMm` from the centre
 * @param axes how many of (x, y, z translation, x, y, z rotation) are free: 3 or 6
 */
export function compassSearch(
  score: (motion: Affine) => number,
  start: Affine,
  options: {
    readonly centreLps: Vec3;
    readonly firstMm: number;
    readonly smallestMm: number;
    readonly radiusMm: number;
    readonly axes: 3 | 6;
  },
): Candidate {
  const { centreLps, radiusMm, axes } = options;
  const moveBy = (axis: number, mm: number): Affine => {
    const unit: Vec3 = [axis % 3 === 0 ? 1 : 0, axis % 3 === 1 ? 1 : 0, axis % 3 === 2 ? 1 : 0];
    if (axis < 3) return rigidAbout(rotationFromVector([0, 0, 0]), scale(unit, mm), centreLps);
    return rigidAbout(rotationFromVector(scale(unit, mm / radiusMm)), [0, 0, 0], centreLps);
  };
  let best: Candidate = { motion: start, score: score(start) };
  for (let step = options.firstMm; step >= options.smallestMm; step /= 2) {
    for (let sweep = 0; sweep < 20; sweep++) {
      let improved = false;
      for (let axis = 0; axis < axes; axis++) {
        for (const sign of [1, -1]) {
          // Keeps going while it gains: a long way in one direction costs one look per step, not a sweep.
          let gained = false;
          for (let n = 0; n < 16; n++) {
            const motion = composeAffine(best.motion, moveBy(axis, sign * step));
            const value = score(motion);
            if (value <= best.score) break;
            best = { motion, score: value };
            gained = true;
          }
          if (gained) {
            improved = true;
            break;
          }
        }
      }
      if (!improved) break;
    }
  }
  return best;
}

/** Directions to the faces, edges and corners of a cube: 26 unit vectors, in a fixed order. */
function cubeDirections(): Vec3[] {
  const directions: Vec3[] = [];
  for (const x of [-1, 0, 1]) {
    for (const y of [-1, 0, 1]) {
      for (const z of [-1, 0, 1]) if (x !== 0 || y !== 0 || z !== 0) directions.push(normalize([x, y, z]));
    }
  }
  return directions;
}

/** Rotation vectors tried at the start: none, 25° and 50° about 26 axes, quarter and half turns about 3. */
export function startRotations(): Vec3[] {
  const degrees = Math.PI / 180;
  const turns: Vec3[] = [[0, 0, 0]];
  for (const angle of [25, 50]) for (const axis of cubeDirections()) turns.push(scale(axis, angle * degrees));
  for (const axis of [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ] as const) {
    for (const angle of [90, -90, 180]) turns.push(scale(axis, angle * degrees));
  }
  return turns;
}

/**
 * The best distinct motions, best first: the headers' own position, and every start rotation with the
 * centres of the foregrounds, or of the grids, laid on one another; the most promising are then searched
 * locally. Deterministic.
 *
 * @param centres of the fixed and the moving image, to be laid on one another: foreground first, then grid
 */
export function searchMotions(
  fixed: FixedSamples,
  moving: MovingImage,
  centres: readonly { readonly fixed: Vec3; readonly moving: Vec3 }[],
  keep: number,
): Candidate[] {
  const score = (motion: Affine) => scoreOf(fixed, moving, motion);
  const pivot = centres[0]?.fixed ?? [0, 0, 0];
  const shifts: Vec3[] = [[0, 0, 0], ...centres.map((c) => subtract(c.moving, c.fixed))];
  const starts: Candidate[] = [];
  for (const turn of startRotations()) {
    for (const shift of shifts) {
      const motion = rigidAbout(rotationFromVector(turn), shift, pivot);
      starts.push({ motion, score: score(motion) });
    }
  }
  const header: Candidate = { motion: IDENTITY_AFFINE, score: score(IDENTITY_AFFINE) };
  const promising = distinct([...starts].sort(byScore), pivot, 12, 9);
  const refined = [header, ...promising].map((start) =>
    compassSearch(score, start.motion, {
      centreLps: pivot,
      firstMm: 16,
      smallestMm: 1,
      radiusMm: HEAD_RADIUS_MM,
      axes: 6,
    }),
  );
  return distinct(refined.sort(byScore), pivot, 6, keep);
}

function byScore(a: Candidate, b: Candidate): number {
  return b.score - a.score;
}

/**
 * The best of some motions at a finer sampling, each searched a little further. `fixed` and `moving` at the
 * resolution to judge at.
 */
export function bestOf(
  fixed: FixedSamples,
  moving: MovingImage,
  motions: readonly Affine[],
  pivot: Vec3,
): Candidate {
  const score = (motion: Affine) => scoreOf(fixed, moving, motion);
  const searched = motions.map((motion) =>
    compassSearch(score, motion, {
      centreLps: pivot,
      firstMm: 4,
      smallestMm: 1,
      radiusMm: HEAD_RADIUS_MM,
      axes: 6,
    }),
  );
  return searched.sort(byScore)[0] ?? { motion: IDENTITY_AFFINE, score: score(IDENTITY_AFFINE) };
}

/** The first `count` of sorted candidates that are at least `apartMm` from every better one at head size. */
function distinct(sorted: readonly Candidate[], pivot: Vec3, apartMm: number, count: number): Candidate[] {
  const probes = probesAround(pivot, HEAD_RADIUS_MM);
  const kept: Candidate[] = [];
  for (const candidate of sorted) {
    if (kept.length >= count) break;
    if (kept.every((k) => meanDistanceMm(k.motion, candidate.motion, probes) >= apartMm))
      kept.push(candidate);
  }
  return kept;
}

/** Six points at `radiusMm` from a centre, along the patient axes: where distances of motions are measured. */
export function probesAround(centre: Vec3, radiusMm: number): Vec3[] {
  const axes: Vec3[] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  return axes.flatMap((axis) => [addScaled(centre, axis, radiusMm), addScaled(centre, axis, -radiusMm)]);
}
