import { anatomicalAxes, type Grid, indexToLps, voxelCount } from './grid.ts';
import { scale, type Vec3 } from './vec.ts';
import type { Volume } from './volume.ts';

type Axis = 0 | 1 | 2;
type Triple<T> = readonly [T, T, T];

/** Old axis behind each new one, and whether it is reversed. */
interface Reorientation {
  readonly from: Triple<Axis>;
  readonly reversed: Triple<boolean>;
}

/**
 * The same voxels with the axes permuted and reversed so that i grows to the right, j to the front and k
 * to the head as nearly as the axes allow (NIfTI's RAS+). No voxel is resampled, and every voxel keeps its
 * place in patient space.
 */
export function reorientToRas(volume: Volume): Volume {
  return reorient(volume, rasReorientation(volume.grid));
}

/** Along which axis the slices k of a grid lie when it has been reoriented, and whether in reverse. */
export function slicesInRas(grid: Grid): { readonly axis: Axis; readonly reversed: boolean } {
  const { from, reversed } = rasReorientation(grid);
  const axis = from.indexOf(2) as Axis;
  return { axis, reversed: reversed[axis] };
}

function rasReorientation(grid: Grid): Reorientation {
  const from = anatomicalAxes(grid);
  const [x, y, z] = [grid.axesLps[from[0]], grid.axesLps[from[1]], grid.axesLps[from[2]]];
  // LPS grows to the left, the back and the head.
  return { from, reversed: [x[0] > 0, y[1] > 0, z[2] < 0] };
}

function reorient(volume: Volume, { from, reversed }: Reorientation): Volume {
  const { grid, voxels } = volume;
  const oldStride: Triple<number> = [1, grid.size[0], grid.size[0] * grid.size[1]];
  const size: Vec3 = [grid.size[from[0]], grid.size[from[1]], grid.size[from[2]]];
  const stride = (axis: Axis): number => (reversed[axis] ? -1 : 1) * oldStride[from[axis]];
  const first = (axis: Axis): number => (reversed[axis] ? (size[axis] - 1) * oldStride[from[axis]] : 0);
  const steps: Triple<number> = [stride(0), stride(1), stride(2)];
  const start = first(0) + first(1) + first(2);

  const out = new Float32Array(voxelCount(grid));
  let at = 0;
  for (let k = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      let source = start + k * steps[2] + j * steps[1];
      for (let i = 0; i < size[0]; i++, source += steps[0]) out[at++] = voxels[source]!;
    }
  }

  const corner: [number, number, number] = [0, 0, 0];
  for (const axis of [0, 1, 2] as const) {
    corner[from[axis]] = reversed[axis] ? size[axis] - 1 : 0;
  }
  const newAxis = (axis: Axis): Vec3 => scale(grid.axesLps[from[axis]], reversed[axis] ? -1 : 1);
  const newGrid: Grid = {
    size,
    spacingMm: [grid.spacingMm[from[0]], grid.spacingMm[from[1]], grid.spacingMm[from[2]]],
    originLps: indexToLps(grid, corner),
    axesLps: [newAxis(0), newAxis(1), newAxis(2)],
  };
  return { grid: newGrid, voxels: out, inventedSlices: movedInvented(volume, from, reversed[2]) };
}

/** The mask speaks of slices k; it can only follow while k stays the slice axis. */
function movedInvented(volume: Volume, from: Triple<Axis>, reversed: boolean): Uint8Array | undefined {
  if (volume.inventedSlices === undefined || from[2] !== 2) return undefined;
  return reversed ? volume.inventedSlices.slice().reverse() : volume.inventedSlices;
}
