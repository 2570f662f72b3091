import * as z from 'zod';
import { segmentationSpec } from '../segmentation/modelSpec.ts';
import { packageVersion } from './schemas.ts';

/** What a file that describes a segmentation model from elsewhere holds: its interface, and where it is from. */
export const segmentationDescription = segmentationSpec.safeExtend({
  id: z.string().optional(),
  version: packageVersion,
  licence: z.string().default('unknown: ask whoever trained it'),
  notices: z.array(z.string()).default([]),
  limits: z.array(z.string()).default([]),
});
