import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FinetuneRequest, FinetuneResult } from '../../core/contract/finetune.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { checkOutputFolder } from '../export/atomic.ts';
import { sweepLeftovers } from '../export/leftovers.ts';
import type { Handler } from '../host/handler.ts';
import { loadModelCard, loadModelPackage, type ModelPackage } from '../models/loadModelPackage.ts';
import { modelEvidence } from '../models/modelEvidence.ts';
import { type ChosenDevice, chooseDevice } from '../runtime/devices.ts';
import { AskedWatch, takeBackPause } from './run/asked.ts';
import { beginRun } from './run/beginRun.ts';
import { judgeRun } from './run/judgeRun.ts';
import { LiveRun, readLive } from './run/liveRun.ts';
import { publishRun, removeScratch } from './run/publishRun.ts';
import { exists, type RunFolder, runFolder } from './run/runFolder.ts';
import { workOn } from './run/runLock.ts';
import { type RunRecord, readRecord } from './run/runRecord.ts';
import { resultOf } from './run/runResult.ts';
import { trainRun } from './run/trainRun.ts';

/**
 * `tandem finetune`: cases, the locked test set and the thresholds are written down, the base is trained on, the
 * result judged, and the folder becomes the package of a candidate. It goes on, with `resume`, from wherever it was
 * paused or killed; with the weights that it would have had.
 *
 * Throws what its parts throw (`beginRun`, `trainRun`, `judgeModels`); `output-exists`, `usage`, `not-found`,
 * `cancelled`.
 */
export const finetuneOperation: Handler<'finetune'> = async (request, job) => {
  const folder = runFolder(request.out);
  if (!request.resume) await checkFree(folder);
  return workOn(folder.lock, () => runIn(folder, request, job));
};

async function runIn(folder: RunFolder, request: FinetuneRequest, job: JobContext): Promise<FinetuneResult> {
  if (request.resume && (await exists(folder.card))) return finishedRun(folder, job);
  await sweepLeftovers(folder.out);
  await sweepLeftovers(folder.run);
  const begun = await exists(folder.record);
  if (begun) await takeBackPause(folder);
  const watch = new AskedWatch(folder);
  const either = { ...job, signal: AbortSignal.any([job.signal, watch.paused.signal]) };
  try {
    const choosing: JobContext = {
      ...either,
      progress: (progress) =>
        either.progress(progress.stage === 'preparing' ? progress : { ...progress, stage: 'choosing' }),
    };
    const { record, base } = begun ? await goOn(folder, request) : await begin(folder, request, choosing);
    return await trainAndJudge(folder, record, base, watch, either);
  } catch (error) {
    const paused = watch.paused.signal.aborted && !job.signal.aborted;
    if (!paused || !(error instanceof TandemError) || error.code !== 'cancelled') throw error;
    job.evidence?.({ settings: { ended: 'paused' } });
    return resultOf(folder, await readRecord(folder.record));
  } finally {
    watch.close();
  }
}

async function begin(folder: RunFolder, request: FinetuneRequest, job: JobContext) {
  if (request.base === undefined) {
    const hint = 'Name one with --base, and the cases: nothing was written down in this folder yet.';
    throw new TandemError('usage', 'There is no model to begin with', { path: folder.out, hint });
  }
  const base = await loadModelPackage(request.base);
  const device = await chooseDevice(request.device);
  const record = await beginRun(request, base, device, folder, job);
  return { record, base };
}

/** What was begun, with the base that it was begun with. Throws `usage` where something else is asked for now. */
async function goOn(folder: RunFolder, request: FinetuneRequest) {
  const record = await readRecord(folder.record);
  for (const name of ['base', 'steps', 'hours', 'target', 'reference', 'id'] as const) {
    const [now, then] = [request[name], record.request[name]];
    if (now !== undefined && now !== then) {
      throw new TandemError(
        'usage',
        `The run in this folder was begun with ${name} ${then ?? 'left out'}, not ${now}`,
        {
          path: folder.out,
          hint: 'Go on with it as it is (--resume alone), or begin anew in another folder.',
        },
      );
    }
  }
  const base = await loadModelPackage(record.basePath);
  if (base.weightsSha256 !== record.summary.base.weightsSha256) {
    throw new TandemError('bad-model', 'The base is not the one that the run was begun with', {
      path: base.path,
      hint: 'Put it back, or begin anew in another folder.',
    });
  }
  const device: ChosenDevice = await chooseDevice(record.summary.device);
  if (device.kind !== record.summary.device) throw new TandemError('device-unavailable', device.reason);
  return { record, base };
}

