import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import type { Handler } from '../host/handler.ts';
import { ask, readAsked } from './run/asked.ts';
import { type Live, readLive } from './run/liveRun.ts';
import { exists, type RunFolder, runFolder } from './run/runFolder.ts';
import { isWorkedOn } from './run/runLock.ts';
import { readRecord } from './run/runRecord.ts';
import { resultOf } from './run/runResult.ts';

type Status = Result<'finetuneStatus'>;

/** How far a run is, read from its folder, whichever process works on it. Throws `bad-training-data`. */
export const finetuneStatusOperation: Handler<'finetuneStatus'> = async ({ out, samples }) => {
  const folder = runFolder(out);
  const stage = await stageOf(folder);
  const record = (await exists(folder.record)) ? await readRecord(folder.record) : undefined;
  const live = await readLive(folder);
  const { step, steps, seconds, secondsLeft, message } = live;
  return {
    stage,
    asked: stage === 'finished' ? null : (readAsked(folder) ?? null),
    run: record?.summary ?? null,
    ...{ step, steps, seconds, message },
    secondsLeft: stage === 'training' || stage === 'judging' ? secondsLeft : null,
    records: live.records.map(({ validation, ...line }) => ({
      ...line,
      validation: validation === undefined ? null : scoresOf(validation),
    })),
    samples: samples ? await samplesOf(folder, live) : [],
    result: stage === 'finished' && record !== undefined ? await resultOf(folder, record) : null,
  };
};

/** Asks a run to pause, or to stop and keep the best. Throws `not-found` where nobody works on one. */
export const finetuneControlOperation: Handler<'finetuneControl'> = async ({ out, action }) => {
  const folder = runFolder(out);
  const stage = await stageOf(folder);
  if (stage !== 'training' && stage !== 'judging') {
    throw new TandemError('not-found', `No fine-tuning goes on in this folder (${stage})`, {
      path: folder.out,
      hint: 'Only a run that is training or being judged can be asked for something.',
    });
  }
  await ask(folder, action);
  return { stage };
};

async function stageOf(folder: RunFolder): Promise<Status['stage']> {
  if (await exists(folder.card)) return (await exists(folder.record)) ? 'finished' : 'none';
  const worked = await isWorkedOn(folder.lock);
  if (!(await exists(folder.record))) return worked ? 'preparing' : 'none';
  if (worked) {
    const { stage } = await readLive(folder);
    return stage === 'preparing' ? 'training' : stage;
  }
  return readAsked(folder) === 'pause' ? 'paused' : 'interrupted';
}

function scoresOf(
  scores: Readonly<Record<string, number | null>>,
): NonNullable<Status['records'][number]['validation']> {
  const of = (name: string) => scores[name] ?? null;
  return {
    psnr: of('psnr'),
    psnrInside: of('psnrInside'),
    ssim: of('ssim'),
    ssimInside: of('ssimInside'),
    gain: of('gain'),
    gainInside: of('gainInside'),
  };
}

/** Of each case the base's slice beside the best one so far; those of a case that cannot be read are left out. */
async function samplesOf(
  { samples: folder }: RunFolder,
  { samples, records }: Live,
): Promise<Status['samples']> {
  const best = bestStep(records);
  const found = await Promise.all(
    samples.map(async ({ case: name, slice, truth, zeroFilled, enhanced }) => {
      const png = async (file: string) => (await readFile(join(folder, file))).toString('base64');
      const at = async (one: { step: number; file: string } | undefined) =>
        one === undefined ? null : { step: one.step, case: name, slice, png: await png(one.file) };
      const tuned = enhanced.filter(({ step }) => step > 0);
      try {
        return [
          {
            case: name,
            slice,
            truth: await png(truth),
            zeroFilled: await png(zeroFilled),
            before: await at(enhanced.find(({ step }) => step === 0)),
            after: await at(tuned.find(({ step }) => step === best) ?? tuned.at(-1)),
          },
        ];
      } catch {
        return [];
      }
    }),
  );
  return found.flat();
}

/** The step whose weights would be kept now. */
function bestStep(records: Live['records']): number | undefined {
  let best: { readonly step: number; readonly score: number } | undefined;
  for (const { step, validation } of records) {
    const score = validation?.gainInside ?? validation?.gain;
    if (typeof score === 'number' && (best === undefined || score > best.score)) best = { step, score };
  }
  return best?.step;
}
