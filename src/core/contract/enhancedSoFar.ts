import * as z from 'zod';
import { vec3 } from './schemas.ts';

/** Longest wait for another slice: shorter than any rule of networks that breaks silent connections. */
export const LONGEST_SLICE_WAIT_MS = 20_000;

/** The slices of an enhancement that is under way, as far as they are computed. */
export const enhancedSoFar = {
  request: z.object({
    /** The id under which the result will be stored (`keepAs`; of a job, `resultId`). */
    id: z.string(),
    /** Slices that the caller has already. */
    from: z.number().int().min(0).default(0),
    /** Waits so long for a slice more than that. */
    waitMs: z.number().int().min(0).max(LONGEST_SLICE_WAIT_MS).default(0),
  }),
  result: z.object({
    /** False before it began and after it ended (then the whole of it is at `volume`, unless it failed). */
    running: z.boolean(),
    /** Of the whole enhanced volume, as `volume` will give it. */
    size: vec3,
    spacingMm: vec3,
    originLps: vec3,
    axesLps: z.tuple([vec3, vec3, vec3]),
    /** Slices k that were not acquired: nothing will be computed for them. */
    inventedSlices: z.array(z.number().int()),
    /** Slices computed and to be computed in all. */
    done: z.number().int(),
    total: z.number().int(),
    /** The slices k of the volume that `voxels` holds, in its order: those after the first `from`. */
    slices: z.array(z.number().int()),
    /** float32, little endian, row by row; travels as binary, never as JSON. */
    voxels: z.instanceof(Uint8Array),
  }),
};
