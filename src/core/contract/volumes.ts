import * as z from 'zod';
import { vec3 } from './schemas.ts';

/** Voxels on a regular grid, as viewers take them. */
export const volumeResult = z.object({
  size: vec3,
  spacingMm: vec3,
  originLps: vec3,
  axesLps: z.tuple([vec3, vec3, vec3]),
  /** `int16` where every value is a 16-bit integer, else `float32`. Little endian, i fastest. */
  dataType: z.enum(['int16', 'float32']),
  /** Suggested display window: centre and width. */
  window: z.object({ center: z.number(), width: z.number() }),
  /** Indices k of slices that were not acquired (shown as a gap). */
  inventedSlices: z.array(z.number().int()),
  label: z.string(),
  /** The voxels; travels as binary, never as JSON. */
  voxels: z.instanceof(Uint8Array),
});