async function trainAndJudge(
  folder: RunFolder,
  record: RunRecord,
  base: ModelPackage,
  watch: AskedWatch,
  job: JobContext,
): Promise<FinetuneResult> {
  const { summary } = record;
  tellInputs(record, job);
  const live = new LiveRun(folder, `${summary.model}: tuned from ${base.id}`, await readLive(folder));
  const telling = (stage: 'training' | 'judging'): JobContext => ({
    ...job,
    progress: (progress) => {
      live.progress(stage, progress);
      job.progress(stage === 'judging' ? { ...progress, stage } : progress);
    },
  });
  try {
    const trained = await trainRun(folder, record, base, watch, live, telling('training'));
    const report = await judgeRun(folder, record, telling('judging'));
    const card = await publishRun(folder, trained, report);
    job.evidence?.(modelEvidence(card));
  } finally {
    await live.settled();
  }
  const result = await resultOf(folder, record);
  tellOutcome(result, job);
  return result;
}

/** A run that was killed between its end and its answer. */
async function finishedRun(folder: RunFolder, job: JobContext): Promise<FinetuneResult> {
  const record = await readRecord(folder.record);
  await removeScratch(folder);
  const result = await resultOf(folder, record);
  tellInputs(record, job);
  job.evidence?.(modelEvidence(await loadModelCard(folder.out)));
  tellOutcome(result, job);
  return result;
}

/** For the audit log, which must know what was written down even of a run that does not come to its end. */
function tellInputs({ summary }: RunRecord, job: JobContext): void {
  const { base, change, dataSha256, lockedSha256, thresholdsSha256 } = summary;
  job.evidence?.({
    model: { id: summary.model, parent: base.id, parentSha256: base.weightsSha256 },
    inputs: [
      { role: 'training data', sha256: dataSha256 },
      ...(lockedSha256 === null ? [] : [{ role: 'locked test set', sha256: lockedSha256 }]),
      { role: 'thresholds', sha256: thresholdsSha256 },
    ],
    settings: { change, cases: summary.cases.length, leftOut: summary.leftOut.length },
  });
}

function tellOutcome({ ended, steps, keptStep, acceptance, run }: FinetuneResult, job: JobContext): void {
  const { lockedSha256, thresholdsSha256 } = run;
  job.evidence?.({
    settings: {
      ...{ ended, stepsDone: steps, keptStep },
      acceptance: acceptance === null ? 'none' : acceptance.passed ? 'passed' : 'failed',
    },
    outputs: {
      ...(acceptance !== null && { acceptance: acceptance.sha256 }),
      ...(lockedSha256 !== null && { lockedTestSet: lockedSha256 }),
      thresholds: thresholdsSha256,
    },
  });
}

/** A folder in which a run was killed before it had begun is as good as an empty one. */
async function checkFree(folder: RunFolder): Promise<void> {
  if ((await exists(folder.lock)) && !(await exists(folder.run))) {
    await workOn(folder.lock, () => sweepLeftovers(folder.out));
  }
  if (await exists(folder.record)) {
    const finished = await exists(folder.card);
    throw new TandemError(
      'output-exists',
      `There is a fine-tuning in this folder${finished ? ', which is finished' : ''}`,
      {
        path: folder.out,
        hint: finished ? 'Name another folder.' : 'Go on with it (--resume), or name another folder.',
      },
    );
  }
  const names = await readdir(folder.out).catch(() => []);
  const ofChoosing = names.length > 0 && names.every((name) => join(folder.out, name) === folder.choosing);
  if (!ofChoosing) await checkOutputFolder(folder.out);
}
