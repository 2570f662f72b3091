import { access, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import type { Request, Result } from '../../../core/contract/operations.ts';
import { TandemError } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { segmentationGraph, segmentationNetworkNamed } from '../../../core/networks/segmentation/index.ts';
import { type SegmentationSpec, segmentationSpec } from '../../../core/segmentation/modelSpec.ts';
import { NORMALIZED_RANGE } from '../../../core/volume/robustScale.ts';
import { checkOutputFolder, writeFileAtomically } from '../../export/atomic.ts';
import type { Handler } from '../../host/handler.ts';
import { LOG_FILE, packageId, WEIGHTS_FILE } from '../../models/card.ts';
import { runInThread } from '../../runtime/jobThread.ts';
import { workerUrl } from '../../runtime/workerUrl.ts';
import { CHECKPOINT_FILE } from '../../training/checkpoint.ts';
import type { LoopResult } from '../../training/loop.ts';
import { appVersion } from '../../version.ts';
import { requireMeanings } from '../meanings.ts';
import { SEGMENTATION_FORMAT, SEGMENTATION_FORMAT_VERSION, SEGMENTATION_USE } from '../packages/card.ts';
import {
  loadSegmentationCard,
  loadSegmentationPackage,
  type SegmentationPackage,
} from '../packages/loadPackage.ts';
import { type SegmentationDraft, writeSegmentationPackage } from '../packages/writePackage.ts';
import { commandOf } from './commandOf.ts';
import { segmentationLogCsv } from './logOfSegmentation.ts';
import { type RequestedCases, requestedCases } from './requestedCases.ts';
import type { SegmentationCase } from './segmentationCase.ts';
import {
  SEGMENTATION_AUGMENTATION,
  type SegmentationAugmentation,
  type SegmentationSettings,
} from './segmentationSettings.ts';
import type { SegmentationScore } from './segmentationValidation.ts';
import { SEGMENTATION_CANVAS, trainSegmentation } from './trainSegmentation.ts';

type Asked = Request<'trainSegmentation'>;

/** Trains in a thread of its own: a step blocks its thread (see `trainSegmentationHere`). */
export const trainSegmentationOperation: Handler<'trainSegmentation'> = async (request, job) => {
  const entry = workerUrl('trainSegmentationWorker', import.meta.url);
  const { progress, signal } = job;
  const result: Result<'trainSegmentation'> = await runInThread(entry, request, { progress, signal }, 'wait');
  const { id, version, weights, training } = await loadSegmentationCard(result.path);
  const files = (training?.cases ?? []).flatMap((one) => one.files);
  const parent = training?.initialisedFrom;
  job.evidence?.({
    model: {
      id,
      version,
      weightsSha256: weights.sha256,
      ...(parent !== undefined && { parent: parent.id, parentSha256: parent.sha256 }),
    },
    inputs: files.map(({ sha256 }) => ({ role: 'training file', sha256 })),
  });
  return result;
};

/**
 * Trains a network that segments and writes a package. While it runs, the folder `OUT.training` holds a checkpoint
 * and the log; a training that was stopped goes on with `resume`. It is removed when the package is there.
 */
export async function trainSegmentationHere(
  request: Asked,
  job: JobContext,
): Promise<Result<'trainSegmentation'>> {
  const out = resolve(request.out);
  const beside = `${out}.training`;
  const checkpoint = join(beside, CHECKPOINT_FILE);
  const id = packageId(request.id, out);
  const init = request.init === undefined ? undefined : await initialModel(request.init, request.network);
  const settings = { ...settingsOf(request), ...(init && { init: init.card.weights.sha256 }) };
  const spec = specOf(request);
  await checkOutputFolder(out);
  await checkBegun(beside, checkpoint, request.resume);
  const cases = await requestedCases(request, job);
  const result = await trainSegmentation(
    settings,
    cases,
    {
      checkpoint,
      checkpointSeconds: request.checkpointSeconds,
      resume: request.resume,
      start: init?.weights,
      onRecord: async (records) => writeFileAtomically(join(beside, LOG_FILE), segmentationLogCsv(records)),
    },
    job,
  );
  await writeSegmentationPackage(
    out,
    draftOf(request, id, spec, settings, cases, result, init),
    {
      kind: 'network',
      network: settings.network,
      options: segmentationNetworkNamed(settings.network).parseOptions(settings.options) as Record<
        string,
        unknown
      >,
      weights: result.weights,
      precision: request.precision,
    },
    new Map([[LOG_FILE, segmentationLogCsv(result.records)]]),
  );
  await rm(beside, { recursive: true, force: true });
  const { steps, keptStep, seconds, firstLoss, lastLoss, validation } = result;
  return {
    model: id,
    path: out,
    steps,
    keptStep,
    seconds,
    firstLoss,
    lastLoss,
    dice: validation?.dice ?? null,
    worstDice: validation?.worstDice ?? null,
    diceAlone: validation?.diceAlone ?? null,
    bytes: (await stat(join(out, WEIGHTS_FILE))).size,
  };
}

/** The package to begin with. Throws `usage` where it is of another network, and what loading throws. */
async function initialModel(named: string, network: string): Promise<SegmentationPackage> {
  const model = await loadSegmentationPackage(named);
  const { source } = model.card;
  if (source.kind === 'network' && source.network === network) return model;
  throw new TandemError('usage', `${model.id} is no ${network}: a ${network} cannot begin with it`, {
    path: model.path,
  });
}

/** Throws `usage`, `bad-model`. */
function settingsOf(request: Asked): SegmentationSettings {
  const { steps, minutes, batch, shards, patch, clipNorm, ema } = request;
  const usage = (message: string, hint?: string) => new TandemError('usage', message, { hint });
  if ((steps === undefined) === (minutes === undefined)) {
    throw usage('Say how long to train: either --steps or --minutes');
  }
  if (batch % shards !== 0) {
    throw usage(
      `A batch of ${batch} cannot be computed in ${shards} equal parts`,
      'Choose --batch or --shards.',
    );
  }
  const { size } = SEGMENTATION_CANVAS;
  if (patch > size) throw usage(`Patches of ${patch} pixels are larger than the canvas, ${size}`);
  // A patch that the network cannot halve as often as it does is told before anything is read.
  const shape = { batch: 1, contrasts: request.contrasts.length, rows: patch, columns: patch };
  segmentationGraph(request.network, request.options, shape);
  return {
    network: request.network,
    options: request.options,
    ...(steps === undefined ? { minutes: minutes! } : { steps }),
    batch,
    patch,
    learningRate: request.learningRate,
    seed: request.seed,
    weightDecay: request.weightDecay,
    ...(clipNorm > 0 && { clipNorm }),
    ...(ema > 0 && { ema }),
    emaStart: request.emaStart,
    schedule: request.schedule,
    warmUp: request.warmUp,
    shards,
    ...(request.validateEvery !== undefined && { validateEvery: request.validateEvery }),
    ...(request.patience !== undefined && { patience: request.patience }),
    keep: request.keep,
    contrasts: request.contrasts.length,
    negatives: request.negativeShare,
    augmentation: augmentationOf(request.augmentation),
  };
}

const pair = z.tuple([z.number(), z.number()]).refine(([low, high]) => low <= high);
const share = z.number().min(0).max(1);
const augmentationSchema = z.strictObject({
  rotationDeg: z.number().min(0).max(180).optional(),
  zoom: pair.refine(([low]) => low > 0).optional(),
  gain: pair.refine(([low]) => low > 0).optional(),
  offset: pair.optional(),
  noise: pair.refine(([low]) => low >= 0).optional(),
  bias: z.number().min(0).max(3).optional(),
  degraded: share.optional(),
  without: share.optional(),
});

/** The usual variations but for those that are named. Throws `usage`. */
function augmentationOf(raw: Asked['augmentation']): SegmentationAugmentation {
  const parsed = augmentationSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TandemError('usage', `The augmentation ${issue?.path.join('.')}: ${issue?.message}`, {
      hint: `There are: ${Object.keys(SEGMENTATION_AUGMENTATION).join(', ')}.`,
    });
  }
  const named = Object.entries(parsed.data).filter(([, value]) => value !== undefined);
  return { ...SEGMENTATION_AUGMENTATION, ...Object.fromEntries(named) };
}

