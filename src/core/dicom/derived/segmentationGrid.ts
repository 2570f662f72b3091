import { TandemError } from '../../errors.ts';
import type { Grid } from '../../volume/grid.ts';
import { addScaled, cross, dot, norm, subtract, type Vec3 } from '../../volume/vec.ts';
import type { SegmentationFrame } from './readSegmentation.ts';

/** Positions nearer than this are one plane. */
const SAME_PLANE_MM = 1e-3;
/** How far a plane may lie from its place in the grid, as a share of the step: as for images (`volume/convert.ts`). */
const TOLERANCE = 0.15;
const SAME_DIRECTION = 1e-4;
const MAX_VOXELS = 2 ** 29;

export interface SegmentationGrid {
  readonly grid: Grid;
  /** Which plane k each frame lies on. */
  readonly planeOf: readonly number[];
}

/**
 * The regular grid under the frames of a segmentation, whatever their order: planes ascend along the normal, from
 * the first that has a frame to the last. Planes without a frame belong to it: there is nothing on them, which is
 * why they were left out.
 *
 * @throws TandemError `bad-geometry` where frames are of different planes or spacings, or lie too unevenly;
 *   `too-large`
 */
export function segmentationGrid(
  frames: readonly SegmentationFrame[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
): SegmentationGrid {
  const { geometry, stepMm } = frames[0]!;
  const { iAxisLps, jAxisLps, spacingMm } = geometry;
  if (!frames.every((frame) => isParallel(frame, frames[0]!))) {
    throw new TandemError('bad-geometry', 'The frames of the segmentation do not lie in parallel planes', {
      hint: 'Export the segments of each orientation by themselves.',
    });
  }
  const normal = cross(iAxisLps, jAxisLps);
  const heights = frames.map((frame) => dot(frame.geometry.positionLps, normal));
  const planes = distinct(heights);
  const { step, first } = regular(planes, stepMm);
  const planeOf = heights.map((height) => Math.round((height - first) / step));
  const size: Vec3 = [columns, rows, Math.max(...planeOf) + 1];
  if (size[0] * size[1] * size[2] > MAX_VOXELS) {
    throw new TandemError('too-large', `The segmentation spans ${size.join(' × ')} voxels`, {
      hint: 'Export it on the grid of the images.',
    });
  }
  const lowest = frames[heights.indexOf(Math.min(...heights))]!.geometry.positionLps;
  checkStraight(frames, planeOf, { origin: lowest, normal, step, spacingMm });
  return {
    grid: {
      size,
      spacingMm: [spacingMm[0], spacingMm[1], step],
      originLps: lowest,
      axesLps: [iAxisLps, jAxisLps, normal],
    },
    planeOf,
  };
}

function isParallel({ geometry: a }: SegmentationFrame, { geometry: b }: SegmentationFrame): boolean {
  const near = (one: readonly number[], other: readonly number[], limit: number) =>
    one.every((value, n) => Math.abs(value - other[n]!) <= limit);
  return (
    near(a.iAxisLps, b.iAxisLps, SAME_DIRECTION) &&
    near(a.jAxisLps, b.jAxisLps, SAME_DIRECTION) &&
    near(a.spacingMm, b.spacingMm, SAME_DIRECTION * b.spacingMm[0])
  );
}

/** Ascending, each once. */
function distinct(heights: readonly number[]): number[] {
  const sorted = [...heights].sort((a, b) => a - b);
  return sorted.filter((height, n) => n === 0 || height - sorted[n - 1]! > SAME_PLANE_MM);
}

/** The step that all planes fit: the stated one, else the smallest distance of two neighbours. */
function regular(planes: readonly number[], statedMm: number | undefined) {
  const first = planes[0]!;
  const gaps = planes.slice(1).map((height, n) => height - planes[n]!);
  if (gaps.length === 0) return { first, step: statedMm ?? 1 };
  const smallest = Math.min(...gaps);
  const fits = (step: number): boolean => {
    const numbers = planes.map((height) => Math.round((height - first) / step));
    return (
      new Set(numbers).size === planes.length &&
      planes.every((height, n) => Math.abs(height - first - numbers[n]! * step) <= TOLERANCE * step)
    );
  };
  // A thickness is no distance: overlapping or gapped slices state one that no two planes keep.
  const candidates = statedMm === undefined ? [smallest] : [statedMm, smallest];
  for (const step of candidates) {
    const refined = refine(planes, first, step);
    if (fits(refined)) return { first, step: refined };
  }
  throw new TandemError(
    'bad-geometry',
    'The frames of the segmentation lie too unevenly for a regular grid',
    {
      hint: 'Export it on the grid of the images.',
    },
  );
}

/** The step over the whole extent, so that what is rounded in one gap does not add up over many. */
function refine(planes: readonly number[], first: number, step: number): number {
  const extent = planes.at(-1)! - first;
  const count = Math.round(extent / step);
  return count === 0 ? step : extent / count;
}

/** Planes that are shifted sideways are no grid. */
function checkStraight(
  frames: readonly SegmentationFrame[],
  planeOf: readonly number[],
  grid: {
    readonly origin: Vec3;
    readonly normal: Vec3;
    readonly step: number;
    readonly spacingMm: readonly [number, number];
  },
): void {
  const limit = TOLERANCE * Math.min(...grid.spacingMm, grid.step);
  const isOff = frames.some(({ geometry }, n) => {
    const place = addScaled(grid.origin, grid.normal, planeOf[n]! * grid.step);
    const off = subtract(geometry.positionLps, place);
    const along = dot(off, grid.normal);
    return norm(addScaled(off, grid.normal, -along)) > limit;
  });
  if (!isOff) return;
  throw new TandemError(
    'bad-geometry',
    'The frames of the segmentation are shifted sideways against each other',
    {
      hint: 'Export it on the grid of the images.',
    },
  );
}
