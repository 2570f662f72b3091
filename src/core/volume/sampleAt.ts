import { type Grid, lpsToIndex } from './grid.ts';
import { lineSampler } from './sampling.ts';
import { addScaled, dot, norm, scale, subtract, type Vec3 } from './vec.ts';

/**
 * Values of images at places of the patient. An image here may have slices that were not acquired: they have
 * no values of their own, whatever fills them in memory.
 */
export interface VoxelGrid {
  readonly grid: Grid;
  /** i fastest. */
  readonly voxels: Int16Array | Float32Array;
  /** Slices k that were not acquired. */
  readonly inventedSlices?: ReadonlySet<number> | undefined;
}

/** How a value between voxel centres is had: of the voxel that the point lies in, or linear between the centres. */
export type Between = 'nearest' | 'linear';

/**
 * Values at `count` points of the patient, `startLps` and then every `stepLps` (mm). NaN outside the grid and
 * in slices that were not acquired. Within half a voxel of the outermost centres the edge's value counts.
 */
export function sampleLine(
  image: VoxelGrid,
  line: { readonly startLps: Vec3; readonly stepLps: Vec3; readonly count: number },
  between: Between,
): Float64Array {
  const { grid, inventedSlices } = image;
  const { count } = line;
  const start = lpsToIndex(grid, line.startLps);
  const step = subtract(lpsToIndex(grid, addScaled(line.startLps, line.stepLps, 1)), start);
  const sums = new Float64Array(count);
  const hits = new Float64Array(count);
  lineSampler(image, between)({ start, step, count }, sums, hits, 0);
  const last = grid.size[2] - 1;
  for (let n = 0; n < count; n++) {
    if (hits[n] === 0) sums[n] = Number.NaN;
    else if (inventedSlices !== undefined && inventedSlices.size > 0) {
      const k = Math.min(Math.max(Math.round(start[2] + n * step[2]), 0), last);
      if (inventedSlices.has(k)) sums[n] = Number.NaN;
    }
  }
  return sums;
}

/** The value at one point (LPS, mm), as `sampleLine` has it; NaN where there is none. */
export function sampleAt(image: VoxelGrid, lps: Vec3, between: Between): number {
  return sampleLine(image, { startLps: lps, stepLps: [0, 0, 0], count: 1 }, between)[0]!;
}

/** A plane in patient space: unit vectors to the right, down and towards the reader. */
export interface PatientPlane {
  readonly right: Vec3;
  readonly down: Vec3;
  readonly normal: Vec3;
}

/** Points in rows on a plane of the patient, mm. */
export interface PlaneLattice {
  /** The first point of the first row. */
  readonly originLps: Vec3;
  readonly columnStepLps: Vec3;
  readonly rowStepLps: Vec3;
  readonly columns: number;
  readonly rows: number;
  /** The slice of the grid whose voxel centres the points are; undefined on a plane that is oblique to it. */
  readonly slice: { readonly axis: 0 | 1 | 2; readonly index: number } | undefined;
}

/** Below this sine two directions count as parallel: under 0.06°. */
const PARALLEL = 1e-3;

/**
 * The points at which a grid is compared on a plane through `lps`: the centres of its nearest slice where the
 * plane lies along one, else a square lattice of its finest spacing over its extent. Undefined where the plane
 * passes it by.
 */
export function planeLattice(grid: Grid, plane: PatientPlane, lps: Vec3): PlaneLattice | undefined {
  const through = ([0, 1, 2] as const).map((axis) => Math.abs(dot(grid.axesLps[axis], plane.normal)));
  const axis = through.indexOf(Math.max(...through)) as 0 | 1 | 2;
  const [a, b] = ([0, 1, 2] as const).filter((other) => other !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const tilt = Math.max(
    Math.abs(dot(grid.axesLps[a], plane.normal)),
    Math.abs(dot(grid.axesLps[b], plane.normal)),
  );
  const centre = ([0, 1, 2] as const).reduce<Vec3>(
    (point, each) => addScaled(point, grid.axesLps[each], (grid.spacingMm[each] * (grid.size[each] - 1)) / 2),
    grid.originLps,
  );
  const onPlane = addScaled(centre, plane.normal, dot(subtract(lps, centre), plane.normal));
  if (tilt < PARALLEL) {
    const index = Math.round(lpsToIndex(grid, onPlane)[axis]);
    if (index < 0 || index >= grid.size[axis]) return undefined;
    return {
      originLps: addScaled(grid.originLps, grid.axesLps[axis], index * grid.spacingMm[axis]),
      columnStepLps: scale(grid.axesLps[a], grid.spacingMm[a]),
      rowStepLps: scale(grid.axesLps[b], grid.spacingMm[b]),
      columns: grid.size[a],
      rows: grid.size[b],
      slice: { axis, index },
    };
  }
  const mm = Math.min(...grid.spacingMm);
  const count = (direction: Vec3): number =>
    Math.ceil(
      ([0, 1, 2] as const).reduce<number>(
        (sum, each) =>
          sum + Math.abs(dot(grid.axesLps[each], direction)) * grid.size[each] * grid.spacingMm[each],
        0,
      ) / mm,
    );
  const columns = count(plane.right);
  const rows = count(plane.down);
  const corner = addScaled(onPlane, plane.right, (-mm * (columns - 1)) / 2);
  return {
    originLps: addScaled(corner, plane.down, (-mm * (rows - 1)) / 2),
    columnStepLps: scale(plane.right, mm),
    rowStepLps: scale(plane.down, mm),
    columns,
    rows,
    slice: undefined,
  };
}

/** Values on a lattice, row-major; NaN as in `sampleLine`. */
export function sampleLattice(image: VoxelGrid, lattice: PlaneLattice, between: Between): Float32Array {
  const { rows, columns } = lattice;
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const startLps = addScaled(lattice.originLps, lattice.rowStepLps, row);
    values.set(
      sampleLine(image, { startLps, stepLps: lattice.columnStepLps, count: columns }, between),
      row * columns,
    );
  }
  return values;
}

/** Distance between two neighbouring points of a lattice along its rows and across them, mm. */
export function latticeSpacing(lattice: PlaneLattice): readonly [number, number] {
  return [norm(lattice.columnStepLps), norm(lattice.rowStepLps)];
}
