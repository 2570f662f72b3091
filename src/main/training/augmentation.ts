import * as z from 'zod';
import { TandemError } from '../../core/errors.ts';

const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low <= high, 'low ≤ high');
const positiveRange = range.refine(([low]) => low > 0, 'above 0');
const share = z.number().min(0).max(1);

/**
 * How patches are varied beside turning and mirroring them. All that is drawn comes from the training's own
 * generator; a share of 0, or a range of one value that changes nothing, switches a variation off. It is written
 * into the model's card as it is.
 */
export const augmentationSchema = z.strictObject({
  /** The truth, and with it the target, is multiplied by a number in this range. */
  targetGain: positiveRange,
  /** Noise of the target as acquired, zero-filled with it: standard deviations are drawn from this range. */
  targetNoise: range,
  /** The reference becomes gain · reference^gamma, each drawn log-uniformly. */
  referenceGain: positiveRange,
  referenceGamma: positiveRange,
  /** Noise of the reference: standard deviations. */
  referenceNoise: range,
  /** Share of patches whose reference is blurred by a Gaussian, and its standard deviation in pixels. */
  referenceBlur: z.strictObject({ share, sigmaPx: range }),
  /** Share whose reference is the mean of its slice and a neighbour: of thicker slices than the target's. */
  referenceSlab: share,
  /** Share whose reference lies elsewhere: shifts in the plane up to so many mm, rotations up to so many degrees. */
  referenceMotion: z.strictObject({ share, shiftMm: z.number().min(0), rotationDeg: z.number().min(0) }),
  /** Share whose reference is of a neighbouring slice. */
  referenceNeighbour: share,
  /** Share whose reference is of another patient, on the same grid where one is. */
  referenceForeign: share,
  /** Share whose reference is of the same scan and other anatomy: mirrored along its rows, or several slices away. */
  referenceElsewhere: share,
  /** Share whose reference is empty. */
  referenceBlank: share,
});

export type Augmentation = z.infer<typeof augmentationSchema>;

/** Nothing but turning and mirroring. */
export const NO_AUGMENTATION: Augmentation = {
  targetGain: [1, 1],
  targetNoise: [0, 0],
  referenceGain: [1, 1],
  referenceGamma: [1, 1],
  referenceNoise: [0, 0],
  referenceBlur: { share: 0, sigmaPx: [0, 0] },
  referenceSlab: 0,
  referenceMotion: { share: 0, shiftMm: 0, rotationDeg: 0 },
  referenceNeighbour: 0,
  referenceForeign: 0,
  referenceElsewhere: 0,
  referenceBlank: 0,
};

/** What a training does where nothing is said: nearly half of all references are not to be trusted. */
export const AUGMENTATION: Augmentation = {
  targetGain: [0.85, 1.15],
  targetNoise: [0, 0],
  referenceGain: [0.85, 1.15],
  referenceGamma: [0.8, 1.25],
  referenceNoise: [0, 0.02],
  referenceBlur: { share: 0.05, sigmaPx: [0.4, 1] },
  referenceSlab: 0.05,
  referenceMotion: { share: 0.2, shiftMm: 3.5, rotationDeg: 3 },
  referenceNeighbour: 0.02,
  referenceForeign: 0.12,
  referenceElsewhere: 0.1,
  referenceBlank: 0.03,
};

/** The defaults with what is asked for, or none of them for `none`. Throws `usage`. */
export function parseAugmentation(
  asked: 'none' | Readonly<Record<string, unknown>> | undefined,
): Augmentation {
  if (asked === undefined) return AUGMENTATION;
  if (asked === 'none') return NO_AUGMENTATION;
  const { success, data, error } = augmentationSchema.safeParse({ ...AUGMENTATION, ...asked });
  if (success) return data;
  const words = error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ');
  throw new TandemError('usage', `The augmentation is not understood: ${words}`, {
    hint: `Known are ${Object.keys(AUGMENTATION).join(', ')}.`,
  });
}
