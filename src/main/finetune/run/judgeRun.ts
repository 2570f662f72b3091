import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AcceptanceReport } from '../../../core/contract/acceptance.ts';
import { ACCEPTANCE_FILE, acceptanceReport } from '../../../core/contract/acceptance.ts';
import { operations } from '../../../core/contract/operations.ts';
import type { JobContext } from '../../../core/job.ts';
import { loadModelCard } from '../../models/loadModelPackage.ts';
import type { FoundCase } from '../../training/data/layouts.ts';
import { judgeModels } from '../acceptance/judgeOperation.ts';
import { type RunFolder, readJson } from './runFolder.ts';
import type { RunRecord } from './runRecord.ts';

/**
 * The acceptance report of the candidate on the locked test set, by the thresholds that were written down; undefined
 * where there is nobody to judge on. A report that is there already is taken, where it is about these weights.
 * Throws as `judgeModels`.
 */
export async function judgeRun(
  folder: RunFolder,
  record: RunRecord,
  job: JobContext,
): Promise<AcceptanceReport | undefined> {
  const { test, summary, request } = record;
  if (test.cases.length === 0) return undefined;
  const { weights } = await loadModelCard(folder.candidate);
  const known = acceptanceReport.safeParse(await readJson(join(folder.acceptance, ACCEPTANCE_FILE)));
  if (known.success && known.data.tuned.weightsSha256 === weights.sha256) return known.data;
  await rm(folder.acceptance, { recursive: true, force: true });
  const isTested = (found: FoundCase) =>
    test.cases.some(
      (one) =>
        one.path === found.path &&
        one.target === found.target &&
        one.patient === found.patient &&
        (one.study ?? found.name) === found.name,
    );
  const judged = await judgeModels(
    operations.modelsJudge.request.parse({
      base: record.basePath,
      tuned: folder.candidate,
      test: test.sources,
      target: summary.target,
      reference: summary.reference ?? undefined,
      thresholds: folder.thresholds,
      thresholdsSha256: summary.thresholdsSha256,
      locked: folder.locked,
      registration: request.registration,
      device: summary.device,
      out: folder.acceptance,
    }),
    job,
    { layout: request.layout, takes: isTested, soFar: folder.judged },
  );
  return judged.report;
}
