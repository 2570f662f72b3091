import type { SliceAxis } from '../contract/schemas.ts';
import { TandemError } from '../errors.ts';
import { type Grid, indexToLps } from './grid.ts';
import { type Slice, type SliceStack, slicePositionsMm, sliceSpacingMm, stackNormal } from './sliceStack.ts';
import { add, addScaled, dot, norm, scale, subtract, type Vec3 } from './vec.ts';
import type { Volume } from './volume.ts';

/** How far a slice may lie from its place in the regular grid, in any direction, as a share of the step. */
const PLANE_TOLERANCE = 0.15;
/** A volume may invent this many slices for each acquired one, so that a stray slice costs no memory. */
const MOST_INVENTED_PER_SLICE = 4;
/** In-plane drift over the whole stack below which the slices lie straight along the normal. */
const STRAIGHT_MM = 0.05;
/** Cosine between in-plane axes above which an image is too skewed to be a slice. */
const SKEW_TOLERANCE = 2e-3;

/**
 * The regular grid under a stack: step the median distance of neighbouring slices (the smallest, where the
 * median fits worse), planes that no slice fills are zero and marked in `inventedSlices`. The grid's
 * planes are the best fit to the true positions; no slice is moved by more than 15 % of the step.
 *
 * @throws TandemError `bad-geometry` where there is no slice, two slices share a plane, or the spacing is
 * too uneven, or slices are too irregularly shifted sideways, for any regular grid.
 */
export function stackToVolume(stack: SliceStack): Volume {
  const { grid, planeOfSlice } = stackGrid(stack);
  const inPlane = stack.rows * stack.columns;
  const planes = grid.size[2];
  const voxels = new Float32Array(inPlane * planes);
  const invented = new Uint8Array(planes).fill(1);
  stack.slices.forEach((slice, n) => {
    const k = planeOfSlice[n]!;
    voxels.set(slice.pixels, k * inPlane);
    invented[k] = 0;
  });
  return { grid, voxels, inventedSlices: invented.includes(1) ? invented : undefined };
}

/** The grid of `stackToVolume`, and which of its planes each slice fills; no pixels are looked at. Throws as that does. */
export function stackGrid(stack: SliceStack): {
  readonly grid: Grid;
  readonly planeOfSlice: readonly number[];
} {
  const fit = fitPlanes(stack);
  const stepMm = norm(fit.step);
  const grid: Grid = {
    size: [stack.columns, stack.rows, fit.planes],
    spacingMm: [stack.spacingMm[0], stack.spacingMm[1], stepMm],
    originLps: fit.origin,
    axesLps: [stack.iAxisLps, stack.jAxisLps, scale(fit.step, 1 / stepMm)],
  };
  return { grid, planeOfSlice: fit.planeOfSlice };
}

interface PlaneFit {
  readonly origin: Vec3;
  readonly step: Vec3;
  readonly planes: number;
  readonly planeOfSlice: readonly number[];
}

function fitPlanes(stack: SliceStack): PlaneFit {
  const normal = stackNormal(stack);
  const first = stack.slices[0];
  if (first === undefined) throw new TandemError('bad-geometry', 'A series without slices has no volume');
  if (stack.slices.length === 1) {
    const step = scale(normal, sliceSpacingMm(stack));
    return { origin: first.positionLps, step, planes: 1, planeOfSlice: [0] };
  }
  const positions = slicePositionsMm(stack);
  const gaps = positions.slice(1).map((p, n) => p - positions[n]!);
  const smallest = Math.min(...gaps);
  if (!(smallest > 0)) {
    throw new TandemError('bad-geometry', 'Two slices lie at the same position', {
      hint: 'Leave out the duplicates, or choose one of the two acquisitions.',
    });
  }
  for (const stepMm of [sliceSpacingMm(stack), smallest]) {
    const fit = fitWithStep(stack, gaps, stepMm);
    if (fit !== undefined) return fit;
  }
  throw new TandemError('bad-geometry', 'The slices lie too unevenly for a regular volume', {
    hint: 'The series can be enhanced slice by slice, as DICOM and without registration (--registration none).',
  });
}

