import type { Affine } from './affine.ts';
import type { Grid } from './grid.ts';
import { gridAffine } from './grid.ts';
import { composeAffine, invertAffine } from './rigid.ts';
import type { Volume } from './volume.ts';

/**
 * Mutual information of two volumes under a motion, by a joint histogram (Maes et al., IEEE TMI 16(2),
 * 1997; the linear share between neighbouring bins follows Mattes et al., IEEE TMI 22(1), 2003). The
 * fixed volume is seen at a list of points, the moving one is interpolated linearly there.
 */

/** Bins of either image. 32 hold a head's tissues apart and are full enough with 5 000 points. */
export const MI_BINS = 32;

/** Points of the fixed image with the bin coordinate (0 to MI_BINS − 1, continuous) of its value there. */
export interface FixedSamples {
  /** x, y, z of every point, LPS mm. */
  readonly points: Float32Array;
  readonly bins: Float32Array;
}

/** The moving image with values in bin coordinates, 0 to MI_BINS − 1. */
export interface MovingImage {
  readonly grid: Grid;
  readonly bins: Float32Array;
}

export interface Similarity {
  /** Mutual information over the overlap, nats; 0 where nothing overlaps. */
  readonly mi: number;
  /** Entropies of the two images over the overlap, nats. */
  readonly fixedEntropy: number;
  readonly movingEntropy: number;
  /** Share of the points that fall inside the moving grid, 0 to 1. */
  readonly overlap: number;
}

/**
 * Bin coordinates of values: `low` and below is 0, `high` and above is MI_BINS − 1, linear between.
 * What is not finite counts as `low`.
 */
export function toBins(values: Float32Array, low: number, high: number): Float32Array {
  const bins = new Float32Array(values.length);
  const factor = high > low ? (MI_BINS - 1) / (high - low) : 0;
  for (let n = 0; n < values.length; n++) {
    const bin = (values[n]! - low) * factor;
    bins[n] = bin > 0 ? Math.min(bin, MI_BINS - 1) : 0;
  }
  return bins;
}

/** The moving image of a volume, its values binned between `low` and `high`. */
export function movingImage(volume: Volume, low: number, high: number): MovingImage {
  return { grid: volume.grid, bins: toBins(volume.voxels, low, high) };
}

/** What the two images share when `fixedToMoving` (LPS → LPS, mm) carries each point to the moving one. */
export function similarity(fixed: FixedSamples, moving: MovingImage, fixedToMoving: Affine): Similarity {
  const joint = new Float64Array(MI_BINS * MI_BINS);
  const inside = accumulate(joint, fixed, moving, fixedToMoving);
  const { mi, fixedEntropy, movingEntropy } = informationOf(joint);
  const count = fixed.bins.length;
  return { mi, fixedEntropy, movingEntropy, overlap: count === 0 ? 0 : inside / count };
}

/** Adds every point inside the moving grid to the joint histogram; the number of such points. */
function accumulate(
  joint: Float64Array,
  fixed: FixedSamples,
  moving: MovingImage,
  fixedToMoving: Affine,
): number {
  const [r0, r1, r2] = composeAffine(invertAffine(gridAffine(moving.grid)), fixedToMoving);
  const [nx, ny, nz] = moving.grid.size;
  const { points, bins } = fixed;
  const source = moving.bins;
  // A grid of one slice has no interior: its neighbour above is itself.
  const stepX = nx > 1 ? 1 : 0;
  const stepY = ny > 1 ? nx : 0;
  const stepZ = nz > 1 ? nx * ny : 0;
  const top = MI_BINS - 1;
  let inside = 0;
  for (let n = 0; n < bins.length; n++) {
    const x = points[3 * n]!;
    const y = points[3 * n + 1]!;
    const z = points[3 * n + 2]!;
    let i = r0[0] * x + r0[1] * y + r0[2] * z + r0[3];
    let j = r1[0] * x + r1[1] * y + r1[2] * z + r1[3];
    let k = r2[0] * x + r2[1] * y + r2[2] * z + r2[3];
    // A voxel is a box: half a voxel beyond the outermost centres is still inside.
    if (!(i >= -0.5 && j >= -0.5 && k >= -0.5 && i < nx - 0.5 && j < ny - 0.5 && k < nz - 0.5)) continue;
    inside++;
    i = Math.min(Math.max(i, 0), nx - 1);
    j = Math.min(Math.max(j, 0), ny - 1);
    k = Math.min(Math.max(k, 0), nz - 1);
    const i0 = Math.min(Math.floor(i), Math.max(nx - 2, 0));
    const j0 = Math.min(Math.floor(j), Math.max(ny - 2, 0));
    const k0 = Math.min(Math.floor(k), Math.max(nz - 2, 0));
    const fx = i - i0;
    const fy = j - j0;
    const fz = k - k0;
    const at = i0 + nx * (j0 + ny * k0);
    const c00 = source[at]! + fx * (source[at + stepX]! - source[at]!);
    const c10 = source[at + stepY]! + fx * (source[at + stepY + stepX]! - source[at + stepY]!);
    const c01 = source[at + stepZ]! + fx * (source[at + stepZ + stepX]! - source[at + stepZ]!);
    const above = at + stepY + stepZ;
    const c11 = source[above]! + fx * (source[above + stepX]! - source[above]!);
    const c0 = c00 + fy * (c10 - c00);
    const c1 = c01 + fy * (c11 - c01);
    const value = c0 + fz * (c1 - c0);

    const a = bins[n]!;
    const a0 = Math.min(Math.floor(a), top - 1);
    const b0 = Math.min(Math.floor(value), top - 1);
    const fa = a - a0;
    const fb = value - b0;
    const cell = a0 * MI_BINS + b0;
    joint[cell] = joint[cell]! + (1 - fa) * (1 - fb);
    joint[cell + 1] = joint[cell + 1]! + (1 - fa) * fb;
    joint[cell + MI_BINS] = joint[cell + MI_BINS]! + fa * (1 - fb);
    joint[cell + MI_BINS + 1] = joint[cell + MI_BINS + 1]! + fa * fb;
  }
  return inside;
}

/**
 * Mutual information and entropies (nats) of a joint histogram of MI_BINS × MI_BINS weights, rows the
 * first image. All zero where the histogram is empty.
 */
export function informationOf(joint: Float64Array): {
  mi: number;
  fixedEntropy: number;
  movingEntropy: number;
} {
  const rows = new Float64Array(MI_BINS);
  const columns = new Float64Array(MI_BINS);
  let total = 0;
  for (let a = 0; a < MI_BINS; a++) {
    for (let b = 0; b < MI_BINS; b++) {
      const weight = joint[a * MI_BINS + b]!;
      rows[a] = rows[a]! + weight;
      columns[b] = columns[b]! + weight;
      total += weight;
    }
  }
  if (total === 0) return { mi: 0, fixedEntropy: 0, movingEntropy: 0 };
  const fixedEntropy = entropy(rows, total);
  const movingEntropy = entropy(columns, total);
  return {
    mi: Math.max(0, fixedEntropy + movingEntropy - entropy(joint, total)),
    fixedEntropy,
    movingEntropy,
  };
}

function entropy(weights: Float64Array, total: number): number {
  let sum = 0;
  for (const weight of weights) if (weight > 0) sum += weight * Math.log(weight);
  return Math.log(total) - sum / total;
}
