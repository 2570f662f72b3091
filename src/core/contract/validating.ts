import * as z from 'zod';
import { FINDING_CODES } from '../dicom/validate/finding.ts';
import { refusedFile } from './schemas.ts';

/** Checks of DICOM objects, before they are sent or whenever somebody asks. */

const finding = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.enum(FINDING_CODES),
  /** `(0018,A001) > (0008,0070)`; '' where it is not about one attribute. */
  tag: z.string(),
  message: z.string(),
  /** The first file that has it. */
  file: z.string(),
  /** How many files have it. */
  files: z.number().int(),
  /** The source that was given has it as well. */
  ofSource: z.boolean(),
});
export type ReportedFinding = z.infer<typeof finding>;

/** What another validator, dciodvfy, says. */
const judgement = z.object({
  /** Its errors, in its own words. */
  errors: z.array(
    z.object({ message: z.string(), file: z.string(), files: z.number().int(), ofSource: z.boolean() }),
  ),
  /** Files that it was given: of a long series a few, evenly chosen. */
  files: z.number().int(),
  /** Files that it did not get through with in time. */
  unanswered: z.number().int(),
});

export const validationReport = z.object({
  /** DICOM objects that were checked. */
  files: z.number().int(),
  series: z.number().int(),
  /** Beyond those that the source has itself. */
  errors: z.number().int(),
  warnings: z.number().int(),
  findings: z.array(finding),
  /** Null where dciodvfy is not on this machine. */
  dciodvfy: judgement.nullable(),
});
export type ValidationReport = z.infer<typeof validationReport>;

export const validateExport = {
  request: z.object({
    /** A file or folder. */
    path: z.string(),
    /** The series or study that it was made from. */
    source: z.string().optional(),
  }),
  result: validationReport.extend({
    /** Files that are no DICOM objects. */
    refused: z.array(refusedFile),
    seconds: z.number(),
  }),
};
