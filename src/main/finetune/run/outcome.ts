import * as z from 'zod';
import { finetuneEnd } from '../../../core/contract/finetune.ts';
import type { TrainingResult } from '../../training/train.ts';
import { type RunFolder, readJson } from './runFolder.ts';

const number = z.number().nullable();

/** `outcome.json`: how a training ended. */
const outcomeSchema = z.object({
  steps: z.number().int(),
  plannedSteps: z.number().int(),
  seconds: z.number(),
  ended: finetuneEnd,
  keptStep: z.number().int(),
  /** PSNR inside on the validation patients, dB. */
  validation: z.object({ base: number, tuned: number }),
});
export type Outcome = z.infer<typeof outcomeSchema>;

export function outcomeText(result: TrainingResult): string {
  const { steps, plannedSteps, seconds, ended, keptStep, records } = result;
  const inside = (step: number) => {
    const found = records.find((record) => record.step === step)?.validation?.psnrInside;
    return found !== undefined && Number.isFinite(found) ? found : null;
  };
  const validation = { base: inside(0), tuned: inside(keptStep) };
  return `${JSON.stringify(outcomeSchema.parse({ steps, plannedSteps, seconds, ended, keptStep, validation }), null, 1)}\n`;
}

/** Undefined where the training has not ended. */
export async function readOutcome({ outcome }: RunFolder): Promise<Outcome | undefined> {
  const found = outcomeSchema.safeParse(await readJson(outcome));
  return found.success ? found.data : undefined;
}
