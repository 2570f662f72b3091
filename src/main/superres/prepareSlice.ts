import type { Affine } from '../../core/volume/affine.ts';
import { zeroFill } from '../../core/volume/kspace.ts';
import { type SampledSlice, type StackGeometry, sliceSampler } from '../../core/volume/resample.ts';
import { indexMap } from '../../core/volume/sampling.ts';
import { stackNormal } from '../../core/volume/sliceStack.ts';
import { addScaled, type Vec3 } from '../../core/volume/vec.ts';
import type { Volume } from '../../core/volume/volume.ts';

/** The reference as the workers share it. */
export interface SharedReference {
  /** Finite voxels, or NaN where there is nothing to see (a long gap). */
  readonly volume: Volume;
  /** LPS points of the target to LPS points of the reference. */
  readonly transform: Affine;
  /** Divisor that takes its values to about [0, 1]. */
  readonly scale: number;
  /** Thickness of the target's slices, over which the reference is averaged. */
  readonly slabMm: number;
}

/** What all slices of a target have in common. */
export interface SharedTarget {
  /** Size of the slices as acquired. */
  readonly rows: number;
  readonly columns: number;
  /** Divisor that takes its values to about [0, 1]. */
  readonly scale: number;
  /** The enhanced grid in-plane. */
  readonly enhanced: Omit<StackGeometry, 'slices'>;
}

/** One slice of the target. */
export interface TargetSlice {
  /** Row-major, as acquired. */
  readonly pixels: Float32Array;
  /** Centre of pixel (0, 0), of the target and of the enhanced slice. */
  readonly positionLps: Vec3;
}

/**
 * The zero-filled slice on the enhanced grid, and the slice as acquired, in the target's own units. Values that are not finite are
 * counted and taken as 0: one of them would spread over the whole slice.
 */
export function zeroFilledSlice(
  target: SharedTarget,
  slice: TargetSlice,
): { readonly image: Float32Array; readonly acquired: Float32Array; readonly notFinite: number } {
  let notFinite = 0;
  const acquired = slice.pixels.map((value) => {
    if (Number.isFinite(value)) return value;
    notFinite++;
    return 0;
  });
  const { rows, columns } = target.enhanced;
  return { image: zeroFill(acquired, target.rows, target.columns, rows, columns), acquired, notFinite };
}

/** The reference on the enhanced slice, in its own units, averaged over the slab; 0 outside of it. */
export function referenceSlice(
  target: SharedTarget,
  reference: SharedReference,
  positionLps: Vec3,
): SampledSlice {
  const { volume, transform, slabMm } = reference;
  const stack = { ...target.enhanced, slices: [{ positionLps }] };
  return sliceSampler(volume, stack, { transform, slabMm })(0);
}

/**
 * Where the reference was seen, one byte a pixel of the enhanced slice: 1 where the pixel's centre lies
 * inside the reference and its sample is a number.
 */
export function seenMask(
  target: SharedTarget,
  reference: SharedReference,
  positionLps: Vec3,
  sampled: Float32Array,
): Uint8Array {
  const { rows, columns, spacingMm, iAxisLps, jAxisLps } = target.enhanced;
  const map = indexMap(
    {
      originLps: positionLps,
      axesLps: [iAxisLps, jAxisLps, stackNormal({ iAxisLps, jAxisLps })],
      spacingMm: [spacingMm[0], spacingMm[1], 1],
    },
    reference.volume.grid,
    reference.transform,
  );
  const { size } = reference.volume.grid;
  const mask = new Uint8Array(rows * columns);
  for (let j = 0; j < rows; j++) {
    const start = addScaled(map.origin, map.steps[1], j);
    for (let i = 0; i < columns; i++) {
      const at = j * columns + i;
      let inside = !Number.isNaN(sampled[at]!);
      for (const axis of [0, 1, 2] as const) {
        const index = start[axis] + i * map.steps[0][axis];
        if (index < -0.5 || index > size[axis] - 0.5) inside = false;
      }
      mask[at] = inside ? 1 : 0;
    }
  }
  return mask;
}

/**
 * How much of the network's correction counts at each pixel: 0 where the network could see (within its
 * half receptive field) anything that the reference does not cover, 1 from one more half field on, a
 * straight rise between. What the network makes of missing reference is not to be trusted; there the
 * target stays zero-filled.
 *
 * @param mask of `seenMask`
 * @param haloPx half of the network's receptive field
 */
export function correctionWeights(
  mask: Uint8Array,
  rows: number,
  columns: number,
  haloPx: number,
): Float32Array {
  const ramp = haloPx + 1;
  const distance = chebyshevDistance(mask, rows, columns, haloPx + ramp);
  return Float32Array.from(distance, (d) => Math.min(1, Math.max(0, (d - haloPx - 1) / ramp)));
}

/**
 * Chebyshev distance of every pixel to the nearest 0 of `mask` (0 on it), at most `most + 1`. Two passes
 * over the eight neighbours.
 */
function chebyshevDistance(mask: Uint8Array, rows: number, columns: number, most: number): Uint16Array {
  const far = most + 1;
  const distance = Uint16Array.from(mask, (seen) => (seen === 0 ? 0 : far));
  const relax = (at: number, y: number, x: number): void => {
    if (y < 0 || y >= rows || x < 0 || x >= columns) return;
    const next = distance[y * columns + x]! + 1;
    if (next < distance[at]!) distance[at] = next;
  };
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = y * columns + x;
      for (const dx of [-1, 0, 1]) relax(at, y - 1, x + dx);
      relax(at, y, x - 1);
    }
  }
  for (let y = rows - 1; y >= 0; y--) {
    for (let x = columns - 1; x >= 0; x--) {
      const at = y * columns + x;
      for (const dx of [-1, 0, 1]) relax(at, y + 1, x + dx);
      relax(at, y, x + 1);
    }
  }
  return distance;
}
