import * as z from 'zod';
import { alignedBy, registrationReport, seriesSelector, sliceAxis, vec3 } from './schemas.ts';

/** Rows of the 4 × 4 matrix that takes points of the target (LPS, mm) to the reference's: rigid. */
export const rigidMatrix = z.array(z.array(z.number()).length(4)).length(4);

/** A rigid transform, target to reference: as a matrix, or as a .tfm file (ITK's text form). */
export const givenTransform = z.union([
  z.strictObject({ matrix: rigidMatrix }),
  z.strictObject({ file: z.string() }),
]);
export type GivenTransform = z.infer<typeof givenTransform>;

/** Where the reference lies, and who says so. */
export const givenAlignment = z.union([
  z.strictObject({ matrix: rigidMatrix, by: alignedBy.default('manual') }),
  z.strictObject({ file: z.string(), by: alignedBy.default('manual') }),
]);

/** Six numbers of how the reference is moved onto the target, as it is seen to move. */
export const sixDegrees = z.object({
  /** About the patient's x (left), y (posterior) and z (superior) axes: Rz·Rx·Ry, right-handed, degrees. */
  rotationDeg: vec3,
  /** How far the centre moves towards left, posterior and superior, mm. */
  translationMm: vec3,
});

const pairOf = {
  target: seriesSelector,
  reference: seriesSelector,
  /** NIfTI only: the plane of the target's slices, as in `enhance`. */
  plane: sliceAxis.optional(),
};

/** A position of the reference with the verdict on it. */
export const alignment = z.object({
  registration: registrationReport,
  /** Rows of the 4 × 4 matrix, target LPS to reference LPS: what `enhance` takes as `alignment`. */
  matrix: rigidMatrix,
  /** The same, as the motion of the reference about `centreLps`, the centre of the target's volume. */
  motion: sixDegrees,
  centreLps: vec3,
  /** Per slice of the target, in its order. */
  slices: z.array(
    z.object({
      /** Along the normal of the slices. */
      positionMm: z.number(),
      /** Normalised mutual information with the moved reference, 0 to 1; null where too little can be compared. */
      agreement: z.number().nullable(),
      /** Share of the slice's foreground that the moved reference covers. */
      coverage: z.number(),
    }),
  ),
  /** Slices (from 1) that agree clearly less than those around them. */
  outOfLine: z.array(z.number().int()),
  seconds: z.number(),
});
export type Alignment = z.infer<typeof alignment>;

/** Registers the reference of a pair onto its target, from a given position where there is one. */
export const align = {
  request: z.object({ ...pairOf, start: givenTransform.optional() }),
  result: alignment,
};

/** Judges a position of the reference as it is (the headers' where none is given); nothing is moved. */
export const judgeAlignment = {
  request: z.object({ ...pairOf, position: givenTransform.optional() }),
  result: alignment,
};
