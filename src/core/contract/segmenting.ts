import * as z from 'zod';
import { givenAlignment } from './aligning.ts';
import { deidentification } from './deidentification.ts';
import { modelState } from './modelStates.ts';
import { deviceChoice, registrationReport, seriesSelector, vec3 } from './schemas.ts';
import { validationReport } from './validating.ts';

/** Finding a structure in a series: a research-use preview of what enhancement does to a contour. */

/** What is segmented: a series, or an enhanced series as it is or zero-filled, as `volume` shows them. */
export const segmentedImage = z.union([
  z.object({ kind: z.literal('series'), series: seriesSelector }),
  z.object({ kind: z.literal('enhanced'), id: z.string() }),
  /** The target of an enhanced series, zero-filled onto its grid. */
  z.object({ kind: z.literal('zero-filled'), id: z.string() }),
]);
export type SegmentedImage = z.infer<typeof segmentedImage>;

/** One connected part that was found. */
export const segmentedPart = z.object({
  label: z.number().int(),
  ml: z.number(),
  /**
   * Share of the mirrored images that agree, mean over the part: 0 to 1. 1 where nothing was mirrored; null where a
   * reader corrected it.
   */
  confidence: z.number().nullable(),
  /** Number, from 1, of the slice in its middle, in the order of the stack. */
  slice: z.number().int(),
});

export const segment = {
  request: z.object({
    image: segmentedImage,
    /** The series of the model's second contrast. Of an enhanced series its own reference where absent. */
    reference: seriesSelector.optional(),
    /** An id of a segmentation model, or the path of a package. */
    model: z.string(),
    device: deviceChoice.default('auto'),
    /**
     * How the reference is laid on the series: `rigid`ly registered; `none`, where the headers say; `auto`: the
     * headers where both are of one frame of reference, or NIfTI, else registered.
     */
    registration: z.enum(['auto', 'rigid', 'none']).default('auto'),
    /** Where the reference lies, instead. */
    alignment: givenAlignment.optional(),
    /** Go on although the registration's verdict is `untrusted`. */
    acceptRegistration: z.boolean().default(false),
    /** Write it to this folder (absent or empty before); without it the result stays in memory. */
    out: z.string().optional(),
    /** `dicom-seg`: segmentation and structured report; `nifti`: labelmap and JSON. As the series is where absent. */
    format: z.enum(['dicom-seg', 'nifti']).optional(),
    deidentify: deidentification.optional(),
  }),
  result: z.object({
    /** Names the segmentation in `volume` (kind `segmentation`) while the workstation runs. */
    id: z.string(),
    model: z.string(),
    modelState,
    device: z.string(),
    workers: z.number().int(),
    /** Every label of the model, found or not. */
    labels: z.array(
      z.object({
        value: z.number().int(),
        name: z.string(),
        ml: z.number(),
        parts: z.number().int(),
        /** Mean of the confidence over all its voxels; null where nothing was found. */
        confidence: z.number().nullable(),
      }),
    ),
    /** By label, then largest first. */
    parts: z.array(segmentedPart),
    /** Nothing was found: an answer, not an error. */
    nothingFound: z.boolean(),
    /** The highest probability anywhere, 0 to 1: how near the model came where it found nothing. */
    highestProbability: z.number(),
    /** Parts that were dropped because they were too small or too many. */
    dropped: z.number().int(),
    voxelMl: z.number(),
    /** Columns, rows, slices of the labelmap: those of the image. */
    size: vec3,
    /** Images that were looked at, of all; those with next to nothing in them are left out. */
    looked: z.number().int(),
    images: z.number().int(),
    /** Contrasts that the model was given, and those that it had to do without. */
    contrasts: z.object({ given: z.array(z.string()), missing: z.array(z.string()) }),
    registration: registrationReport.nullable(),
    /** SHA-256 of the labels, one byte a voxel in the order of the stack: the same input gives the same. */
    labelsSha256: z.string(),
    output: z.object({ folder: z.string(), files: z.array(z.string()) }).nullable(),
    /** The check of what was written as DICOM; null where nothing was. */
    validation: validationReport.nullable(),
    seconds: z.number(),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    notice: z.string(),
  }),
};
export type SegmentResult = z.infer<typeof segment.result>;

/** The segmentation packages that ship, and the site's. */
export const segmentationModels = {
  request: z.object({}),
  result: z.object({
    models: z.array(
      z.object({
        id: z.string(),
        path: z.string(),
        version: z.string(),
        state: modelState,
        /** The network's name, or `onnx` of a model from elsewhere. */
        network: z.string(),
        contrasts: z.array(z.object({ name: z.string(), required: z.boolean() })),
        labels: z.array(z.object({ value: z.number().int(), name: z.string() })),
        weightsSha256: z.string(),
        bytes: z.number().int(),
        /** Mean Dice per volume over the patients that it was never trained on, on original images. */
        dice: z.number().nullable(),
        /** The same over patients that it did not learn from, but that its weights were chosen on: a little kinder. */
        chosenDice: z.number().nullable(),
        intendedUse: z.string(),
        licence: z.string(),
        card: z.string(),
      }),
    ),
    refused: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
  }),
};

/** Makes a segmentation package of an ONNX model from elsewhere and a description of it. */
export const segmentationImport = {
  request: z.object({
    onnx: z.string(),
    /** JSON: see docs/segmentation.md. */
    description: z.string(),
    /** Where to: a new folder; among the site's models, by its id, where absent. */
    out: z.string().optional(),
    id: z.string().optional(),
  }),
  result: z.object({
    model: z.string(),
    path: z.string(),
    opset: z.number().int(),
    bytes: z.number().int(),
    weightsSha256: z.string(),
    /** Of one run on an image of noise. */
    secondsPerImage: z.number(),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
};
