import { elastixNode } from '@itk-wasm/elastix';
import type { Image, JsonCompatible, Transform } from 'itk-wasm';
import { TandemError } from '../../core/errors.ts';
import type { Affine } from '../../core/volume/affine.ts';
import {
  composeAffine,
  invertAffine,
  moveGrid,
  rigidAbout,
  rotationFromItkEuler,
} from '../../core/volume/rigid.ts';
import type { Volume } from '../../core/volume/volume.ts';

/** The elastix call: one pyramid level of a rigid registration by Mattes mutual information. */

/**
 * An ITK image of a volume. ITK's direction matrix is stored row by row and its columns are the axes of
 * i, j and k in LPS. The voxels are shared, not copied, where they own their whole buffer.
 */
export function toItkImage(volume: Volume): Image {
  const [i, j, k] = volume.grid.axesLps;
  const whole = volume.voxels.byteLength === volume.voxels.buffer.byteLength;
  return {
    imageType: { dimension: 3, componentType: 'float32', pixelType: 'Scalar', components: 1 },
    name: 'image',
    origin: [...volume.grid.originLps],
    spacing: [...volume.grid.spacingMm],
    direction: new Float64Array([i[0], j[0], k[0], i[1], j[1], k[1], i[2], j[2], k[2]]),
    size: [...volume.grid.size],
    metadata: new Map(),
    data: whole ? volume.voxels : volume.voxels.slice(),
  };
}

/** Settings of one level. The volumes come already reduced to it, so elastix' own pyramid stays at 1. */
function parameters(iterations: number, samples: number, maximumStepMm: number): Record<string, string[]> {
  return {
    AutomaticParameterEstimation: ['true'],
    AutomaticScalesEstimation: ['true'],
    AutomaticTransformInitialization: ['false'],
    CheckNumberOfSamples: ['true'],
    DefaultPixelValue: ['0'],
    FixedImageDimension: ['3'],
    FixedImagePyramid: ['FixedSmoothingImagePyramid'],
    FixedImagePyramidSchedule: ['1', '1', '1'],
    FixedInternalImagePixelType: ['float'],
    HowToCombineTransforms: ['Compose'],
    ImageSampler: ['RandomCoordinate'],
    Interpolator: ['LinearInterpolator'],
    MaximumNumberOfIterations: [`${iterations}`],
    MaximumNumberOfSamplingAttempts: ['8'],
    MaximumStepLength: [`${maximumStepMm}`],
    Metric: ['AdvancedMattesMutualInformation'],
    MovingImageDimension: ['3'],
    MovingImagePyramid: ['MovingSmoothingImagePyramid'],
    MovingImagePyramidSchedule: ['1', '1', '1'],
    MovingInternalImagePixelType: ['float'],
    NewSamplesEveryIteration: ['true'],
    NumberOfHistogramBins: ['32'],
    NumberOfResolutions: ['1'],
    NumberOfSamplesForExactGradient: ['4096'],
    NumberOfSpatialSamples: [`${samples}`],
    Optimizer: ['AdaptiveStochasticGradientDescent'],
    RandomSeed: ['121212'],
    Registration: ['MultiResolutionRegistration'],
    RequiredRatioOfValidSamples: ['0.05'],
    ResampleInterpolator: ['FinalLinearInterpolator'],
    Resampler: ['DefaultResampler'],
    ResultImageFormat: ['nii'],
    Transform: ['EulerTransform'],
    WriteIterationInfo: ['false'],
    WriteResultImage: ['false'],
  };
}

/**
 * Refines a rigid motion at the resolution of the volumes given.
 *
 * @param start fixed LPS → moving LPS; the moving volume's grid is carried by its inverse into the fixed
 *   frame before the call, so that elastix starts from the identity and no convention of chaining matters.
 * @returns fixed LPS → moving LPS; or in elastix' own words why it gave up (too few samples inside the
 *   moving image, for one)
 * @throws TandemError `out-of-memory`, or `failed` where elastix could not be run at all
 */
export async function refineWithElastix(
  fixed: Volume,
  moving: Volume,
  start: Affine,
  settings: {
    readonly iterations: number;
    readonly samples: number;
    readonly maximumStepMm: number;
  },
): Promise<{ readonly motion: Affine } | { readonly trouble: string }> {
  const carried: Volume = { grid: moveGrid(moving.grid, invertAffine(start)), voxels: moving.voxels };
  const map = parameters(settings.iterations, settings.samples, settings.maximumStepMm);
  try {
    const result = await elastixNode([map] as unknown as JsonCompatible, {
      fixed: toItkImage(fixed),
      moving: toItkImage(carried),
    });
    return { motion: composeAffine(start, rigidOfItk(result.transform)) };
  } catch (error) {
    const words = error instanceof Error ? error.message.trim() : String(error);
    if (error instanceof RangeError || error instanceof WebAssembly.RuntimeError) {
      throw new TandemError('out-of-memory', `elastix stopped: ${words}`, { cause: error });
    }
    if (error instanceof TandemError || (error instanceof Error && 'code' in error)) {
      throw new TandemError('failed', `elastix could not be run: ${words}`, { cause: error });
    }
    // Built without messages, the module throws the address of its exception.
    const said = /^\d*$/.test(words) ? 'elastix raised an exception' : words.split('\n').at(-1);
    return { trouble: said ?? words };
  }
}

/** The motion of an ITK transform list (last entry applied first) that holds one Euler transform. */
export function rigidOfItk(transforms: readonly Transform[]): Affine {
  const simple = transforms.filter((t) => t.transformType.transformParameterization !== 'Composite');
  const [only] = simple;
  if (only === undefined || simple.length !== 1 || only.parameters.length !== 6) {
    throw new TandemError('failed', 'elastix returned a transform that is not one rigid motion');
  }
  const p = Array.from(only.parameters, Number);
  const c = Array.from(only.fixedParameters, Number);
  return rigidAbout(
    rotationFromItkEuler([p[0]!, p[1]!, p[2]!]),
    [p[3]!, p[4]!, p[5]!],
    [c[0]!, c[1]!, c[2]!],
  );
}
