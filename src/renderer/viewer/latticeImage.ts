import type { PlaneLattice } from '../../core/volume/sampleAt.ts';
import { addScaled, scale } from '../../core/volume/vec.ts';
import { lpsToScreen, screenToLps, type ViewCamera } from './camera.ts';

/**
 * Makes a canvas as fine as the screen below it; returns it with CSS pixels as its units, or undefined.
 * @param settings as `getContext` takes them; those of the first time count
 */
export function screenContext(
  canvas: HTMLCanvasElement,
  size: { readonly width: number; readonly height: number },
  settings?: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D | undefined {
  const ratio = window.devicePixelRatio;
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d', settings);
  if (context === null) return undefined;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  return context;
}

/** Draws pixels that belong to the points of a lattice where these lie on the screen. */
export function drawLattice(
  context: CanvasRenderingContext2D,
  pixels: ImageData,
  lattice: PlaneLattice,
  camera: ViewCamera,
  smooth: boolean,
): void {
  const source = new OffscreenCanvas(lattice.columns, lattice.rows);
  source.getContext('2d')?.putImageData(pixels, 0, 0);
  const [x, y] = lpsToScreen(camera, lattice.originLps);
  const [right, rightDown] = lpsToScreen(camera, addScaled(lattice.originLps, lattice.columnStepLps, 1));
  const [down, downDown] = lpsToScreen(camera, addScaled(lattice.originLps, lattice.rowStepLps, 1));
  context.save();
  context.transform(right - x, rightDown - y, down - x, downDown - y, x, y);
  context.imageSmoothingEnabled = smooth;
  // A pixel's centre lies on its point.
  context.drawImage(source, -0.5, -0.5);
  context.restore();
}

/** The points under the middles of the cell's CSS pixels. */
export function screenLattice(camera: ViewCamera): PlaneLattice {
  const { plane, mmPerPixel, size } = camera;
  return {
    originLps: screenToLps(camera, 0.5, 0.5),
    columnStepLps: scale(plane.right, mmPerPixel),
    rowStepLps: scale(plane.down, mmPerPixel),
    columns: Math.floor(size.width),
    rows: Math.floor(size.height),
    slice: undefined,
  };
}
