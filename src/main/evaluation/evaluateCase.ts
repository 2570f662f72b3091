import type { EvaluatedCase } from '../../core/contract/evaluation.ts';
import type { DeviceChoice, ImageQuality, RegistrationReport } from '../../core/contract/schemas.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { type InferenceSource, networkNamed } from '../../core/networks/index.ts';
import { IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { stackToVolume } from '../../core/volume/convert.ts';
import { upsampleCubic } from '../../core/volume/interpolate2d.ts';
import { degradeStack, zeroFillStack } from '../../core/volume/kspace.ts';
import type { Slices } from '../../core/volume/metrics.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { registerRigid } from '../registration/registerRigid.ts';
import type { ChosenDevice } from '../runtime/devices.ts';
import { enhanceStack } from '../superres/enhanceStack.ts';
import { disturbReference, type OtherPatient, type PlacedReference } from './disturbReference.ts';
import type { EvaluationCase } from './evaluationCase.ts';
import { type Comparison, comparison, pixelsOf } from './measureImage.ts';

/** A model's id, under which its numbers stand, and what runs it. */
export type NamedModel = InferenceSource & { readonly id: string };

interface CommonOptions {
  readonly device: DeviceChoice | ChosenDevice;
  readonly registration: 'rigid' | 'none';
}

export interface EvaluationOptions extends CommonOptions {
  readonly model: NamedModel;
}

export interface ComparisonOptions extends CommonOptions {
  /** All of this scale. */
  readonly models: readonly NamedModel[];
  readonly scale: 2 | 4;
  /** Again with a disturbed reference (see `disturbReference`), of another patient where one is given. */
  readonly disturb?: { readonly other: OtherPatient | undefined } | undefined;
  /** Is shown every method's image before it is let go: memory holds one at a time. */
  readonly see?: ((method: string, image: Slices) => void) | undefined;
}

export interface MethodMeasurement {
  readonly volume: ImageQuality;
  /** Of every slice; see `Comparison`. */
  readonly slices: readonly ImageQuality[];
  readonly secondsPerSlice: number;
}

export interface CaseComparison {
  /** `zero-fill`, `cubic`, then the models as they were given. */
  readonly methods: ReadonlyMap<string, MethodMeasurement>;
  readonly registration: RegistrationReport | null;
  readonly disturbed: EvaluatedCase['disturbed'];
  readonly warnings: readonly string[];
}

/**
 * Measures zero-filling, cubic interpolation and a model against the truth, after degrading it by k-space
 * truncation: the magnitude image is all that any method sees. The model runs through `enhanceStack`, as
 * in `enhance`; the reference is taken where its headers place it, or registered onto the degraded target.
 * PSNR and SSIM are per volume, and again over the voxels well inside the foreground.
 *
 * @throws as `compareOnCase`.
 */
export async function evaluateCase(
  evaluated: EvaluationCase,
  { model, ...options }: EvaluationOptions,
  job: JobContext,
): Promise<Record<string, ImageQuality>> {
  const { methods } = await compareOnCase(
    evaluated,
    { ...options, models: [model], scale: model.scale },
    job,
  );
  return Object.fromEntries([...methods].map(([name, { volume }]) => [name, volume]));
}

/**
 * What `evaluateCase` measures, for several models one after another and slice by slice too. The target is
 * degraded, interpolated and registered once. With `disturb`, models that use the reference run again with
 * each disturbed one.
 *
 * @throws TandemError `registration-untrusted`, `nothing-readable` where the foreground is nowhere deep
 *   enough to have an inside, what enhancing throws.
 */
export async function compareOnCase(
  { truth, reference: guide }: EvaluationCase,
  options: ComparisonOptions,
  job: JobContext,
): Promise<CaseComparison> {
  const { scale, device } = options;
  const guided = options.models.filter((model) => networkNamed(model.network).usesReference);
  const reference = guided.length === 0 ? undefined : guide;
  const measure = comparison(truth);
  const methods = new Map<string, MethodMeasurement>();
  const keep = async (method: string, image: Slices, seconds: number): Promise<void> => {
    await turn(job);
    methods.set(method, await measurement(measure, image, seconds, job));
    options.see?.(method, image);
    await turn(job);
  };

  await turn(job);
  job.progress({ stage: 'degrading', done: 0, total: 1 });
  const degraded = degradeStack(truth, scale);
  await turn(job);
  await keep('zero-fill', ...timed(() => pixelsOf(zeroFillStack(degraded, scale))));
  await keep('cubic', ...timed(() => upsampled(degraded, scale)));

  const placed = reference && (await placeReference(degraded, reference, options.registration, job));
  const warnings: string[] = [];
  for (const [index, model] of options.models.entries()) {
    const named = naming(job, `${model.id} (${index + 1}/${options.models.length})`);
    const start = performance.now();
    const enhanced = await enhanceStack({ target: degraded, reference: placed, model, device }, named);
    const image = pixelsOf(enhanced.stack);
    await keep(model.id, image, (performance.now() - start) / 1000);
    warnings.push(...enhanced.warnings.map(({ message }) => `${model.id}: ${message}`));
  }
  const disturbed: EvaluatedCase['disturbed'] = [];
  if (options.disturb !== undefined && placed !== undefined) {
    for (const wrong of disturbReference(truth, placed, options.disturb.other)) {
      const qualities: EvaluatedCase['disturbed'][number]['methods'] = {};
      for (const model of guided) {
        const named = naming(job, `${model.id}, reference ${wrong.disturbance}`);
        const found = await withWrongReference(degraded, wrong, model, device, named);
        if (found === undefined) {
          warnings.push(`${model.id}: the reference ${wrong.note} does not cover the target`);
          continue;
        }
        await turn(job);
        qualities[model.id] = { ...measure.volume(found.image), coverage: found.coverage };
        await turn(job);
      }
      disturbed.push({ disturbance: wrong.disturbance, note: wrong.note, methods: qualities });
    }
  }
  return { methods, registration: placed?.report ?? null, disturbed, warnings };
}

/** Undefined where the reference lies beside the target: then there is nothing to measure. */
async function withWrongReference(
  target: SliceStack,
  reference: PlacedReference,
  model: NamedModel,
  device: ComparisonOptions['device'],
  job: JobContext,
): Promise<{ image: Slices; coverage: number } | undefined> {
  try {
    const { stack, coverage } = await enhanceStack({ target, reference, model, device }, job);
    return { image: pixelsOf(stack), coverage };
  } catch (error) {
    if (error instanceof TandemError && error.code === 'no-overlap') return undefined;
    throw error;
  }
}

async function measurement(
  measure: Comparison,
  image: Slices,
  seconds: number,
  job: JobContext,
): Promise<MethodMeasurement> {
  const volume = measure.volume(image);
  await turn(job);
  return { volume, slices: measure.slices(image), secondsPerSlice: seconds / image.length };
}

/** Where the reference lies: by the headers, or registered. */
async function placeReference(
  degraded: SliceStack,
  volume: Volume,
  registration: 'rigid' | 'none',
  job: JobContext,
): Promise<PlacedReference & { readonly report: RegistrationReport | null }> {
  if (registration === 'none') return { volume, transform: IDENTITY_AFFINE, report: null };
  const { report, fixedToMoving } = await registerRigid(stackToVolume(degraded), volume, job);
  if (report.verdict === 'trusted') return { volume, transform: fixedToMoving, report };
  throw new TandemError(
    'registration-untrusted',
    report.reasons.join(' ') || 'The registration is not to be trusted',
    {
      hint: 'Evaluate with --registration none where the headers are right.',
    },
  );
}

function upsampled(degraded: SliceStack, scale: number): Float32Array[] {
  const { rows, columns } = degraded;
  return pixelsOf(degraded).map((pixels) => upsampleCubic(pixels, rows, columns, scale));
}

function timed<T>(work: () => T): [T, number] {
  const start = performance.now();
  const result = work();
  return [result, (performance.now() - start) / 1000];
}

/** The same job, every message with the name of what is being done. */
export function naming(job: JobContext, name: string): JobContext {
  return {
    signal: job.signal,
    progress: (progress) =>
      job.progress({
        ...progress,
        message: progress.message === undefined ? name : `${name}: ${progress.message}`,
      }),
  };
}

/** Lets others have a turn, whoever cancels among them. Throws `cancelled`. */
async function turn(job: JobContext): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  throwIfCancelled(job.signal);
}
