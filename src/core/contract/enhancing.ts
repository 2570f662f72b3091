import * as z from 'zod';
import { givenAlignment } from './aligning.ts';
import { deidentification } from './deidentification.ts';
import { modelState } from './modelStates.ts';
import {
  deviceChoice,
  dicomForm,
  exportCompanions,
  fallBack,
  registrationReport,
  scaleFactor,
  seriesSelector,
  sliceAxis,
  vec3,
} from './schemas.ts';
import { validationReport } from './validating.ts';

/** Enhancing one target: what is asked and what came of it. */

export const enhanceRequest = z.object({
  target: seriesSelector,
  reference: seriesSelector.optional(),
  scale: scaleFactor,
  /** A shipped model's id, or the path of a model package. */
  model: z.string(),
  device: deviceChoice.default('auto'),
  registration: z.enum(['rigid', 'none']).default('rigid'),
  /** Where the reference lies, instead of registering it: judged like any other, and named in provenance. */
  alignment: givenAlignment.optional(),
  /** Go on although the registration's verdict is `untrusted`. */
  acceptRegistration: z.boolean().default(false),
  /** NIfTI only: the plane of the slices, where the rule of the largest spacing is not wanted. */
  plane: sliceAxis.optional(),
  /**
   * Stores the result under this id in the data folder, so that `volume` and `export` open it after a restart.
   * The queue of jobs asks for it; without it the result lasts as long as the compute process.
   */
  keepAs: z.uuid().optional(),
  /** Write the result to this folder (absent or empty before); without it the result stays in memory. */
  out: z.string().optional(),
  format: z.enum(['dicom', 'nifti']).optional(),
  as: dicomForm.default('source'),
  /** How what is written is de-identified; as it is where absent. */
  deidentify: deidentification.optional(),
  companions: exportCompanions.default([]),
});

/** What an export wrote, or would write. */
export const writtenSeries = z.object({
  /** Absolute paths, in slice order; empty while nothing was written. */
  files: z.array(z.string()),
  /** Absolute paths of what was written beside the series. */
  companions: z.array(z.string()),
  folder: z.string().nullable(),
  seriesUid: z.string(),
  /** Columns, rows, slices. */
  size: vec3,
  spacingMm: vec3,
  /** Centre of the first voxel of the first slice. */
  originLps: vec3,
});

export const enhanceResult = z.object({
  /** Names the enhanced series in `volume` and `export` while the workstation runs. */
  id: z.string(),
  model: z.string(),
  /** Of the model, when the series was made: a candidate's images are marked as such. */
  modelState: modelState.optional(),
  device: z.string(),
  /** In words, why this device. */
  deviceReason: z.string().optional(),
  /** What the device cannot run; a warning names it too. */
  fallBacks: z.array(fallBack),
  registration: registrationReport,
  output: writtenSeries,
  /** Voxels that had to be clipped to 16 bits. */
  clipped: z.number().int(),
  /** The check of what was written as DICOM; null where nothing was. */
  validation: validationReport.nullable(),
  /** Whether slices ran in overlapping tiles. */
  tiled: z.boolean(),
  /** Workers that ran in parallel, and the memory estimated for each beforehand. */
  workers: z.number().int(),
  estimatedMbPerWorker: z.number(),
  seconds: z.number(),
  peakMb: z.number(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
