import * as z from 'zod';
import { dataLayout } from './training.ts';

/** Choosing what a model will learn from, and locking what it will be judged on. */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const finetuneCases = {
  request: z.object({
    /** Folders: cases, folders of cases, a collection as it was unpacked, DICOM studies. */
    sources: z.array(z.string()).min(1),
    layout: z.enum(['auto', ...dataLayout.options]).default('auto'),
    target: z.string().default('t2'),
    /** None for single images. */
    reference: z.string().optional(),
    /** Patients kept from training, by name or how names begin. */
    validation: z.array(z.string()).default([]),
    test: z.array(z.string()).default([]),
    /** Shares of the other people, drawn by the seed. */
    validationShare: z.number().min(0).max(1).default(0),
    testShare: z.number().min(0).max(1).default(0),
    seed: z.number().int().default(1),
    registration: z.enum(['auto', 'headers', 'headers-unchecked']).default('auto'),
    leastSlices: z.number().int().positive().default(3),
    /** A new folder for the locked test set; nothing is written where absent. */
    out: z.string().optional(),
  }),
  result: z.object({
    cases: z.array(
      z.object({
        name: z.string(),
        patient: z.string(),
        split: z.enum(['train', 'validation', 'test']),
        /** Where it is on this disk. */
        path: z.string(),
        target: z.string(),
        reference: z.string().optional(),
        slices: z.number().int(),
        /** Of the spectrum that the matrix allows, along rows and columns: 1 for ideal edges. */
        spectrumFill: z.tuple([z.number(), z.number()]),
        registration: z.string().optional(),
        notes: z.array(z.string()),
        voxelsSha256: sha256,
      }),
    ),
    leftOut: z.array(
      z.object({
        name: z.string(),
        patient: z.string().optional(),
        /** Where it is, for who looks at the disk. */
        path: z.string().optional(),
        reason: z.string(),
      }),
    ),
    /** Identities that are one person, by what, in words. */
    samePeople: z.array(
      z.object({
        cases: z.tuple([z.string(), z.string()]),
        patients: z.tuple([z.string(), z.string()]),
        how: z.enum(['same-files', 'same-patient', 'same-voxels', 'same-head']),
        words: z.string(),
      }),
    ),
    /** The manifest of the locked test set, where one was written. */
    locked: z.object({ path: z.string(), sha256, cases: z.number().int() }).nullable(),
  }),
};
