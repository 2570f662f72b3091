import * as z from 'zod';
import { DEIDENTIFY_OPTIONS } from '../dicom/deidentify/options.ts';
import { dicomForm, exportCompanions, refusedFile } from './schemas.ts';

/** What stays that PS3.15's Basic Profile would take away. */
export const deidentifyOptions = z
  .array(z.enum(DEIDENTIFY_OPTIONS))
  .refine((options) => !(options.includes('retain-dates') && options.includes('shift-dates')), {
    message: 'Dates are either retained or shifted, not both',
  });

/** How an object that is written is de-identified. */
export const deidentification = z.object({
  options: deidentifyOptions.default([]),
  /**
   * File with the secret that new UIDs, pseudonyms and date shifts follow from; made where it is absent. Without
   * one a key is made for this run and forgotten: nothing written later will fit together with this.
   */
  keyFile: z.string().optional(),
});

/** What becomes of an attribute, and how often; values are never told. */
const changedAttribute = z.object({
  /** `(0010,0010)` */
  tag: z.string(),
  /** Of PS3.6; empty for a private or unknown attribute. */
  keyword: z.string(),
  outcome: z.enum(['removed', 'emptied', 'dummy', 'pseudonym', 'new UID', 'shifted', 'cleaned', 'kept']),
  elements: z.number().int(),
  files: z.number().int(),
});
export type ChangedAttribute = z.infer<typeof changedAttribute>;

/** What no change of attributes puts right. */
const pixelWarning = z.object({ code: z.string(), message: z.string(), files: z.number().int() });
export type PixelWarning = z.infer<typeof pixelWarning>;

/** De-identifies DICOM files by PS3.15, annex E, without decoding any pixel. */
export const deidentify = {
  request: deidentification.extend({
    /** Files and folders. */
    paths: z.array(z.string()).min(1),
    /** Absent or an empty folder; without it only a dry run is possible. */
    out: z.string().optional(),
    dryRun: z.boolean().default(false),
  }),
  result: z.object({
    /** Null after a dry run. */
    out: z.string().nullable(),
    /** De-identified, or in a dry run what would have been. */
    files: z.number().int(),
    patients: z.number().int(),
    studies: z.number().int(),
    series: z.number().int(),
    options: z.array(z.enum(DEIDENTIFY_OPTIONS)),
    key: z.enum(['file', 'new file', 'forgotten']),
    attributes: z.array(changedAttribute),
    warnings: z.array(pixelWarning),
    refused: z.array(refusedFile),
    seconds: z.number(),
  }),
};

/** What a de-identified export of an enhanced series would change; nothing is written. */
export const previewDeidentification = {
  request: deidentification.extend({
    /** Of an enhanced series that is in memory. */
    id: z.string(),
    as: dicomForm.default('source'),
    companions: exportCompanions.default([]),
  }),
  result: z.object({
    /** DICOM objects that would be written. */
    files: z.number().int(),
    attributes: z.array(changedAttribute),
    warnings: z.array(pixelWarning),
    seconds: z.number(),
  }),
};
