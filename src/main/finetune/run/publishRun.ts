import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ACCEPTANCE_FILE,
  type AcceptanceMeasures,
  type AcceptanceReport,
} from '../../../core/contract/acceptance.ts';
import { writeFileAtomically } from '../../export/atomic.ts';
import type { Measurement, ModelCard } from '../../models/card.ts';
import { writeModelPackage } from '../../models/writeModelPackage.ts';
import { ACCEPTANCE_PAGE } from '../acceptance/judgeOperation.ts';
import type { RunFolder } from './runFolder.ts';
import type { Trained } from './trainRun.ts';

/**
 * Makes the folder of the run the package of the tuned model: its report first, its card last, each file whole or
 * not at all. What was only needed on the way goes then.
 */
export async function publishRun(
  folder: RunFolder,
  { draft, weights, files }: Trained,
  report: AcceptanceReport | undefined,
): Promise<ModelCard> {
  if (report !== undefined) {
    for (const name of [ACCEPTANCE_FILE, ACCEPTANCE_PAGE]) {
      await writeFileAtomically(join(folder.out, name), await readFile(join(folder.acceptance, name)));
    }
  }
  const measured = report === undefined ? [] : measurementsOf(report, draft.id);
  const card = await writeModelPackage(folder.out, { ...draft, measured }, weights, { files });
  await removeScratch(folder);
  return card;
}

/** What only the way to the package needed. */
export async function removeScratch(folder: RunFolder): Promise<void> {
  for (const path of [
    folder.candidate,
    folder.judged,
    folder.data,
    folder.checkpoint,
    folder.asked,
    folder.page,
  ]) {
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** For the card: what the report measured on patients that the model never saw. */
function measurementsOf({ cases, base, scale }: AcceptanceReport, id: string): Measurement[] {
  return cases.flatMap(({ name, slices, methods }): Measurement[] => {
    const quality = ({ psnr, ssim, psnrInside, ssimInside }: AcceptanceMeasures) =>
      psnr === null || ssim === null || psnrInside === null || ssimInside === null
        ? undefined
        : { psnr, ssim, psnrInside, ssimInside };
    const [zeroFill, before, tuned] = [methods.zeroFill, methods.base, methods.tuned].map(quality);
    if (zeroFill === undefined || before === undefined || tuned === undefined) return [];
    const named = { 'zero-fill': zeroFill, [base.id]: before, [id]: tuned };
    return [{ case: name, trainedOn: false, scale, slices: slices.length, methods: named }];
  });
}
