import { type Grid, gridCentre } from '../../core/volume/grid.ts';
import { addScaled, dot, scale, subtract, type Vec3 } from '../../core/volume/vec.ts';
import { extentMm, type ViewPlane } from './planes.ts';

/** Size of a viewport in CSS pixels. */
export interface ViewportSize {
  readonly width: number;
  readonly height: number;
}

/** A parallel camera: what point is in the middle of the viewport and how many mm a pixel is. */
export interface ViewCamera {
  readonly plane: ViewPlane;
  readonly centreLps: Vec3;
  readonly mmPerPixel: number;
  readonly size: ViewportSize;
}

/** Room left around the image at zoom 1. */
const MARGIN = 1.04;

/**
 * The camera that all viewports of one plane share: through the focus, centred on the base grid (the
 * target's) moved by the pan.
 */
export function planeCamera(
  base: Grid,
  plane: ViewPlane,
  focus: Vec3,
  zoom: number,
  panMm: readonly [number, number],
  size: ViewportSize,
): ViewCamera {
  const fit = Math.max(extentMm(base, plane.right) / size.width, extentMm(base, plane.down) / size.height);
  const centre = gridCentre(base);
  let centreLps = addScaled(centre, plane.normal, dot(subtract(focus, centre), plane.normal));
  centreLps = addScaled(centreLps, plane.right, -panMm[0]);
  centreLps = addScaled(centreLps, plane.down, -panMm[1]);
  return { plane, centreLps, mmPerPixel: (fit * MARGIN) / zoom, size };
}

/** Pixel position, from the viewport's top left, of a point in patient space. */
export function lpsToScreen(camera: ViewCamera, point: Vec3): readonly [number, number] {
  const d = subtract(point, camera.centreLps);
  return [
    camera.size.width / 2 + dot(d, camera.plane.right) / camera.mmPerPixel,
    camera.size.height / 2 + dot(d, camera.plane.down) / camera.mmPerPixel,
  ];
}

/** The point of the plane under a pixel. */
export function screenToLps(camera: ViewCamera, x: number, y: number): Vec3 {
  const across = (x - camera.size.width / 2) * camera.mmPerPixel;
  const along = (y - camera.size.height / 2) * camera.mmPerPixel;
  return addScaled(addScaled(camera.centreLps, camera.plane.right, across), camera.plane.down, along);
}

/** cornerstone's form of the camera; its parallel scale is half the viewport's height in mm. */
export function cornerstoneCamera(camera: ViewCamera): {
  focalPoint: [number, number, number];
  position: [number, number, number];
  viewUp: [number, number, number];
  viewPlaneNormal: [number, number, number];
  parallelScale: number;
  parallelProjection: true;
} {
  const { plane, centreLps } = camera;
  return {
    focalPoint: [...centreLps],
    position: [...addScaled(centreLps, plane.normal, 1000)],
    viewUp: [...scale(plane.down, -1)],
    viewPlaneNormal: [...plane.normal],
    parallelScale: (camera.size.height * camera.mmPerPixel) / 2,
    parallelProjection: true,
  };
}
