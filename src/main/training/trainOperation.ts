import { access, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Request, Result } from '../../core/contract/operations.ts';
import { contrastName } from '../../core/contract/schemas.ts';
import { TandemError } from '../../core/errors.ts';
import { ADAM_DEFAULTS, describeSchedule, SCHEDULE_DEFAULTS } from '../../core/graph/index.ts';
import type { JobContext } from '../../core/job.ts';
import { networkNamed } from '../../core/networks/index.ts';
import type { Handler } from '../host/handler.ts';
import {
  INTENDED_USE,
  type Measurement,
  MODEL_FILE,
  MODEL_FORMAT_VERSION,
  packageId,
} from '../models/card.ts';
import { type CardDraft, writeModelPackage } from '../models/writeModelPackage.ts';
import { type ChosenDevice, chooseDevice, type DeviceKind } from '../runtime/devices.ts';
import { runInThread } from '../runtime/jobThread.ts';
import { describeFallBack, type FallBack, placementOf } from '../runtime/placement.ts';
import { workerUrl } from '../runtime/workerUrl.ts';
import { appVersion } from '../version.ts';
import { loadTrainingCase, type TrainingCase } from './cases.ts';
import { CHECKPOINT_FILE } from './checkpoint.ts';
import { AUGMENTATION } from './patches.ts';
import type { TrainingSettings } from './settings.ts';
import { checkMemory, stepModel } from './stepModel.ts';
import { type TrainingResult, trainNetwork } from './train.ts';

export interface TrainJob {
  readonly request: Request<'train'>;
  readonly device: ChosenDevice;
}

/** Trains in a thread of its own: a step blocks its thread (see `trainHere`). */
export const trainOperation: Handler<'train'> = async (request, job) => {
  // Looking for devices starts processes, which a thread of Electron's host cannot ask for.
  const device = await chooseDevice(request.device);
  const entry = workerUrl('trainWorker', import.meta.url);
  return runInThread(entry, { request, device } satisfies TrainJob, job, 'wait');
};

/**
 * Trains a network on cases and writes a model package, measured on the cases asked for. While it runs,
 * `out` holds a checkpoint; a training that was stopped goes on from it with `resume`.
 */
export async function trainHere({ request, device }: TrainJob, job: JobContext): Promise<Result<'train'>> {
  const network = networkNamed(request.network);
  const options = network.parseOptions(request.options);
  const out = resolve(request.out);
  const checkpoint = join(out, CHECKPOINT_FILE);
  const id = packageId(request.id, out);
  await checkOut(out, checkpoint, request.resume);
  const settings: TrainingSettings = {
    ...request,
    options,
    recompute: request.recompute ? 'blocks' : 'none',
    device: device.kind,
  };
  const memoryMb = checkMemory(settings);
  // The CPU runs all of it: no need to build the step to ask.
  const fallBacks =
    device.kind === 'cpu' ? [] : (await placementOf(stepModel(settings).onnx, device.kind)).fallBacks;
  job.progress({ stage: 'preparing', done: 0, total: 1, message: preparation(memoryMb, device, fallBacks) });

  const reference = network.usesReference ? request.reference : undefined;
  const cases: TrainingCase[] = [];
  for (const [index, folder] of request.cases.entries()) {
    job.progress({ stage: 'reading', done: index, total: request.cases.length, message: basename(folder) });
    cases.push(await loadTrainingCase(folder, { ...request, reference }, job));
  }
  const result = await trainNetwork(
    settings,
    cases,
    { checkpoint, checkpointSeconds: request.checkpointSeconds, resume: request.resume },
    job,
  );

  const draft = draftCard(request, id, options, reference, cases, result, device.kind);
  await writeModelPackage(out, draft, result.weights);
  const measured = await measure(request, reference, out, job);
  if (measured.length > 0) await writeModelPackage(out, { ...draft, measured }, result.weights);
  await rm(checkpoint, { force: true });
  return {
    model: draft.id,
    path: out,
    steps: result.steps,
    seconds: result.seconds,
    firstLoss: result.firstLoss,
    lastLoss: result.lastLoss,
    device: device.kind,
    memoryMb,
    fallBacks: [...fallBacks],
  };
}

/** What is said before the work begins. */
function preparation(memoryMb: number, device: ChosenDevice, fallBacks: readonly FallBack[]): string {
  const size = `${Math.round(memoryMb).toLocaleString('en')} MB`;
  const where = device.kind === 'cpu' ? 'CPU' : `${device.kind} (${device.reason})`;
  const names = fallBacks.map(describeFallBack).join(', ');
  return `training takes about ${size} on ${where}${names === '' ? '' : `; the CPU runs ${names}`}`;
}

