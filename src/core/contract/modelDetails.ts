import * as z from 'zod';
import { imageQuality, scaleFactor } from './schemas.ts';

/** What a model's card knows, as data: its text says the same in words. */

const range = z.tuple([z.number(), z.number()]);

export const modelDetails = z.object({
  network: z.string(),
  /** Null where nothing is known of it. */
  trainedOn: z
    .object({
      target: z.array(z.string()),
      reference: z.array(z.string()),
      spacingMm: range,
      matrix: range,
      sliceThicknessMm: range,
      fieldStrengthT: range.optional(),
    })
    .nullable(),
  /** Patients and scans that it learned from; null where it was not trained here. */
  training: z.object({ patients: z.number().int(), scans: z.number().int() }).nullable(),
  measured: z.array(
    z.object({
      case: z.string(),
      trainedOn: z.boolean(),
      scale: scaleFactor,
      slices: z.number().int(),
      /** `zero-fill` and `cubic` are interpolation; the other is the model. */
      methods: z.record(z.string(), imageQuality),
    }),
  ),
  /** The same with references that are wrong on purpose. */
  robustness: z.array(
    z.object({
      case: z.string(),
      rows: z.array(z.object({ disturbance: z.string(), psnr: z.number(), psnrInside: z.number() })),
    }),
  ),
  /** Of one enhanced slice, where it was measured once. */
  performance: z
    .object({
      device: z.string(),
      secondsPerSlice: z.number(),
      rows: z.number().int(),
      columns: z.number().int(),
      memoryMb: z.number().optional(),
    })
    .nullable(),
  limits: z.array(z.string()),
});
export type ModelDetails = z.infer<typeof modelDetails>;
