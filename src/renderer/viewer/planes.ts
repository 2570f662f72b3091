import { anatomicalAxes, type Grid, gridCentre, indexToLps, lpsToIndex } from '../../core/volume/grid.ts';
import { addScaled, cross, dot, scale, subtract, type Vec3 } from '../../core/volume/vec.ts';
import type { PlaneName } from '../state/view.ts';

/**
 * A plane of the viewer: directions in LPS of the screen's right and down, and the normal towards the
 * reader (right × up). The planes lie along the axes of a grid, so that its slices are shown as acquired.
 */
export interface ViewPlane {
  readonly name: PlaneName;
  readonly right: Vec3;
  readonly down: Vec3;
  readonly normal: Vec3;
  /** Axis of the grid that runs through the plane. */
  readonly throughAxis: 0 | 1 | 2;
}

const L: Vec3 = [1, 0, 0];
const P: Vec3 = [0, 1, 0];
const I: Vec3 = [0, 0, -1];

type Axis = 0 | 1 | 2;
/** The three planes along the axes of a grid, each named after the anatomical plane it is nearest to. */
export function viewPlanes(grid: Grid): Readonly<Record<PlaneName, ViewPlane>> {
  const axes = grid.axesLps;
  const [l, p, s] = anatomicalAxes(grid);
  const left = towards(axes[l], L);
  const posterior = towards(axes[p], P);
  const inferior = towards(axes[s], I);
  return {
    axial: plane('axial', left, posterior, s),
    sagittal: plane('sagittal', posterior, inferior, l),
    coronal: plane('coronal', left, inferior, p),
  };
}

function plane(name: PlaneName, right: Vec3, down: Vec3, throughAxis: Axis): ViewPlane {
  return { name, right, down, normal: cross(right, scale(down, -1)), throughAxis };
}

function towards(axis: Vec3, direction: Vec3): Vec3 {
  return dot(axis, direction) < 0 ? scale(axis, -1) : axis;
}

const LETTERS: readonly (readonly [string, string])[] = [
  ['R', 'L'],
  ['A', 'P'],
  ['I', 'S'],
];

/** Orientation letters of a direction in LPS, strongest first: `L`, `PS` … */
export function orientationLetters(direction: Vec3): string {
  return [0, 1, 2]
    .map((axis) => ({ axis, size: Math.abs(direction[axis as Axis]) }))
    .filter(({ size }) => size > 0.2)
    .sort((a, b) => b.size - a.size)
    .map(({ axis }) => LETTERS[axis]![direction[axis as Axis] < 0 ? 0 : 1])
    .join('');
}

/** Where a plane lies along its own normal, as readers say it: `S 34.2`, in mm from the scanner's centre. */
export function planePosition(viewPlane: ViewPlane, focus: Vec3): { letter: string; mm: number } {
  const along = dot(focus, viewPlane.normal);
  const direction = along < 0 ? scale(viewPlane.normal, -1) : viewPlane.normal;
  return { letter: orientationLetters(direction).charAt(0), mm: Math.abs(along) };
}

/** The axis of a grid that is nearest to a plane's normal. */
export function axisThrough(grid: Grid, viewPlane: ViewPlane): Axis {
  const along = ([0, 1, 2] as const).map((axis) => Math.abs(dot(grid.axesLps[axis], viewPlane.normal)));
  return along.indexOf(Math.max(...along)) as Axis;
}

/** Which slice of a grid a plane goes through: 0-based, continuous; outside 0…count−1 it shows nothing. */
export function sliceAt(
  grid: Grid,
  viewPlane: ViewPlane,
  focus: Vec3,
): { index: number; count: number; axis: Axis; inside: boolean } {
  const axis = axisThrough(grid, viewPlane);
  const count = grid.size[axis];
  // Measured at the grid's middle: where the plane is tilted, the edges belong to other slices.
  const centre = gridCentre(grid);
  const offset = dot(subtract(focus, centre), viewPlane.normal);
  const index = lpsToIndex(grid, addScaled(centre, viewPlane.normal, offset))[axis];
  return { index, count, axis, inside: index > -0.5 && index < count - 0.5 };
}

/**
 * The focus moved by whole slices of a grid, onto a slice of it; forward is away from the reader. Stays
 * within the grid.
 */
export function stepFocus(grid: Grid, viewPlane: ViewPlane, focus: Vec3, steps: number): Vec3 {
  const { index, count, axis } = sliceAt(grid, viewPlane, focus);
  const cosine = dot(grid.axesLps[axis], viewPlane.normal);
  const forward = cosine < 0 ? 1 : -1;
  const next = Math.min(Math.max(Math.round(index) + steps * forward, 0), count - 1);
  return addScaled(focus, viewPlane.normal, ((next - index) * grid.spacingMm[axis]) / cosine);
}

/** Extent of a grid (voxel edges) along a direction, mm, about its centre. */
export function extentMm(grid: Grid, direction: Vec3): number {
  return ([0, 1, 2] as const).reduce<number>(
    (sum, axis) =>
      sum + Math.abs(dot(grid.axesLps[axis], direction)) * grid.size[axis] * grid.spacingMm[axis],
    0,
  );
}

/**
 * Where the plane through `focus` cuts the slab of the slices k from `from` to `to` of a grid: corners in LPS, in order around
 * the cut; empty where it does not.
 */
export function slabCut(
  grid: Grid,
  { from, to }: { readonly from: number; readonly to: number },
  viewPlane: ViewPlane,
  focus: Vec3,
): Vec3[] {
  const [columns, rows] = grid.size;
  const corner = (n: number): Vec3 =>
    indexToLps(grid, [
      n & 1 ? columns - 0.5 : -0.5,
      n & 2 ? rows - 0.5 : -0.5,
      n & 4 ? to + 0.5 : from - 0.5,
    ]);
  const corners = Array.from({ length: 8 }, (_, n) => corner(n));
  const height = corners.map((point) => dot(subtract(point, focus), viewPlane.normal));
  const points: Vec3[] = [];
  for (let a = 0; a < 8; a++) {
    for (const bit of [1, 2, 4]) {
      const b = a | bit;
      if (b === a) continue;
      const ha = height[a]!;
      const hb = height[b]!;
      if (ha === hb || ha * hb > 0) continue;
      const from = corners[a]!;
      points.push(addScaled(from, subtract(corners[b]!, from), ha / (ha - hb)));
    }
  }
  if (points.length < 3) return [];
  const middle = scale(
    points.reduce((sum, point) => addScaled(sum, point, 1), [0, 0, 0] as Vec3),
    1 / points.length,
  );
  const angle = (point: Vec3): number => {
    const d = subtract(point, middle);
    return Math.atan2(dot(d, viewPlane.down), dot(d, viewPlane.right));
  };
  return points.sort((a, b) => angle(a) - angle(b));
}

/** Numbers in ascending order as runs without a hole. */
export function runsOf(numbers: readonly number[]): { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (const n of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && n === last.to + 1) last.to = n;
    else runs.push({ from: n, to: n });
  }
  return runs;
}
