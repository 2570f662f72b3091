import { access, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Request, Result } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { networkNamed } from '../../core/networks/index.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import { sweepLeftovers } from '../export/leftovers.ts';
import { readLockedSet, refuseLocked } from '../finetune/lockedSet.ts';
import type { Handler } from '../host/handler.ts';
import { CURVES_FILE, LOG_FILE, type Measurement, MODEL_FILE, packageId } from '../models/card.ts';
import { loadModelCard, loadModelPackage, type ModelPackage } from '../models/loadModelPackage.ts';
import { modelEvidence } from '../models/modelEvidence.ts';
import { writeModelPackage } from '../models/writeModelPackage.ts';
import { type ChosenDevice, chooseDevice } from '../runtime/devices.ts';
import { runInThread } from '../runtime/jobThread.ts';
import { describeFallBack, type FallBack, placementOf } from '../runtime/placement.ts';
import { workerUrl } from '../runtime/workerUrl.ts';
import { cardDraft } from './cardDraft.ts';
import { CHECKPOINT_FILE } from './checkpoint.ts';
import { curvesSvg } from './curves.ts';
import { livePage } from './livePage.ts';
import { settingsOf } from './settings.ts';
import { startedAnew } from './startWeights.ts';
import { checkMemory, stepModel } from './stepModel.ts';
import { trainNetwork } from './train.ts';
import { requestedData } from './trainingData.ts';
import { logCsv, type TrainingRecord } from './trainingLog.ts';

export interface TrainJob {
  readonly request: Request<'train'>;
  readonly device: ChosenDevice;
}

/** The page that shows a training while it runs. */
export const LIVE_PAGE = 'training.html';
/** The page is not written more often. */
const PAGE_SECONDS = 10;

/** Trains in a thread of its own: a step blocks its thread (see `trainHere`). */
export const trainOperation: Handler<'train'> = async (request, job) => {
  // Looking for devices starts processes, which a thread of Electron's host cannot ask for.
  const device = await chooseDevice(request.device);
  const entry = workerUrl('trainWorker', import.meta.url);
  const { progress, signal } = job;
  const result: Result<'train'> = await runInThread(
    entry,
    { request, device } satisfies TrainJob,
    { progress, signal },
    'wait',
  );
  job.evidence?.(modelEvidence(await loadModelCard(result.path)));
  return result;
};

/**
 * Trains a network and writes a model package, measured on the cases asked for. While it runs, `out` holds a
 * checkpoint, the log and a page that shows its curves; a training that was stopped goes on with `resume`.
 */
