import * as z from 'zod';
import { deviceChoice, deviceKind, seriesSelector } from './schemas.ts';

/** What enhancing a target with a model would take here: measured on a few slices of its size, not computed. */
export const estimateEnhancing = {
  request: z.object({
    target: seriesSelector,
    /** A shipped model's id, or the path of a model package. */
    model: z.string(),
    device: deviceChoice.default('auto'),
  }),
  result: z.object({
    device: deviceKind,
    deviceReason: z.string(),
    slices: z.number().int(),
    /** Of the enhanced image. */
    rows: z.number().int(),
    columns: z.number().int(),
    tiled: z.boolean(),
    workers: z.number().int(),
    /** Of all workers together, beside the images themselves. */
    memoryMb: z.number(),
    /** With all workers at once. */
    secondsPerSlice: z.number(),
    /** Of the slices alone: reading and registering come before them. */
    seconds: z.number(),
    /** `sample`: a few slices of noise; `run`: an enhancement of the same size before. */
    measuredOn: z.enum(['sample', 'run']),
  }),
};