/** What the package's networks see and answer. Throws `usage` for contrasts or labels that a card cannot name. */
function specOf(request: Asked): SegmentationSpec {
  const parsed = segmentationSpec.safeParse({
    contrasts: request.contrasts.map((name, n) => ({ name: name.toLowerCase(), required: n === 0 })),
    canvas: SEGMENTATION_CANVAS,
    normalisation: { kind: 'robust', range: [...NORMALIZED_RANGE] },
    output: 'sigmoid',
    channels: 1,
    labels: [
      { value: 1, channel: 0, name: request.label, meaning: request.meaning, colorRgb: [230, 70, 70] },
    ],
    keep: { leastMl: request.leastMl, mostParts: request.mostParts ?? null },
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TandemError('usage', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  requireMeanings(parsed.data.labels);
  return parsed.data;
}

/** A checkpoint is only gone on from when asked. */
async function checkBegun(beside: string, checkpoint: string, resume: boolean): Promise<void> {
  const begun = await access(checkpoint).then(
    () => true,
    () => false,
  );
  if (!begun || resume) return;
  throw new TandemError('output-exists', 'There is the checkpoint of a training here', {
    path: beside,
    hint: 'Go on with it (--resume), or name another folder.',
  });
}

function draftOf(
  request: Asked,
  id: string,
  spec: SegmentationSpec,
  settings: SegmentationSettings,
  cases: RequestedCases,
  result: LoopResult<SegmentationScore>,
  init: SegmentationPackage | undefined,
): SegmentationDraft {
  const { network: _, options: __, init: ___, ...course } = settings;
  return {
    format: SEGMENTATION_FORMAT,
    formatVersion: SEGMENTATION_FORMAT_VERSION,
    id,
    version: request.version,
    spec,
    envelope: {
      first: [spec.contrasts[0]!.name],
      spacingMm: [...cases.spacingMm],
      sliceMm: [...cases.sliceMm],
    },
    training: {
      ...(init && { initialisedFrom: { id: init.id, sha256: init.card.weights.sha256 } }),
      cases: cases.train.map(describeCase),
      validation: cases.validation.map(describeCase),
      settings: {
        ...course,
        loss: 'binary cross-entropy + soft Dice',
        optimizer: 'AdamW',
        chosenBy: '(3 · Dice + Dice with the first contrast alone) / 4',
      },
      steps: result.steps,
      keptStep: result.keptStep,
      validationDice: result.validation?.dice ?? null,
      firstLoss: result.firstLoss,
      lastLoss: result.lastLoss,
      seconds: Math.round(result.seconds),
      software: `Tandem MR ${appVersion}, CPU`,
      command: commandOf(request, basename(resolve(request.out))),
    },
    measured: [],
    falsePositives: [],
    limits: request.limits,
    intendedUse: SEGMENTATION_USE,
    licence: { weights: request.licence, notices: request.notices },
  };
}

function describeCase({ name, patient, files, slices }: SegmentationCase) {
  return {
    name,
    patient,
    slices: slices.length,
    marked: slices.filter(({ hasTumour }) => hasTumour).length,
    files: files.map((file) => ({ ...file })),
  };
}