function fitWithStep(stack: SliceStack, gaps: readonly number[], stepMm: number): PlaneFit | undefined {
  const planeOfSlice = [0];
  for (const gap of gaps) planeOfSlice.push(planeOfSlice.at(-1)! + Math.max(1, Math.round(gap / stepMm)));
  const planes = planeOfSlice.at(-1)! + 1;
  if (planes > stack.slices.length * (1 + MOST_INVENTED_PER_SLICE)) return undefined;

  const count = stack.slices.length;
  const meanPlane = planeOfSlice.reduce((sum, k) => sum + k, 0) / count;
  const meanPosition = scale(
    stack.slices.reduce<Vec3>((sum, slice) => add(sum, slice.positionLps), [0, 0, 0]),
    1 / count,
  );
  let step: Vec3 = [0, 0, 0];
  let spread = 0;
  stack.slices.forEach((slice, n) => {
    const k = planeOfSlice[n]! - meanPlane;
    step = addScaled(step, subtract(slice.positionLps, meanPosition), k);
    spread += k * k;
  });
  step = scale(step, 1 / spread);
  const normal = stackNormal(stack);
  const along = dot(step, normal);
  if (norm(subtract(step, scale(normal, along))) * planes < STRAIGHT_MM) step = scale(normal, along);
  const origin = addScaled(meanPosition, step, -meanPlane);
  const tolerance = PLANE_TOLERANCE * norm(step);
  const fits = stack.slices.every((slice, n) => {
    const plane = addScaled(origin, step, planeOfSlice[n]!);
    return norm(subtract(slice.positionLps, plane)) <= tolerance;
  });
  return fits ? { origin, step, planes, planeOfSlice } : undefined;
}

/**
 * The slices of a volume along one of its axes, at their positions in patient space. The in-plane axes are
 * the two others in their order; slices ascend along iAxis × jAxis. Along k, invented slices are left out:
 * a stack holds nothing that was not acquired.
 *
 * @throws TandemError `bad-geometry` where the in-plane axes are skewed.
 */
export function volumeToStack(volume: Volume, axis: 0 | 1 | 2): SliceStack {
  const { grid, voxels } = volume;
  const [iAxis, jAxis] = (
    [
      [1, 2],
      [0, 2],
      [0, 1],
    ] as const
  )[axis];
  const stride = [1, grid.size[0], grid.size[0] * grid.size[1]] as const;
  const columns = grid.size[iAxis];
  const rows = grid.size[jAxis];
  const iAxisLps = grid.axesLps[iAxis];
  const jAxisLps = grid.axesLps[jAxis];
  if (Math.abs(dot(iAxisLps, jAxisLps)) > SKEW_TOLERANCE) {
    throw new TandemError('bad-geometry', 'The axes of the image are not at right angles', {
      hint: 'Resample it onto a grid with orthogonal axes first.',
    });
  }
  const slices: Slice[] = [];
  for (let n = 0; n < grid.size[axis]; n++) {
    if (axis === 2 && volume.inventedSlices?.[n] === 1) continue;
    const pixels = new Float32Array(rows * columns);
    let at = 0;
    for (let j = 0; j < rows; j++) {
      let source = n * stride[axis] + j * stride[jAxis];
      for (let i = 0; i < columns; i++, source += stride[iAxis]) pixels[at++] = voxels[source]!;
    }
    const corner: [number, number, number] = [0, 0, 0];
    corner[axis] = n;
    slices.push({ positionLps: indexToLps(grid, corner), pixels });
  }
  const normal = stackNormal({ iAxisLps, jAxisLps });
  if (dot(normal, grid.axesLps[axis]) < 0) slices.reverse();
  return {
    columns,
    rows,
    spacingMm: [grid.spacingMm[iAxis], grid.spacingMm[jAxis]],
    iAxisLps,
    jAxisLps,
    sliceThicknessMm: grid.spacingMm[axis],
    slices,
  };
}

/** Spacings closer than this (relative) count as equal. */
const ISOTROPIC = 0.01;
/** The same for the sides of a pixel: truncation to floor(N / s) samples leaves odd sizes up to 2 % apart. */
const SQUARE = 0.025;

/**
 * The axis of the grid that the slices are normal to: with `plane`, the one nearest to that plane's normal;
 * else that of a single slice; else that of the largest spacing. Where two are equally large, they are the
 * square pixels of a slice and the third axis is its normal (as after degrading an isotropic image); where
 * all three are, it is the one nearest to inferior–superior.
 */
export function chooseSliceAxis(grid: Grid, plane?: SliceAxis): 0 | 1 | 2 {
  const nearest = (axes: readonly (0 | 1 | 2)[], direction: 0 | 1 | 2): 0 | 1 | 2 =>
    axes.reduce((best, axis) =>
      Math.abs(grid.axesLps[axis][direction]) > Math.abs(grid.axesLps[best][direction]) ? axis : best,
    );
  if (plane !== undefined) return nearest(AXES, PLANE_NORMAL[plane]);
  const single = AXES.filter((axis) => grid.size[axis] === 1);
  if (single.length === 1) return single[0]!;
  const largest = Math.max(...grid.spacingMm);
  const nearLargest = (share: number): (0 | 1 | 2)[] =>
    AXES.filter((axis) => grid.spacingMm[axis] >= largest * (1 - share));
  const square = nearLargest(SQUARE);
  if (square.length === 2) return AXES.find((axis) => !square.includes(axis))!;
  return nearest(nearLargest(ISOTROPIC), 2);
}

const AXES = [0, 1, 2] as const;
const PLANE_NORMAL = { sagittal: 0, coronal: 1, axial: 2 } as const;
