import { sampleLine, type VoxelGrid } from './sampleAt.ts';
import { norm, scale, subtract, type Vec3 } from './vec.ts';

/** Values of one image along a line. */
export interface LineProfile {
  /** From the line's beginning. */
  readonly distancesMm: Float64Array;
  /** Linear between voxel centres; NaN outside the image and where nothing was acquired. */
  readonly values: Float64Array;
}

const MOST_POINTS = 4096;

/**
 * Values every `stepMm` along a line of the patient, both ends included; the step becomes a little shorter so
 * that the last point is the end.
 */
export function lineProfile(image: VoxelGrid, from: Vec3, to: Vec3, stepMm: number): LineProfile {
  const length = norm(subtract(to, from));
  const intervals = Math.min(Math.max(Math.ceil(length / stepMm - 1e-9), 1), MOST_POINTS - 1);
  const stepLps = scale(subtract(to, from), 1 / intervals);
  return {
    distancesMm: Float64Array.from({ length: intervals + 1 }, (_, n) => (length * n) / intervals),
    values: sampleLine(image, { startLps: from, stepLps, count: intervals + 1 }, 'linear'),
  };
}

/** The step that misses nothing of these images: half the finest spacing among them, mm. */
export function profileStep(images: readonly VoxelGrid[]): number {
  return Math.min(...images.flatMap(({ grid }) => [...grid.spacingMm])) / 2;
}
