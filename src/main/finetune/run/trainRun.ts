import { rm, writeFile } from 'node:fs/promises';
import type { Request } from '../../../core/contract/operations.ts';
import { TandemError } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { networkNamed } from '../../../core/networks/index.ts';
import { CURVES_FILE, LOG_FILE } from '../../models/card.ts';
import type { ModelPackage } from '../../models/loadModelPackage.ts';
import { type CardDraft, writeModelPackage } from '../../models/writeModelPackage.ts';
import { cardDraft } from '../../training/cardDraft.ts';
import { curvesSvg } from '../../training/curves.ts';
import type { TrainingSettings } from '../../training/settings.ts';
import { type TrainingResult, trainNetwork } from '../../training/train.ts';
import { type RequestedData, requestedData } from '../../training/trainingData.ts';
import { logCsv } from '../../training/trainingLog.ts';
import { readLockedSet, refuseLocked } from '../lockedSet.ts';
import type { AskedWatch } from './asked.ts';
import { trainRequestOf } from './decide.ts';
import type { LiveRun } from './liveRun.ts';
import { outcomeText } from './outcome.ts';
import { exists, type RunFolder } from './runFolder.ts';
import type { RunRecord } from './runRecord.ts';

/** How often a full disk is looked at. */
const FULL_DISK_MS = 10_000;

/** What a training made, before it is judged. */
export interface Trained {
  readonly draft: CardDraft;
  readonly weights: TrainingResult['weights'];
  /** Of the package, beside its weights and card. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Trains as the record says, from the base or from the checkpoint, and writes the candidate beside it. Throws
 * `diverged` where no weights were better than the base's, `cancelled` (the last good state is in the checkpoint).
 */
export async function trainRun(
  folder: RunFolder,
  record: RunRecord,
  base: ModelPackage,
  watch: AskedWatch,
  live: LiveRun,
  job: JobContext,
): Promise<Trained> {
  const { request, summary } = record;
  const settings = record.settings as unknown as TrainingSettings;
  const contrasts = { target: summary.target, reference: summary.reference ?? undefined };
  const train = trainRequestOf(request, base, contrasts, folder.data);
  const data = await dataOf(folder, record, train, job);
  const result = await trainNetwork(
    settings,
    data,
    {
      checkpoint: folder.checkpoint,
      checkpointSeconds: request.checkpointSeconds,
      resume: await exists(folder.checkpoint),
      start: base.weights,
      finish: () => watch.finish,
      keepBestWhenDiverged: true,
      waitForDiskMs: FULL_DISK_MS,
      onRecord: (records, steps) => live.recorded(records, steps),
      onValidated: (step, slices) => live.validated(step, slices),
    },
    job,
  );
  if (result.keptStep === 0) throw nothingGained(folder, result);
  const title = `${summary.model}: ${settings.network} ×${settings.scale}, tuned from ${base.id}`;
  const files = new Map([
    [CURVES_FILE, curvesSvg(result.records, title)],
    [LOG_FILE, logCsv(result.records)],
  ]);
  const from = { id: base.id, sha256: base.weightsSha256 };
  const draft = cardDraft(train, summary.model, settings, data, result, from);
  await rm(folder.candidate, { recursive: true, force: true });
  await writeModelPackage(folder.candidate, draft, result.weights, { files });
  await writeFile(folder.outcome, outcomeText(result));
  return { draft, weights: result.weights, files };
}

async function dataOf(
  folder: RunFolder,
  { summary, test }: RunRecord,
  train: Request<'train'>,
  job: JobContext,
): Promise<RequestedData> {
  const usesReference = networkNamed(train.network).usesReference;
  const data = await requestedData(train, usesReference, job);
  if (data.described?.manifestSha256 !== summary.dataSha256) {
    throw new TandemError('bad-training-data', 'The slices are not those that were written down', {
      path: folder.data,
      hint: 'Begin anew in another folder.',
    });
  }
  if (summary.lockedSha256 !== null) {
    const { locked, sha256 } = await readLockedSet(folder.locked);
    if (sha256 !== summary.lockedSha256) {
      throw new TandemError('bad-training-data', 'The locked test set was changed after the run began', {
        path: folder.locked,
        hint: 'Begin anew in another folder.',
      });
    }
    refuseLocked(locked, [...data.train, ...data.validation]);
  }
  const { described } = data;
  return { ...data, described: { ...described, split: { ...described.split, test: test.patients } } };
}

function nothingGained({ out }: RunFolder, { ended, steps }: TrainingResult): TandemError {
  const why = ended === 'diverged' ? 'and then it diverged' : 'and so nothing is kept';
  return new TandemError(
    'diverged',
    `In ${steps} steps no weights were better on the validation patients than those of the base, ${why}`,
    {
      path: out,
      hint: 'Begin anew, in another folder, with more cases, a lower --learning-rate or --last-stages.',
    },
  );
}
