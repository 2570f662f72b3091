import { createRandom } from '../random.ts';
import { type Affine, applyAffine, IDENTITY_AFFINE } from '../volume/affine.ts';
import type { Slice, SliceStack } from '../volume/sliceStack.ts';
import { addScaled, cross, type Vec3 } from '../volume/vec.ts';
import { type PhantomContrast, signalTable } from './contrasts.ts';
import { invertRigid, orientationAxes, type PhantomOrientation, slicePositions } from './geometry.ts';
import { headTissue, scatterLesions } from './head.ts';
import { WHITE } from './tissues.ts';

export interface PhantomOptions {
  readonly contrast: PhantomContrast;
  readonly columns: number;
  readonly rows: number;
  readonly slices: number;
  /** Field of view along columns and rows: pixel spacing is this over the matrix. Default 240 × 240. */
  readonly fieldOfViewMm?: readonly [number, number] | undefined;
  readonly sliceThicknessMm: number;
  /** Distance between slice centres; the thickness where absent. */
  readonly sliceStepMm?: number | undefined;
  readonly orientation: PhantomOrientation;
  /** Centre of the field of view; the middle of the cerebrum where absent. */
  readonly centreLps?: Vec3 | undefined;
  /** Standard deviation of the noise in each channel, as a share of white matter's signal. */
  readonly noise: number;
  readonly seed: number;
  readonly lesions: number;
  /** Takes a point of the unmoved head to where it is when this series is acquired. */
  readonly motion?: Affine | undefined;
  /** Points per pixel along each in-plane axis (default 2), and through the slice (default one a millimetre). */
  readonly samplesInPlane?: number | undefined;
  readonly samplesThrough?: number | undefined;
}

/** A phantom series that is made slice by slice. */
export interface PhantomPlan {
  /** The series without its slices. */
  readonly frame: Omit<SliceStack, 'slices'>;
  /** Centre of pixel (0, 0) of every slice, ascending along the normal. */
  readonly positionsLps: readonly Vec3[];
  /** Slice n, in any order and as often as wanted: always the same. */
  slice(n: number): Slice;
}

/**
 * The digital head as a series: each pixel is the mean signal over its box (in-plane pixel × slice
 * thickness), sampled at regular points, with Rician noise (magnitude of two noisy channels). Values are in
 * stored units, not rounded. The same options give the same bytes, and noise depends on seed, contrast and
 * slice number alone.
 */
export function makePhantom(options: PhantomOptions): SliceStack {
  const plan = planPhantom(options);
  return { ...plan.frame, slices: plan.positionsLps.map((_, n) => plan.slice(n)) };
}

/** `makePhantom`, for callers that report progress or can be cancelled. */
export function planPhantom(options: PhantomOptions): PhantomPlan {
  const { columns, rows, slices, sliceThicknessMm } = options;
  const fieldOfView = options.fieldOfViewMm ?? [240, 240];
  const spacingMm = [fieldOfView[0] / columns, fieldOfView[1] / rows] as const;
  const axes = orientationAxes(options.orientation);
  const positionsLps = slicePositions(
    axes,
    { columns, rows, slices },
    spacingMm,
    options.sliceStepMm ?? sliceThicknessMm,
    options.centreLps ?? [0, 0, 0],
  );
  const sample = createSampler(options, axes, spacingMm);
  return {
    frame: { columns, rows, spacingMm, iAxisLps: axes[0], jAxisLps: axes[1], sliceThicknessMm },
    positionsLps,
    slice(n) {
      const positionLps = positionsLps[n];
      if (positionLps === undefined) throw new RangeError(`This phantom has no slice ${n}.`);
      return { positionLps, pixels: sample(positionLps, n) };
    },
  };
}

function createSampler(
  options: PhantomOptions,
  axes: readonly [Vec3, Vec3],
  spacingMm: readonly [number, number],
): (positionLps: Vec3, slice: number) => Float32Array {
  const { columns, rows, seed } = options;
  const signal = signalTable(options.contrast);
  const lesions = scatterLesions(options.lesions, seed);
  const toHead = invertRigid(options.motion ?? IDENTITY_AFFINE);
  const inPlane = options.samplesInPlane ?? 2;
  const through = options.samplesThrough ?? Math.max(1, Math.round(options.sliceThicknessMm));
  const normal = cross(axes[0], axes[1]);
  const offsets = sampleOffsets(inPlane, through).map(([a, b, c]) =>
    turn(
      toHead,
      addScaled(
        addScaled(addScaled([0, 0, 0], axes[0], a * spacingMm[0]), axes[1], b * spacingMm[1]),
        normal,
        c * options.sliceThicknessMm,
      ),
    ),
  );
  const i = turn(toHead, addScaled([0, 0, 0], axes[0], spacingMm[0]));
  const j = turn(toHead, addScaled([0, 0, 0], axes[1], spacingMm[1]));
  const sigma = options.noise * signal[WHITE]!;
  const noiseSource = createRandom(seed).fork(`noise ${options.contrast}`);

  return (positionLps, slice) => {
    const random = noiseSource.fork(`slice ${slice}`);
    const corner = applyAffine(toHead, positionLps);
    const pixels = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const x = corner[0] + column * i[0] + row * j[0];
        const y = corner[1] + column * i[1] + row * j[1];
        const z = corner[2] + column * i[2] + row * j[2];
        let sum = 0;
        for (const o of offsets) sum += signal[headTissue(x + o[0], y + o[1], z + o[2], lesions)]!;
        let value = sum / offsets.length;
        if (sigma > 0) value = Math.hypot(value + sigma * random.normal(), sigma * random.normal());
        pixels[row * columns + column] = value;
      }
    }
    return pixels;
  };
}

/** Regular points in the unit box centred on 0. */
function sampleOffsets(inPlane: number, through: number): Vec3[] {
  const line = (count: number) => Array.from({ length: count }, (_, n) => (n + 0.5) / count - 0.5);
  return line(through).flatMap((c) =>
    line(inPlane).flatMap((b) => line(inPlane).map((a): Vec3 => [a, b, c])),
  );
}

/** The rotation of a rigid affine alone. */
function turn(a: Affine, v: Vec3): Vec3 {
  return [
    a[0][0] * v[0] + a[0][1] * v[1] + a[0][2] * v[2],
    a[1][0] * v[0] + a[1][1] * v[1] + a[1][2] * v[2],
    a[2][0] * v[0] + a[2][1] * v[1] + a[2][2] * v[2],
  ];
}
