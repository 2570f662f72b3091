import { throwIfCancelled } from '../../core/errors.ts';
import type { Affine } from '../../core/volume/affine.ts';
import { percentile } from '../../core/volume/intensity.ts';
import { fillInventedSlices, resampleVolume } from '../../core/volume/resample.ts';
import { mutualAgreement } from '../../core/volume/sliceAgreement.ts';
import {
  type SliceStack,
  slicePositionsMm,
  sliceSpacingMm,
  stackNormal,
} from '../../core/volume/sliceStack.ts';
import { add, addScaled, scale, type Vec3 } from '../../core/volume/vec.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { robustRange } from './foreground.ts';
import { shrink } from './prepare.ts';

/** How well the moved reference agrees with one slice of the target. */
export interface SliceAgreement {
  /** Position along the normal of the slices, mm. */
  readonly positionMm: number;
  /** Normalised mutual information over the slice's foreground (`mutualAgreement`), 0 to 1; null where too little is covered to tell. */
  readonly agreement: number | null;
  /** Share of the slice's foreground that the moved reference covers; 0 where it has none. */
  readonly coverage: number;
}

/** Size of the pixels that are compared, where the slice has finer ones. */
const PIXEL_MM = 2;
/** Distance of the samples through the thickness of a slice. */
const THROUGH_MM = 1.5;
/** What counts as body: over this share of the robust range of the whole series (as for registering). */
const FOREGROUND = 0.1;

/**
 * The agreement of each slice of the target, in its order, with the reference as `fixedToMoving` lays it on
 * them: pixels averaged to about 2 mm, the reference averaged over the thickness of the slice; over the
 * foreground of the slice and one pixel beyond, where the reference covers it.
 *
 * @param fixedToMoving target LPS → reference LPS
 */
export async function agreementCurve(
  target: SliceStack,
  reference: Volume,
  fixedToMoving: Affine,
  signal: AbortSignal,
): Promise<SliceAgreement[]> {
  const guide = shrink(fillInventedSlices(reference, Number.POSITIVE_INFINITY), (PIXEL_MM * 2) / 3);
  const range = robustRange(guide);
  const small = target.slices.map((slice) => reduced(target, slice.pixels));
  const pixels = small.map((slice) => slice.pixels);
  const low = percentile(pixels, 1) ?? 0;
  const high = percentile(pixels, 99.5) ?? 0;
  const threshold = low + FOREGROUND * (high - low);
  const positions = slicePositionsMm(target);
  const curve: SliceAgreement[] = [];
  let lastPause = performance.now();
  for (const [n, { columns, rows, factors, pixels: values }] of small.entries()) {
    const sampled = laid(guide, target, n, { columns, rows, factors }, fixedToMoving);
    const mask = grown(
      values.map((value) => (value > threshold ? 1 : 0)),
      columns,
    );
    const seen: number[] = [];
    const told: number[] = [];
    let inside = 0;
    for (let at = 0; at < values.length; at++) {
      if (mask[at] === 0) continue;
      inside++;
      if (Number.isNaN(sampled[at]!)) continue;
      seen.push(values[at]!);
      told.push(sampled[at]!);
    }
    curve.push({
      positionMm: positions[n]!,
      agreement: mutualAgreement(seen, told, { low, high }, range),
      coverage: inside === 0 ? 0 : seen.length / inside,
    });
    if (performance.now() - lastPause > 50) {
      await new Promise((resolve) => setImmediate(resolve));
      throwIfCancelled(signal);
      lastPause = performance.now();
    }
  }
  return curve;
}

interface Reduced {
  readonly columns: number;
  readonly rows: number;
  /** Pixels averaged to one, along columns and rows. */
  readonly factors: readonly [number, number];
}

/** A slice with pixels averaged in blocks of about PIXEL_MM; what is not finite counts as 0. */
function reduced(target: SliceStack, pixels: Float32Array): Reduced & { readonly pixels: Float32Array } {
  const factor = (spacing: number, size: number): number =>
    Math.min(size, Math.max(1, Math.floor((PIXEL_MM * 1.05) / spacing)));
  const fx = factor(target.spacingMm[0], target.columns);
  const fy = factor(target.spacingMm[1], target.rows);
  const columns = Math.floor(target.columns / fx);
  const rows = Math.floor(target.rows / fy);
  const small = new Float32Array(columns * rows);
  for (let y = 0; y < rows * fy; y++) {
    const row = columns * Math.floor(y / fy);
    for (let x = 0; x < columns * fx; x++) {
      const value = pixels[y * target.columns + x]!;
      const at = row + Math.floor(x / fx);
      if (Number.isFinite(value)) small[at] = small[at]! + value / (fx * fy);
    }
  }
  return { columns, rows, factors: [fx, fy], pixels: small };
}

/** The reference on the reduced pixels of one slice, averaged over its thickness; NaN where it does not reach. */
function laid(
  reference: Volume,
  target: SliceStack,
  n: number,
  { columns, rows, factors }: Reduced,
  transform: Affine,
): Float32Array {
  const thickness = target.sliceThicknessMm ?? sliceSpacingMm(target);
  const planes = Math.max(1, Math.ceil(thickness / THROUGH_MM));
  const normal = stackNormal(target);
  const spacingMm: Vec3 = [
    target.spacingMm[0] * factors[0],
    target.spacingMm[1] * factors[1],
    thickness / planes,
  ];
  const corner = addScaled(
    add(
      scale(target.iAxisLps, ((factors[0] - 1) / 2) * target.spacingMm[0]),
      scale(target.jAxisLps, ((factors[1] - 1) / 2) * target.spacingMm[1]),
    ),
    normal,
    -((planes - 1) / 2) * spacingMm[2],
  );
  const grid = {
    size: [columns, rows, planes] as const,
    spacingMm,
    originLps: add(target.slices[n]!.positionLps, corner),
    axesLps: [target.iAxisLps, target.jAxisLps, normal] as const,
  };
  const { voxels } = resampleVolume(reference, grid, {
    interpolation: 'linear',
    transform,
    outside: Number.NaN,
  });
  const inPlane = columns * rows;
  const mean = new Float32Array(inPlane).fill(Number.NaN);
  for (let at = 0; at < inPlane; at++) {
    let sum = 0;
    let hits = 0;
    for (let k = 0; k < planes; k++) {
      const value = voxels[k * inPlane + at]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      hits++;
    }
    if (hits > 0) mean[at] = sum / hits;
  }
  return mean;
}

/** A mask of one slice, grown by a pixel to each side. */
function grown(mask: Float32Array, columns: number): Uint8Array {
  const out = Uint8Array.from(mask);
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue;
    const x = at % columns;
    if (x > 0) out[at - 1] = 1;
    if (x < columns - 1) out[at + 1] = 1;
    if (at >= columns) out[at - columns] = 1;
    if (at + columns < mask.length) out[at + columns] = 1;
  }
  return out;
}
