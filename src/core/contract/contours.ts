import * as z from 'zod';
import { deidentification } from './deidentification.ts';
import { labelmap } from './labelmaps.ts';
import { vec3 } from './schemas.ts';
import { validationReport } from './validating.ts';

/** What a reader does with what `segment` found: compare it between images, correct it, write it. */

/** Two segmentations of one structure against each other. */
const agreement = z.object({
  /** Ids of segmentations, or `truth`. */
  first: z.string(),
  second: z.string(),
  /** Over all slices together; 1 where both are empty. */
  dice: z.number(),
  /** 95 % Hausdorff distance; null where one is empty. */
  hd95Mm: z.number().nullable(),
  /** Mean over the slices in which either has a voxel; null where none has. */
  diceSlices: z.number().nullable(),
  /** Of every slice of `slices`; null where both are empty there. */
  curve: z.array(z.number().nullable()),
});
export type ContourAgreement = z.infer<typeof agreement>;

/**
 * Segmentations of images of one series, acquired, interpolated, enhanced, against each other and against labels
 * that were drawn. Compared on the slices of the one with the most voxels: where all are of one grid voxel by voxel,
 * else at two points for each pixel in each direction, each of which takes the label of the voxel that it lies in.
 * Volumes are those of each on its own grid.
 */
export const segmentationCompare = {
  request: z.object({
    /** Ids of `segment` or `segmentationCorrect`. */
    segmentations: z.array(z.string()).min(1).max(8),
    /** Labels that were drawn on the series; `values` are those of the structure, all of them where absent. */
    truth: labelmap.request.extend({ values: z.array(z.number().int().min(1)).optional() }).optional(),
    /** One label of the model; all of them together where absent. */
    label: z.number().int().min(1).optional(),
  }),
  result: z.object({
    volumes: z.array(z.object({ id: z.string(), ml: z.number() })),
    truthMl: z.number().nullable(),
    /** Every two of them, in the order of the request, the truth last. */
    agreements: z.array(agreement),
    /** Points of the series' slices, in the order of the stack: the middle of each. */
    slices: z.array(vec3),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
};
export type SegmentationCompareResult = z.infer<typeof segmentationCompare.result>;

/** What a corrected segmentation holds. */
const correctedLabels = z.object({
  value: z.number().int(),
  name: z.string(),
  ml: z.number(),
  parts: z.number().int(),
});

/** Takes labels that a reader changed in the place of those that a model found. */
export const segmentationCorrect = {
  request: z.object({
    /** What `segment` made; not a correction: every correction begins with what the model found. */
    id: z.string(),
    /**
     * The whole labelmap as runs, value and length in turn, over the voxels of `volume` (kind `segmentation`), i
     * fastest. Slices that were not acquired are left out of account.
     */
    runs: z.array(z.number().int().min(0)),
  }),
  result: z.object({
    /** Names the corrected one, as that of `segment` does: for `volume`, `segmentationCompare`, `segmentationExport`. */
    id: z.string(),
    labels: z.array(correctedLabels),
    nothingFound: z.boolean(),
    /** What the reader added to, and took from, what the model found. */
    addedMl: z.number(),
    removedMl: z.number(),
    labelsSha256: z.string(),
  }),
};

/** Writes a segmentation that is in memory, as `segment` with `out` does. */
export const segmentationExport = {
  request: z.object({
    id: z.string(),
    /** Absent or empty before. */
    out: z.string(),
    /** As the series is where absent. */
    format: z.enum(['dicom-seg', 'nifti']).optional(),
    deidentify: deidentification.optional(),
  }),
  result: z.object({
    output: z.object({ folder: z.string(), files: z.array(z.string()) }),
    validation: validationReport.nullable(),
    seconds: z.number(),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
};
