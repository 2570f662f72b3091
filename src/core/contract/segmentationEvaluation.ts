import * as z from 'zod';
import { deviceChoice, scaleFactor } from './schemas.ts';

/** The papers' experiment: what a segmentation network makes of original, interpolated and enhanced images. */

const overlap = z.object({
  /** Per volume. */
  dice: z.number(),
  /** Mean over the slices in which either mask has a pixel; null where none has. */
  diceSlices: z.number().nullable(),
  /** 95 % Hausdorff distance; null where a mask is empty. */
  hd95Mm: z.number().nullable(),
});

/** One image of one case, segmented by one model. */
const segmentedImage = z.object({
  /** Of the segmentation model. */
  model: z.string(),
  /** `original`, `zero-filled x2`, or the id of the model that enhanced it. */
  image: z.string(),
  scale: scaleFactor.nullable(),
  ml: z.number(),
  parts: z.number().int(),
  /** Against the mask that was drawn. */
  truth: overlap,
  /** Against what the same model finds in the original image. */
  original: overlap,
});
export type EvaluatedImage = z.infer<typeof segmentedImage>;

const spread = z.object({ mean: z.number(), deviation: z.number().nullable(), cases: z.number().int() });

/** Over the cases, of one model on one kind of image. */
const summaryRow = z.object({
  model: z.string(),
  image: z.string(),
  scale: scaleFactor.nullable(),
  dice: spread,
  diceSlices: spread.nullable(),
  hd95Mm: spread.nullable(),
  /** Mean Dice over that of the original images, 1 there; null where that is 0. */
  ofOriginal: z.number().nullable(),
  /** Dice against what is found in the original image. */
  diceToOriginal: spread,
});
export type SegmentationSummaryRow = z.infer<typeof summaryRow>;

export const evaluateSegmentation = {
  request: z.object({
    /** Folders of cases, or of one each: the target, the mask drawn on it, and the reference where there is one. */
    cases: z.array(z.string()).default([]),
    /** Cases who have nothing to be found: what is found all the same is reported. `first`: in the target's place. */
    withoutTumour: z.array(z.object({ path: z.string(), first: z.string().optional() })).default([]),
    target: z.string().default('flair'),
    /** Null: the models see one contrast. */
    reference: z.string().nullable().default('t1'),
    mask: z.string().default('tumour'),
    /** Segmentation models: ids or folders. */
    models: z.array(z.string()).min(1),
    scales: z.array(scaleFactor).default([2, 4]),
    /** Models that enhance: all that ship for these contrasts, or those named (each at its own scale). */
    enhancers: z.union([z.literal('all'), z.array(z.string())]).default('all'),
    device: deviceChoice.default('auto'),
    /** A new folder: results.json, results.md, slices.csv. */
    out: z.string().optional(),
    /** Write the numbers onto the cards of the segmentation models. */
    ontoCards: z.boolean().default(false),
  }),
  result: z.object({
    target: z.string(),
    reference: z.string().nullable(),
    mask: z.string(),
    models: z.array(z.object({ id: z.string(), path: z.string(), weightsSha256: z.string() })),
    enhancers: z.array(z.object({ id: z.string(), scale: scaleFactor, weightsSha256: z.string() })),
    cases: z.array(
      z.object({
        case: z.string(),
        path: z.string(),
        slices: z.number().int(),
        /** Of the mask that was drawn. */
        truthMl: z.number(),
        /** Ids of the models, of both kinds, that this patient was trained on. */
        trainedOn: z.array(z.string()),
        images: z.array(segmentedImage),
      }),
    ),
    summary: z.array(summaryRow),
    withoutTumour: z.object({
      cases: z.array(
        z.object({
          case: z.string(),
          path: z.string(),
          trainedOn: z.array(z.string()),
          found: z.array(z.object({ model: z.string(), ml: z.number(), parts: z.number().int() })),
        }),
      ),
      summary: z.array(z.object({ model: z.string(), medianMl: z.number(), worstMl: z.number() })),
    }),
    failed: z.array(z.object({ case: z.string(), path: z.string(), code: z.string(), message: z.string() })),
    warnings: z.array(z.string()),
    notice: z.string(),
    out: z.string().nullable(),
  }),
};
export type EvaluateSegmentationResult = z.infer<typeof evaluateSegmentation.result>;
