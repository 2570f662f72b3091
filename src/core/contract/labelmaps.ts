import * as z from 'zod';
import { volumeResult } from './volumes.ts';

/** A label of a labelmap, as its file describes it. */
const label = z.object({
  /** Of its voxels, 1 or more. */
  value: z.number().int(),
  /** The segment's; the value where the file names none. */
  name: z.string(),
  /** To be shown in, sRGB, 0 to 255; null where the file recommends none. */
  colorRgb: z.tuple([z.number(), z.number(), z.number()]).nullable(),
});
export type NamedLabel = z.infer<typeof label>;

/** A labelmap to be laid over images: a NIfTI of whole numbers, or a DICOM Segmentation. */
export const labelmap = {
  request: z.object({
    /** A file; or, as `list` names it, one in an archive. */
    path: z.string().min(1),
    /** What `list` was given, where `path` comes from there. */
    within: z.array(z.string()).default([]),
    /** Of the images it is to lie on; a segmentation of another one is refused. */
    frameOfReferenceUid: z.string().optional(),
  }),
  result: volumeResult.omit({ window: true }).extend({
    format: z.enum(['nifti', 'dicom']),
    /** Those that there are voxels of, least value first. */
    labels: z.array(label),
    /** What should be known of it, such as segments that overlap. */
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
};
