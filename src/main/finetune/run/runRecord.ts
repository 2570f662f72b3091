import * as z from 'zod';
import { finetune } from '../../../core/contract/finetune.ts';
import { TandemError } from '../../../core/errors.ts';
import { readBounded } from '../../models/boundedFile.ts';

/**
 * `run.json`: all that a run is made of, written before its first step and never changed. It stays on the site's
 * own disk: the paths of cases stand in it.
 */
const recordSchema = z.object({
  format: z.literal('tandem-finetune'),
  formatVersion: z.literal(1),
  software: z.string(),
  begun: z.iso.datetime(),
  /** What was asked for, with what was decided. */
  request: finetune.request,
  /** Where the base was. */
  basePath: z.string(),
  summary: finetune.result.shape.run,
  /** `TrainingSettings`. */
  settings: z.record(z.string(), z.unknown()),
  /** The folders that all cases were found in, and where those to judge on are (of DICOM, their target series). */
  test: z.object({
    sources: z.array(z.string()),
    cases: z.array(
      z.object({
        path: z.string(),
        target: z.string(),
        patient: z.string(),
        /** Of DICOM, where studies may lie in one folder. */
        study: z.string().optional(),
      }),
    ),
    patients: z.array(z.string()),
  }),
});
export type RunRecord = z.infer<typeof recordSchema>;

const LARGEST = 64 * 2 ** 20;

export function recordText(record: RunRecord): string {
  return `${JSON.stringify(recordSchema.parse(record), null, 1)}\n`;
}

/** Throws `not-found`, `bad-training-data` where it is no such file. */
export async function readRecord(path: string): Promise<RunRecord> {
  const bytes = await readBounded(path, LARGEST).catch(() => undefined);
  if (bytes === undefined) {
    throw new TandemError('not-found', 'There is no fine-tuning in this folder', { path });
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    json = undefined;
  }
  const parsed = recordSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new TandemError('bad-training-data', 'This is not the record of a fine-tuning of this version', {
    path,
    hint: 'Begin anew in another folder.',
  });
}
