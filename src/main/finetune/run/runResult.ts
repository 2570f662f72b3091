import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ACCEPTANCE_FILE,
  type AcceptanceReport,
  acceptanceReport,
} from '../../../core/contract/acceptance.ts';
import type { FinetuneResult } from '../../../core/contract/finetune.ts';
import { loadModelCard } from '../../models/loadModelPackage.ts';
import { readLive } from './liveRun.ts';
import { readOutcome } from './outcome.ts';
import { exists, type RunFolder } from './runFolder.ts';
import type { RunRecord } from './runRecord.ts';

/** What a run came to, from what lies in its folder. */
export async function resultOf(folder: RunFolder, { summary }: RunRecord): Promise<FinetuneResult> {
  const finished = await exists(folder.card);
  const outcome = await readOutcome(folder);
  if (!finished || outcome === undefined) {
    const { step, steps, seconds } = await readLive(folder);
    return {
      state: 'paused',
      path: folder.out,
      run: summary,
      ...{ steps: step, plannedSteps: steps, seconds, ended: null, keptStep: null },
      validation: { base: null, tuned: null },
      weightsSha256: null,
      acceptance: null,
    };
  }
  const { weights } = await loadModelCard(folder.out);
  return {
    state: 'finished',
    path: folder.out,
    run: summary,
    ...outcome,
    weightsSha256: weights.sha256,
    acceptance: await acceptanceOf(folder),
  };
}

async function acceptanceOf({ out }: RunFolder): Promise<FinetuneResult['acceptance']> {
  const path = join(out, ACCEPTANCE_FILE);
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return null;
  const report = acceptanceReport.parse(JSON.parse(bytes.toString('utf8')));
  const { passed, failures } = report;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    path,
    sha256,
    passed,
    failures,
    psnr: gainOf(report, 'psnr'),
    psnrInside: gainOf(report, 'psnrInside'),
  };
}

function gainOf({ statistics }: AcceptanceReport, wanted: 'psnr' | 'psnrInside') {
  const found = statistics.find(({ quantity, basis }) => quantity === wanted && basis === 'difference');
  return { mean: found?.mean ?? null, interval95: found?.interval95 ?? null, patients: found?.n ?? 0 };
}
