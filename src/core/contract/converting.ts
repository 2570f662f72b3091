import * as z from 'zod';
import { vec3, warning } from './schemas.ts';

/** `convert`: the volumes of one DICOM series as NIfTI; those that repeat each other share a file. */
export const convert = {
  request: z.object({
    /** A file, folder, DICOMDIR or ZIP archive. */
    input: z.string(),
    /** Number or UID of one series, or the UID of one of its volumes, where `input` holds several. */
    series: z.string().optional(),
    /** `X.nii` or `X.nii.gz`; a series of several volumes gives `X_e1.nii.gz`, `X_e2.nii.gz` … */
    out: z.string(),
  }),
  result: z.object({
    volumes: z.array(
      z.object({
        path: z.string(),
        /** Its number in the file's fourth dimension, from 1, where several repeat each other in one file. */
        volume: z.number().int().optional(),
        /** As in a list: `Series Instance UID#part`. */
        uid: z.string(),
        description: z.string(),
        size: vec3,
        spacingMm: vec3,
        /** Centre of the first voxel. */
        originLps: vec3,
        dataType: z.enum(['int16', 'float32']),
        /** What the file's values are multiplied by, and what is then added. */
        slope: z.number(),
        intercept: z.number(),
        /** Slices that were not acquired: a NIfTI cannot hold a gap, so they are written as zeros. */
        emptySlices: z.number().int(),
        warnings: z.array(warning),
      }),
    ),
    /** Volumes of the series that make no regular grid or state no place. */
    refused: z.array(z.object({ uid: z.string(), code: z.string(), message: z.string() })),
    seconds: z.number(),
  }),
} as const;
