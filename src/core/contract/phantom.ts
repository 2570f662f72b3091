import * as z from 'zod';
import { vec3 } from './schemas.ts';

/** The digital head as a study, for trying and testing. */
export const phantom = {
  request: z.object({
    out: z.string(),
    format: z.enum(['dicom', 'nifti']).default('dicom'),
    contrasts: z.array(z.enum(['t1', 't2', 'pd', 'flair'])).default(['t2', 't1']),
    /** In-plane field of view is fixed (240 mm); this is the matrix of the targets and references. */
    matrix: z.number().int().min(16).max(1024).default(128),
    referenceMatrix: z.number().int().min(16).max(1024).optional(),
    /** The first contrast is the target, the others are references: what differs in these. */
    referenceOrientation: z.enum(['axial', 'sagittal', 'coronal', 'oblique']).optional(),
    referenceSlices: z.number().int().min(1).max(512).optional(),
    referenceSliceThicknessMm: z.number().positive().optional(),
    slices: z.number().int().min(1).max(512).default(20),
    sliceThicknessMm: z.number().positive().default(5),
    sliceGapMm: z.number().min(0).default(0),
    orientation: z.enum(['axial', 'sagittal', 'coronal', 'oblique']).default('axial'),
    noise: z.number().min(0).default(0.01),
    seed: z.number().int().default(1),
    /** Known rigid motion of the references: rotation about x, y, z (degrees), then translation (mm), LPS. */
    motionDeg: vec3.default([0, 0, 0]),
    motionMm: vec3.default([0, 0, 0]),
    lesions: z.number().int().min(0).max(20).default(3),
    /** DICOM only: every series has a gap after this slice (1-based); the next one is left out. */
    gapAfter: z.number().int().positive().optional(),
    /** DICOM only: this slice (1-based) is written twice. */
    duplicate: z.number().int().positive().optional(),
  }),
  result: z.object({
    out: z.string(),
    series: z.array(
      z.object({
        contrast: z.string(),
        path: z.string(),
        files: z.number().int(),
        size: vec3,
        spacingMm: vec3,
      }),
    ),
  }),
};
