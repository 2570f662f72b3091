import type { Result } from '../../core/contract/operations.ts';
import type { DeviceChoice } from '../../core/contract/schemas.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { type InferenceSource, networkNamed } from '../../core/networks/index.ts';
import { type Affine, IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { stackToVolume } from '../../core/volume/convert.ts';
import { insideForeground } from '../../core/volume/foreground.ts';
import { upsampleCubic } from '../../core/volume/interpolate2d.ts';
import { degradeStack, zeroFillStack } from '../../core/volume/kspace.ts';
import { psnrVolume, type Slices, ssimVolume } from '../../core/volume/metrics.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { registerRigid } from '../registration/registerRigid.ts';
import { enhanceStack } from '../superres/enhanceStack.ts';
import { type EvaluationCase, FOREGROUND } from './evaluationCase.ts';

export interface EvaluationOptions {
  /** The model's id, under which its numbers stand, and what runs it. */
  readonly model: InferenceSource & { readonly id: string };
  readonly device: DeviceChoice;
  readonly registration: 'rigid' | 'none';
}

type Methods = Result<'evaluate'>['methods'];

/**
 * Measures zero-filling, cubic interpolation and a model against the truth, after degrading it by k-space
 * truncation: the magnitude image is all that any method sees. The model runs through `enhanceStack`, as
 * in `enhance`; the reference is taken where its headers place it, or registered onto the degraded target.
 * PSNR and SSIM are per volume, and again over the voxels well inside the foreground.
 *
 * @throws TandemError `registration-untrusted`, `nothing-readable` where the foreground is nowhere deep
 *   enough to have an inside, what enhancing throws.
 */
export async function evaluateCase(
  { truth, reference: guide }: EvaluationCase,
  options: EvaluationOptions,
  job: JobContext,
): Promise<Methods> {
  const { model } = options;
  const reference = networkNamed(model.network).usesReference ? guide : undefined;
  const measure = comparison(truth);
  throwIfCancelled(job.signal);
  job.progress({ stage: 'degrading', done: 0, total: 1 });
  const degraded = degradeStack(truth, model.scale);
  const methods: Methods = {};

  throwIfCancelled(job.signal);
  methods['zero-fill'] = measure(pixelsOf(zeroFillStack(degraded, model.scale)));
  throwIfCancelled(job.signal);
  methods.cubic = measure(
    pixelsOf(degraded).map((pixels) => upsampleCubic(pixels, degraded.rows, degraded.columns, model.scale)),
  );
  throwIfCancelled(job.signal);
  const transform = reference && (await placeReference(degraded, reference, options.registration, job));
  const enhanced = await enhanceStack(
    {
      target: degraded,
      reference: reference && transform && { volume: reference, transform },
      model,
      device: options.device,
    },
    job,
  );
  methods[model.id] = measure(pixelsOf(enhanced.stack));
  return methods;
}

/** Compares an image with the truth, the masks made once. */
function comparison(truth: SliceStack): (image: Slices) => Methods[string] {
  const { rows, columns } = truth;
  const slices = pixelsOf(truth);
  const inside = slices.map((pixels) => insideForeground(pixels, rows, columns, { threshold: FOREGROUND }));
  if (!inside.some((mask) => mask.includes(1))) {
    throw new TandemError(
      'nothing-readable',
      'The foreground of the target is nowhere more than 3 pixels deep',
    );
  }
  return (image) => ({
    psnr: psnrVolume(slices, image),
    ssim: ssimVolume(slices, image, rows, columns),
    psnrInside: psnrVolume(slices, image, inside),
    ssimInside: ssimVolume(slices, image, rows, columns, inside),
  });
}

/** Where the reference lies: by the headers, or registered. LPS of the target to LPS of the reference. */
async function placeReference(
  degraded: SliceStack,
  reference: Volume,
  registration: 'rigid' | 'none',
  job: JobContext,
): Promise<Affine> {
  if (registration === 'none') return IDENTITY_AFFINE;
  const { report, fixedToMoving } = await registerRigid(stackToVolume(degraded), reference, job);
  if (report.verdict === 'trusted') return fixedToMoving;
  throw new TandemError(
    'registration-untrusted',
    report.reasons.join(' ') || 'The registration is not to be trusted',
    {
      hint: 'Evaluate with --registration none where the headers are right.',
    },
  );
}

function pixelsOf(stack: SliceStack): Float32Array[] {
  return stack.slices.map((slice) => slice.pixels);
}
