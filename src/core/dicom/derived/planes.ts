import type { Grid } from '../../volume/grid.ts';
import { indexToLps } from '../../volume/grid.ts';
import { type SliceStack, sliceSpacingMm } from '../../volume/sliceStack.ts';
import { cross, dot, type Vec3 } from '../../volume/vec.ts';
import { C } from './companionTags.ts';
import { type DataSet, decimals, sequence } from './dataSet.ts';
import { type Slab, slabOf } from './slab.ts';

/** Parallel image planes with their true positions, ascending along iAxis × jAxis: what frames lie on. */
export interface ImagePlanes {
  readonly columns: number;
  readonly rows: number;
  /** Between columns and between rows, in that order. */
  readonly spacingMm: readonly [number, number];
  readonly iAxisLps: Vec3;
  readonly jAxisLps: Vec3;
  readonly thicknessMm: number;
  /** Along the normal; undefined for a single plane. */
  readonly stepMm: number | undefined;
  /** Centre of pixel (0, 0) of each plane, LPS mm. */
  readonly positionsLps: readonly Vec3[];
  /** Index k, in the grid or the stack that the planes were made of, of each plane. */
  readonly sliceOf: readonly number[];
}

/**
 * The planes k of a grid. Where k runs against iAxis × jAxis the planes are turned round, and `sliceOf` says
 * so: a frame and its position are always of the same k.
 */
export function planesOfGrid(grid: Grid): ImagePlanes {
  const [iAxisLps, jAxisLps, kAxisLps] = grid.axesLps;
  const normal = cross(iAxisLps, jAxisLps);
  const along = dot(kAxisLps, normal) * grid.spacingMm[2];
  const sliceOf = Array.from({ length: grid.size[2] }, (_, k) => k);
  if (along < 0) sliceOf.reverse();
  return {
    columns: grid.size[0],
    rows: grid.size[1],
    spacingMm: [grid.spacingMm[0], grid.spacingMm[1]],
    iAxisLps,
    jAxisLps,
    thicknessMm: Math.abs(along),
    stepMm: grid.size[2] < 2 ? undefined : Math.abs(along),
    positionsLps: sliceOf.map((k) => indexToLps(grid, [0, 0, k])),
    sliceOf,
  };
}

/** The slices of a stack, with its gaps. */
export function planesOfStack(stack: SliceStack): ImagePlanes {
  const stepMm = sliceSpacingMm(stack);
  return {
    columns: stack.columns,
    rows: stack.rows,
    spacingMm: stack.spacingMm,
    iAxisLps: stack.iAxisLps,
    jAxisLps: stack.jAxisLps,
    thicknessMm: stack.sliceThicknessMm ?? stepMm,
    stepMm: stack.slices.length < 2 ? undefined : stepMm,
    positionsLps: stack.slices.map(({ positionLps }) => positionLps),
    sliceOf: stack.slices.map((_, n) => n),
  };
}

/** The box of patient space that plane `n` covers. */
export function planeSlab(planes: ImagePlanes, n: number): Slab {
  return slabOf({ ...planes, positionLps: planes.positionsLps[n]! });
}

/** Pixel Measures and Plane Orientation: what all frames share (PS3.3, C.7.6.16.2.1 and .4). */
export function sharedPlaneGroups(planes: ImagePlanes): DataSet {
  return [
    sequence(C.PixelMeasuresSequence, [
      decimals(C.SliceThickness, planes.thicknessMm),
      ...(planes.stepMm === undefined ? [] : [decimals(C.SpacingBetweenSlices, planes.stepMm)]),
      decimals(C.PixelSpacing, planes.spacingMm[1], planes.spacingMm[0]),
    ]),
    sequence(C.PlaneOrientationSequence, [
      decimals(C.ImageOrientationPatient, ...planes.iAxisLps, ...planes.jAxisLps),
    ]),
  ];
}

/** Plane Position of one frame (PS3.3, C.7.6.16.2.3). */
export function planePositionGroup(planes: ImagePlanes, n: number): DataSet {
  return [sequence(C.PlanePositionSequence, [decimals(C.ImagePositionPatient, ...planes.positionsLps[n]!)])];
}