const LOSSES = {
  l1: 'Mean absolute error inside each patch.',
  mse: 'Mean squared error inside each patch.',
  paper: 'The loss of the network’s paper, on whole patches.',
  'l1+mse': 'Mean absolute error plus 10 × mean squared error inside each patch.',
} as const;

/**
 * An existing package is never trained over, and a checkpoint only gone on from when asked. Both together
 * are left where a training was stopped while its model was being measured.
 */
async function checkOut(out: string, checkpoint: string, resume: boolean): Promise<void> {
  const begun = await exists(checkpoint);
  if ((await exists(join(out, MODEL_FILE))) && !(resume && begun)) {
    throw new TandemError('output-exists', 'There is a model package in this folder', {
      path: out,
      hint: 'Name another folder.',
    });
  }
  if (!resume && begun) {
    throw new TandemError('output-exists', 'There is the checkpoint of a training in this folder', {
      path: out,
      hint: 'Go on with it (--resume), or name another folder.',
    });
  }
}

async function measure(
  request: Request<'train'>,
  reference: string | undefined,
  model: string,
  job: JobContext,
): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  const trained = new Set(request.cases.map((path) => resolve(path)));
  if (request.measure.length === 0) return measured;
  const { measurePackage } = await import('../evaluation/measurePackage.ts');
  for (const [index, folder] of request.measure.entries()) {
    job.progress({
      stage: 'evaluating',
      done: index,
      total: request.measure.length,
      message: basename(folder),
    });
    const numbers = await measurePackage(model, folder, { target: request.target, reference }, job);
    measured.push({ ...numbers, trainedOn: trained.has(resolve(folder)) });
  }
  return measured;
}

function draftCard(
  request: Request<'train'>,
  id: string,
  options: unknown,
  reference: string | undefined,
  cases: readonly TrainingCase[],
  result: TrainingResult,
  device: DeviceKind,
): CardDraft {
  const { scale, steps, batch, patch, learningRate, seed } = request;
  const target = contrastOf(request.target);
  const guide = reference === undefined ? null : contrastOf(reference);
  return {
    format: 'tandem-model',
    formatVersion: MODEL_FORMAT_VERSION,
    id,
    version: request.version,
    network: request.network,
    options: options as Record<string, unknown>,
    scale,
    contrasts: { target, reference: guide },
    envelope: {
      target: [target],
      reference: guide === null ? [] : [guide],
      spacingMm: range(cases.flatMap(({ spacingMm }) => spacingMm)),
      matrix: range(cases.flatMap(({ rows, columns }) => [rows, columns])),
      sliceThicknessMm: range(cases.map(({ sliceThicknessMm }) => sliceThicknessMm)),
    },
    training: {
      cases: cases.map(({ slices, ...rest }) => ({
        ...rest,
        spacingMm: [...rest.spacingMm],
        files: rest.files.map((file) => ({ ...file })),
        slices: slices.length,
      })),
      degradation: `k-space truncation ×${scale} in-plane, zero-filled from the magnitude image.`,
      loss: LOSSES[request.loss],
      optimizer: describeOptimizer(request),
      schedule: describeSchedule({ ...SCHEDULE_DEFAULTS, kind: request.schedule, warmUp: request.warmUp }),
      augmentation: { ...AUGMENTATION },
      steps,
      batch,
      patch,
      learningRate,
      seed,
      firstLoss: result.firstLoss,
      lastLoss: result.lastLoss,
      seconds: Math.round(result.seconds),
      software: `Tandem MR ${appVersion}, ${device === 'cpu' ? 'CPU, 1 thread' : device}`,
    },
    measured: [],
    intendedUse: INTENDED_USE,
    licence: { weights: request.licence, notices: request.notices },
  };
}

function describeOptimizer({ optimizer, weightDecay, clipNorm, ema, emaStart }: Request<'train'>): string {
  const { beta1, beta2, epsilon } = ADAM_DEFAULTS;
  const betas = `β₁ ${beta1}, β₂ ${beta2}, ε ${epsilon}`;
  const decay = `weight decay ${weightDecay} but for norms and biases`;
  return [
    optimizer === 'adamw' ? `AdamW (${betas}, ${decay}).` : `Adam (${betas}).`,
    ...(clipNorm === undefined ? [] : [`Gradients clipped to a global norm of ${clipNorm}.`]),
    ...(ema === undefined
      ? []
      : [`The weights are their moving average (decay ${ema}, from step ${emaStart + 1} on).`]),
  ].join(' ');
}

function contrastOf(name: string): CardDraft['contrasts']['target'] {
  const parsed = contrastName.safeParse(name.toLowerCase());
  return parsed.success ? parsed.data : 'unknown';
}

function range(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
