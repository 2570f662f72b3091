import * as z from 'zod';
import { alignment, sixDegrees } from './aligning.ts';
import { seriesSelector } from './schemas.ts';

/**
 * Where the user left the reference of a pair, with the verdict on it: kept with the study in the library, gone
 * with it, and worth nothing once the files are others.
 */

/** How the reference came to where it is: by the scanner's positions, by registration, or by hand. */
export const placedBy = z.enum(['scanner', 'registration', 'refinement', 'hand']);
export type PlacedBy = z.infer<typeof placedBy>;

export const keptAlignment = z.object({
  /** How the reference is moved, about the centre of the target's volume. */
  motion: sixDegrees,
  by: placedBy,
  /** Null where the position was not judged. */
  verdict: alignment.nullable(),
  /** The user said yes to the verdict. */
  accepted: z.boolean(),
  /** The user went on with the target alone. */
  withoutReference: z.boolean(),
});
export type KeptAlignment = z.infer<typeof keptAlignment>;

/**
 * The alignment that is kept of a pair. One that was made on other files is dropped, and the answer says so.
 * Throws as reading the series' headers does.
 */
export const alignmentRecall = {
  request: z.object({ studyUid: z.string(), target: seriesSelector, reference: seriesSelector }),
  result: z.object({
    /** What the files of both are now: an alignment is kept for these. */
    files: z.string(),
    kept: keptAlignment.nullable(),
    /** One was kept, and the files have changed since. */
    dropped: z.boolean(),
  }),
};

/** Keeps the alignment of a pair in the place of the one before; null forgets it. Nothing for a study that the library has not. */
export const alignmentKeep = {
  request: z.object({
    studyUid: z.string(),
    targetUid: z.string(),
    referenceUid: z.string(),
    /** As `alignmentRecall` said. */
    files: z.string(),
    alignment: keptAlignment.nullable(),
  }),
  result: z.object({}),
};
