import { add, addScaled, dot, norm, scale, subtract, type Vec3 } from './vec.ts';

/**
 * A regular grid of voxels in patient space. Index (i, j, k) = (column, row, slice); `size` and
 * `spacingMm` are in that order. The centre of voxel (i, j, k) lies at
 * `originLps + i·spacing₀·axes₀ + j·spacing₁·axes₁ + k·spacing₂·axes₂`, in LPS millimetres.
 */
export interface Grid {
  readonly size: Vec3;
  readonly spacingMm: Vec3;
  /** Centre of voxel (0, 0, 0). */
  readonly originLps: Vec3;
  /** Unit vectors of increasing i, j and k. */
  readonly axesLps: readonly [Vec3, Vec3, Vec3];
}

export function voxelCount(grid: Grid): number {
  return grid.size[0] * grid.size[1] * grid.size[2];
}

/** Patient-space position (LPS, mm) of a continuous index. */
export function indexToLps(grid: Grid, index: Vec3): Vec3 {
  let point = grid.originLps;
  for (const axis of [0, 1, 2] as const) {
    point = addScaled(point, grid.axesLps[axis], index[axis] * grid.spacingMm[axis]);
  }
  return point;
}

/** Continuous index of a patient-space position (LPS, mm). The axes need not be orthogonal. */
export function lpsToIndex(grid: Grid, point: Vec3): Vec3 {
  const m = invert3(columns(grid));
  const d = subtract(point, grid.originLps);
  return [dot(m[0], d), dot(m[1], d), dot(m[2], d)];
}

/** Affine that takes (i, j, k, 1) to LPS: three rows of four. */
export function gridAffine(grid: Grid): readonly [Row4, Row4, Row4] {
  const c = columns(grid);
  const row = (r: 0 | 1 | 2): Row4 => [c[0][r], c[1][r], c[2][r], grid.originLps[r]];
  return [row(0), row(1), row(2)];
}

export type Row4 = readonly [number, number, number, number];

/** The grid of a given size behind an affine from (i, j, k, 1) to LPS. */
export function gridFromAffine(size: Vec3, affine: readonly [Row4, Row4, Row4]): Grid {
  const column = (c: 0 | 1 | 2 | 3): Vec3 => [affine[0][c], affine[1][c], affine[2][c]];
  const axes = [column(0), column(1), column(2)] as const;
  const spacing = [norm(axes[0]), norm(axes[1]), norm(axes[2])] as const;
  return {
    size,
    spacingMm: spacing,
    originLps: column(3),
    axesLps: [scale(axes[0], 1 / spacing[0]), scale(axes[1], 1 / spacing[1]), scale(axes[2], 1 / spacing[2])],
  };
}

/** Centre of the grid in patient space (LPS, mm). */
export function gridCentre(grid: Grid): Vec3 {
  return indexToLps(grid, scale(add(grid.size, [-1, -1, -1]), 0.5));
}

function columns(grid: Grid): readonly [Vec3, Vec3, Vec3] {
  return [
    scale(grid.axesLps[0], grid.spacingMm[0]),
    scale(grid.axesLps[1], grid.spacingMm[1]),
    scale(grid.axesLps[2], grid.spacingMm[2]),
  ];
}

/** Rows of the inverse of the matrix whose columns are given. */
function invert3(c: readonly [Vec3, Vec3, Vec3]): readonly [Vec3, Vec3, Vec3] {
  const [a, b, d] = c;
  const bd: Vec3 = [b[1] * d[2] - b[2] * d[1], b[2] * d[0] - b[0] * d[2], b[0] * d[1] - b[1] * d[0]];
  const da: Vec3 = [d[1] * a[2] - d[2] * a[1], d[2] * a[0] - d[0] * a[2], d[0] * a[1] - d[1] * a[0]];
  const ab: Vec3 = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const determinant = dot(a, bd);
  return [scale(bd, 1 / determinant), scale(da, 1 / determinant), scale(ab, 1 / determinant)];
}

type Axis = 0 | 1 | 2;

const PERMUTATIONS: readonly (readonly [Axis, Axis, Axis])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/**
 * Which axis of the grid runs left–right, which front–back, which head–feet: the assignment of all three
 * that is nearest to the patient's axes as a whole, so that no axis is taken twice.
 */
export function anatomicalAxes(grid: Pick<Grid, 'axesLps'>): readonly [Axis, Axis, Axis] {
  const axes = grid.axesLps;
  let best = PERMUTATIONS[0]!;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const candidate of PERMUTATIONS) {
    const [l, p, s] = candidate;
    const score = Math.abs(axes[l][0]) + Math.abs(axes[p][1]) + Math.abs(axes[s][2]);
    // Rounding must not decide between two that are as near.
    if (score > bestScore + 1e-9) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}
