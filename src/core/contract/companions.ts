import * as z from 'zod';
import { deidentification } from './deidentification.ts';
import { seriesSelector } from './schemas.ts';
import { validationReport } from './validating.ts';

/** A coded concept: value, Coding Scheme Designator, meaning. */
const code = z.object({
  value: z.string().min(1).max(16),
  scheme: z.string().min(1).max(16),
  meaning: z.string().min(1).max(64),
});

/** A label of a labelmap: by a short name (`edema`), or by category and type. */
const segment = z.object({
  value: z.number().int().min(1).max(65535),
  label: z.string().min(1).max(64).optional(),
  /** A name of docs/companions.md. */
  meaning: z.string().optional(),
  category: code.optional(),
  type: code.optional(),
  algorithm: z
    .object({
      type: z.enum(['AUTOMATIC', 'SEMIAUTOMATIC', 'MANUAL']),
      name: z.string().default(''),
      version: z.string().optional(),
      parameters: z.string().optional(),
    })
    .optional(),
  colorRgb: z.tuple([z.number(), z.number(), z.number()]).optional(),
  tracking: z.object({ id: z.string().min(1), uid: z.string().regex(/^[0-9.]{1,64}$/) }).optional(),
});

const measurementGroup = z.object({
  trackingId: z.string().min(1).max(256),
  trackingUid: z
    .string()
    .regex(/^[0-9.]{1,64}$/)
    .optional(),
  finding: z.union([z.string(), code]).optional(),
  findingSite: z.union([z.string(), code]).optional(),
  /** A segmentation's file, and the number of the segment that was measured. */
  segment: z.object({ file: z.string(), number: z.number().int().min(1) }).optional(),
  measurements: z
    .array(
      z.object({
        /** `volume`, `intensity`, `length`, or a code. */
        name: z.union([z.string(), code]),
        value: z.number(),
        /** A UCUM unit: `ml`, `mm3`, `mm`, `1`, `%`, `dB`, or a code. */
        units: z.union([z.string(), code]).default('1'),
        /** `mean`, `standard-deviation`, `minimum`, `maximum`, `median`, or a code. */
        derivation: z.union([z.string(), code]).optional(),
      }),
    )
    .min(1),
});

/** What a file of measurements holds. */
export const measurementsFile = z.object({
  /** `Family^Given` of who asked for them. */
  person: z.string().optional(),
  procedure: code.optional(),
  groups: z.array(measurementGroup).min(1),
});

/** What a file of segments holds. */
export const segmentsFile = z.array(segment).min(1);
export type SegmentsFile = z.infer<typeof segmentsFile>;

/** Writes an object that stands beside a DICOM series: same patient, study and frame of reference. */
export const exportCompanion = {
  request: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('segmentation'),
      series: seriesSelector,
      /** A labelmap that lies on the series: NIfTI, or a DICOM Segmentation. */
      labels: z.string(),
      /** A DICOM Segmentation brings its own, and these take the place of those of the same value. */
      segments: segmentsFile.optional(),
      out: z.string(),
      deidentify: deidentification.optional(),
    }),
    z.object({
      kind: z.literal('parametric-map'),
      series: seriesSelector,
      /** A volume of real numbers (NIfTI) that lies on the series. */
      values: z.string(),
      /** A name of docs/companions.md, or a code. */
      quantity: z.union([z.string(), code]),
      units: z.union([z.string(), code]).default('1'),
      out: z.string(),
      deidentify: deidentification.optional(),
    }),
    z.object({
      kind: z.literal('spatial-registration'),
      target: seriesSelector,
      reference: seriesSelector,
      /** A .tfm of `tandem register`: target to reference. */
      transform: z.string(),
      out: z.string(),
      deidentify: deidentification.optional(),
    }),
    z.object({
      kind: z.literal('measurement-report'),
      series: seriesSelector,
      /** JSON: see docs/companions.md. */
      measurements: z.string(),
      out: z.string(),
      deidentify: deidentification.optional(),
    }),
  ]),
  result: z.object({
    path: z.string(),
    kind: z.string(),
    sopInstanceUid: z.string(),
    seriesUid: z.string(),
    /** Frames of a segmentation or a map. */
    frames: z.number().int().nullable(),
    validation: validationReport,
  }),
};
export type Code = z.infer<typeof code>;
