import { type Grid, lpsToIndex } from '../volume/grid.ts';
import { dot, type Vec3 } from '../volume/vec.ts';
import { type GridSlice, sliceAxes, voxelStrides } from './planeLabels.ts';

/**
 * Correcting labels by hand: which voxels a round brush reaches, what a stroke changed, and the way back.
 */

/** Rounding must not leave out a centre on the rim. */
const RIM_MM = 1e-6;

/**
 * Voxels of one slice whose centres lie within a disc that is moved along a line: nowhere farther from it than the
 * radius, within the slice. Those of slices k that were not acquired are left out.
 *
 * @param pathLps points of the line, LPS mm, one or more; where they lie across the slice does not count
 * @returns their places in the grid, i fastest, in ascending order
 */
export function sweptVoxels(
  grid: Grid,
  inventedSlices: ReadonlySet<number>,
  { axis, index }: GridSlice,
  pathLps: readonly Vec3[],
  radiusMm: number,
): number[] {
  const [a, b] = sliceAxes(axis);
  if (axis === 2 && inventedSlices.has(index)) return [];
  const reach = radiusMm + RIM_MM;
  const [stepA, stepB] = [grid.spacingMm[a], grid.spacingMm[b]];
  // The axes of a grid need not be at right angles: x along a, y at right angles to it within the slice.
  const slant = dot(grid.axesLps[a], grid.axesLps[b]);
  const upright = Math.sqrt(Math.max(1 - slant * slant, 1e-12));
  const points = pathLps.map((point) => {
    const at = lpsToIndex(grid, point);
    return { a: at[a], b: at[b], x: at[a] * stepA + at[b] * stepB * slant, y: at[b] * stepB * upright };
  });
  const range = (values: readonly number[], step: number, count: number): readonly [number, number] => {
    const margin = reach / (step * upright);
    return [
      Math.max(Math.ceil(Math.min(...values) - margin), 0),
      Math.min(Math.floor(Math.max(...values) + margin), count - 1),
    ];
  };
  const strides = voxelStrides(grid);
  const reached = new Set<number>();
  for (let n = 0; n < points.length; n++) {
    const from = points[n]!;
    const to = points[n + 1] ?? from;
    if (n > 0 && n === points.length - 1) break;
    const [firstA, lastA] = range([from.a, to.a], stepA, grid.size[a]);
    const [firstB, lastB] = range([from.b, to.b], stepB, grid.size[b]);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length2 = dx * dx + dy * dy;
    for (let ib = firstB; ib <= lastB; ib++) {
      if (b === 2 && inventedSlices.has(ib)) continue;
      for (let ia = firstA; ia <= lastA; ia++) {
        const px = ia * stepA + ib * stepB * slant - from.x;
        const py = ib * stepB * upright - from.y;
        const along = length2 === 0 ? 0 : Math.min(Math.max((px * dx + py * dy) / length2, 0), 1);
        if (Math.hypot(px - along * dx, py - along * dy) > reach) continue;
        reached.add(index * strides[axis] + ia * strides[a] + ib * strides[b]);
      }
    }
  }
  return [...reached].sort((one, other) => one - other);
}

/** Voxels of a labelmap that have another label now, and both labels of each. */
export interface LabelChange {
  /** Places in the grid, i fastest, ascending. */
  readonly voxels: Uint32Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** What a stroke that is being drawn has changed so far: place and the label that was there before it. */
export type Stroke = Map<number, number>;

/** Gives voxels a label (0 takes theirs away) and notes in the stroke what was there; whether anything changed. */
export function paintVoxels(
  labels: Int16Array,
  voxels: readonly number[],
  label: number,
  stroke: Stroke,
): boolean {
  let changed = false;
  for (const voxel of voxels) {
    const before = labels[voxel]!;
    if (before === label) continue;
    if (!stroke.has(voxel)) stroke.set(voxel, before);
    labels[voxel] = label;
    changed = true;
  }
  return changed;
}

/** What a stroke came to; undefined where every voxel has the label again that it had. */
export function changeOf(labels: ArrayLike<number>, stroke: Stroke): LabelChange | undefined {
  const changed = [...stroke].filter(([voxel, before]) => labels[voxel] !== before).sort(([a], [b]) => a - b);
  if (changed.length === 0) return undefined;
  return {
    voxels: Uint32Array.from(changed, ([voxel]) => voxel),
    before: Uint8Array.from(changed, ([, before]) => before),
    after: Uint8Array.from(changed, ([voxel]) => labels[voxel]!),
  };
}

/** What takes one labelmap to another of the same grid; undefined where they are the same. */
export function changeBetween(from: ArrayLike<number>, to: ArrayLike<number>): LabelChange | undefined {
  const voxels: number[] = [];
  for (let n = 0; n < from.length; n++) if (from[n] !== to[n]) voxels.push(n);
  if (voxels.length === 0) return undefined;
  return {
    voxels: Uint32Array.from(voxels),
    before: Uint8Array.from(voxels, (voxel) => from[voxel]!),
    after: Uint8Array.from(voxels, (voxel) => to[voxel]!),
  };
}

/** Whether two labelmaps of one grid have the same label everywhere. */
export function sameLabels(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  for (let n = 0; n < one.length; n++) if (one[n] !== other[n]) return false;
  return true;
}

/** Makes a change, or takes it back. */
export function putChange(labels: Int16Array, change: LabelChange, which: 'before' | 'after'): void {
  const values = change[which];
  for (let n = 0; n < values.length; n++) labels[change.voxels[n]!] = values[n]!;
}
