import { outlineLoops } from '../../core/segmentation/outlineLoops.ts';
import { labelsOfSlice } from '../../core/segmentation/planeLabels.ts';
import { type PlaneLattice, planeLattice, sampleLattice } from '../../core/volume/sampleAt.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import { addScaled } from '../../core/volume/vec.ts';
import type { ContourVoxels } from '../state/contourVoxels.ts';
import { lpsToScreen, type ViewCamera } from './camera.ts';
import { screenLattice } from './latticeImage.ts';

/** An outline in the units of a lattice, whose first point is the middle of its first pixel. */
export interface ContourPath {
  readonly label: number;
  readonly path: Path2D;
}

export interface ContourCut {
  readonly lattice: PlaneLattice;
  readonly paths: readonly ContourPath[];
}

/** Which labels are drawn: each for itself, or those of a list (all where there is none) as one. */
export type DrawnLabels = { readonly apart: readonly number[] } | { readonly together: number | null };

/** Slices that were traced, of each image's voxels, the oldest first: going back to one costs nothing. */
const tracedOf = new WeakMap<ContourVoxels, Map<string, readonly ContourPath[]>>();
const MOST_TRACED = 200;

/**
 * The outlines of labels in the plane of a camera, along the edges of the voxels that it goes through: of their slice
 * where it lies along one, else where the plane cuts them, as fine as the screen. Undefined where it passes them by.
 * @param revision of these voxels: the same revision, the same outlines
 */
export function contourCut(
  revision: number,
  voxels: ContourVoxels,
  camera: ViewCamera,
  focus: Vec3,
  drawn: DrawnLabels,
): ContourCut | undefined {
  const { grid, labels, inventedSlices } = voxels;
  const lattice = planeLattice(grid, camera.plane, focus);
  if (lattice === undefined) return undefined;
  const { slice } = lattice;
  if (slice === undefined) {
    const screen = screenLattice(camera);
    const cut = sampleLattice({ grid, voxels: labels, inventedSlices }, screen, 'nearest');
    return { lattice: screen, paths: trace(cut, screen.columns, screen.rows, drawn) };
  }
  let traced = tracedOf.get(voxels);
  if (traced === undefined) {
    traced = new Map();
    tracedOf.set(voxels, traced);
  }
  const key = `${revision} ${slice.axis} ${slice.index} ${JSON.stringify(drawn)}`;
  let paths = traced.get(key);
  if (paths === undefined) {
    const cut = labelsOfSlice(labels, grid, inventedSlices, slice);
    paths = trace(cut, lattice.columns, lattice.rows, drawn);
    traced.set(key, paths);
    for (const oldest of traced.keys()) {
      if (traced.size <= MOST_TRACED) break;
      traced.delete(oldest);
    }
  }
  return { lattice, paths };
}

function trace(
  labels: ArrayLike<number>,
  columns: number,
  rows: number,
  drawn: DrawnLabels,
): readonly ContourPath[] {
  const pathOf = (label: number, marked: (value: number) => boolean): ContourPath[] => {
    const loops = outlineLoops(labels, columns, rows, marked);
    if (loops.length === 0) return [];
    const path = new Path2D();
    for (const loop of loops) {
      // Pixel n reaches from n − ½ to n + ½.
      path.moveTo(loop[0]! - 0.5, loop[1]! - 0.5);
      for (let n = 2; n < loop.length; n += 2) path.lineTo(loop[n]! - 0.5, loop[n + 1]! - 0.5);
      path.closePath();
    }
    return [{ label, path }];
  };
  if ('apart' in drawn) return drawn.apart.flatMap((label) => pathOf(label, (value) => value === label));
  const { together } = drawn;
  return pathOf(together ?? 0, (value) => (together === null ? value > 0 : value === together));
}

/** A path of a lattice where it lies on the screen, in CSS pixels: lines drawn along it keep their width. */
export function onScreen(path: Path2D, lattice: PlaneLattice, camera: ViewCamera): Path2D {
  const [x, y] = lpsToScreen(camera, lattice.originLps);
  const [right, rightDown] = lpsToScreen(camera, addScaled(lattice.originLps, lattice.columnStepLps, 1));
  const [down, downDown] = lpsToScreen(camera, addScaled(lattice.originLps, lattice.rowStepLps, 1));
  const screen = new Path2D();
  screen.addPath(path, new DOMMatrix([right - x, rightDown - y, down - x, downDown - y, x, y]));
  return screen;
}
