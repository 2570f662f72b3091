import { type Affine, applyAffine } from '../../../core/volume/affine.ts';
import { sampleLine } from '../../../core/volume/sampleAt.ts';
import { addScaled, scale, subtract, type Vec3 } from '../../../core/volume/vec.ts';
import { screenToLps, type ViewCamera } from '../../viewer/camera.ts';
import type { StoredVoxels } from '../../viewer/voxelStore.ts';
import type { Layers } from './overlayPicture.ts';

/**
 * The target, and the reference as `fixedToMoving` lays it on it, on a picture of a plane: every pixel is
 * sampled (linearly) from the voxels themselves, so that nothing is resampled twice.
 *
 * @param columns of the picture, over the whole width of the camera's viewport; its pixels are square
 */
export function sampleLayers(
  target: StoredVoxels,
  reference: StoredVoxels,
  fixedToMoving: Affine,
  camera: ViewCamera,
  columns: number,
): Layers {
  const pixel = camera.size.width / columns;
  const rows = Math.max(1, Math.round(camera.size.height / pixel));
  const step = scale(camera.plane.right, pixel * camera.mmPerPixel);
  const values = { target: new Float32Array(rows * columns), reference: new Float32Array(rows * columns) };
  for (let row = 0; row < rows; row++) {
    const start = screenToLps(camera, pixel / 2, (row + 0.5) * pixel);
    const line = { startLps: start, stepLps: step, count: columns };
    values.target.set(sampleLine(target, line, 'linear'), row * columns);
    values.reference.set(sampleLine(reference, carried(line, fixedToMoving), 'linear'), row * columns);
  }
  return { columns, rows, ...values };
}

/** A line of points carried by a motion. */
function carried(line: { startLps: Vec3; stepLps: Vec3; count: number }, motion: Affine) {
  const startLps = applyAffine(motion, line.startLps);
  const stepLps = subtract(applyAffine(motion, addScaled(line.startLps, line.stepLps, 1)), startLps);
  return { startLps, stepLps, count: line.count };
}