export async function trainHere({ request, device }: TrainJob, job: JobContext): Promise<Result<'train'>> {
  const network = networkNamed(request.network);
  const settings = settingsOf(request, device.kind);
  const out = resolve(request.out);
  const checkpoint = join(out, CHECKPOINT_FILE);
  const id = packageId(request.id, out);
  await checkOut(out, checkpoint, request.resume);
  if ((request.steps === undefined) === (request.minutes === undefined)) {
    throw new TandemError('usage', 'Say how long to train: either --steps or --minutes');
  }
  // What a killed run was writing when it ended would stay in the package for ever.
  if (request.resume) await sweepLeftovers(out);
  const init = request.init === undefined ? undefined : await initialModel(request.init, settings.network);
  const memoryMb = checkMemory(settings);
  // The CPU runs all of it: no need to build the step to ask.
  const fallBacks =
    device.kind === 'cpu' ? [] : (await placementOf(stepModel(settings).onnx, device.kind)).fallBacks;
  job.progress({ stage: 'preparing', done: 0, total: 1, message: preparation(memoryMb, device, fallBacks) });

  const data = await requestedData(request, network.usesReference, job);
  if (request.locked !== undefined) {
    const { locked } = await readLockedSet(resolve(request.locked));
    refuseLocked(locked, [...data.train, ...data.validation]);
  }
  const title = `${id}: ${settings.network} ×${settings.scale}`;
  const result = await trainNetwork(
    { ...settings, init: init?.weightsSha256 },
    data,
    {
      checkpoint,
      checkpointSeconds: request.checkpointSeconds,
      resume: request.resume,
      start: init?.weights,
      onRecord: liveFiles(out, title),
    },
    job,
  );

  const anew = init && startedAnew(result.parameters, init.weights);
  const from = init && {
    id: init.id,
    sha256: init.weightsSha256,
    ...(anew?.length && { startedAnew: [...anew] }),
  };
  const draft = cardDraft(request, id, settings, data, result, from);
  const files = new Map([
    [CURVES_FILE, curvesSvg(result.records, title)],
    [LOG_FILE, logCsv(result.records)],
  ]);
  const options = { precision: request.precision, files };
  await writeModelPackage(out, draft, result.weights, options);
  const measured = await measure(request, data, out, job);
  if (measured.length > 0) await writeModelPackage(out, { ...draft, measured }, result.weights, options);
  await rm(join(out, LIVE_PAGE), { force: true });
  await rm(checkpoint, { force: true });
  return {
    model: draft.id,
    path: out,
    steps: result.steps,
    seconds: result.seconds,
    firstLoss: result.firstLoss,
    lastLoss: result.lastLoss,
    gain: result.validation?.gain ?? null,
    gainInside: result.validation?.gainInside ?? null,
    keptStep: result.keptStep,
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

/** The package to begin with. Throws `usage` where it is of another network, and what loading throws. */
async function initialModel(named: string, network: string): Promise<ModelPackage> {
  const model = await loadModelPackage(named);
  if (model.card.network === network) return model;
  throw new TandemError(
    'usage',
    `${model.id} is a ${model.card.network}: a ${network} cannot begin with it`,
    {
      path: model.path,
      hint: `Ask for --network ${model.card.network}.`,
    },
  );
}

/** Writes the page, the curves and the log as they are, now and then. */
function liveFiles(
  out: string,
  title: string,
): (records: readonly TrainingRecord[], steps: number) => Promise<void> {
  let writtenAt = Number.NEGATIVE_INFINITY;
  return async (records, steps) => {
    const last = records.at(-1);
    const finished = last?.step === steps;
    if (!finished && performance.now() - writtenAt < PAGE_SECONDS * 1000) return;
    writtenAt = performance.now();
    const svg = curvesSvg(records, title);
    const done = last?.step ?? 0;
    const seconds = last?.seconds ?? 0;
    const left =
      done === 0 ? '' : `, about ${Math.ceil(((seconds / done) * (steps - done)) / 60)} minutes left`;
    const status = `Step ${done} of ${steps} after ${Math.round(seconds / 60)} minutes${left}.`;
    const notice = 'To stop, interrupt the command: nothing is lost, and --resume goes on from there.';
    await writeFileAtomically(join(out, LIVE_PAGE), livePage({ title, svg, status, finished, notice }));
    await writeFileAtomically(join(out, LOG_FILE), logCsv(records));
  };
}

/**
 * An existing package is never trained over, and a checkpoint only gone on from when asked. Both together
 * are left where a training was stopped while its model was being measured.
 */
async function checkOut(out: string, checkpoint: string, resume: boolean): Promise<void> {
  const begun = await exists(checkpoint);
  if ((await exists(join(out, MODEL_FILE))) && !(resume && begun)) {
    throw new TandemError('output-exists', 'There is a model package in this folder', {
      path: out,
      hint: 'Name another folder; to train this model further, begin with it there: --init.',
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
  data: {
    readonly target: string;
    readonly reference: string | undefined;
    readonly train: readonly { patient: string }[];
  },
  model: string,
  job: JobContext,
): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  if (request.measure.length === 0) return measured;
  const { measurePackage } = await import('../evaluation/measurePackage.ts');
  const { patientOf } = await import('./data/pairFiles.ts');
  const trained = new Set(data.train.map(({ patient }) => patient));
  for (const [index, folder] of request.measure.entries()) {
    const { length: total } = request.measure;
    job.progress({ stage: 'evaluating', done: index, total, message: basename(folder) });
    const numbers = await measurePackage(model, folder, data, job);
    measured.push({ ...numbers, trainedOn: trained.has(patientOf(basename(folder))) });
  }
  return measured;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
