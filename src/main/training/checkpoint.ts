import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { TandemError } from '../../core/errors.ts';
import { readSafetensors, writeSafetensors } from '../../core/graph/safetensors.ts';
import { sameShape } from '../../core/graph/shape.ts';
import type { RandomState } from '../../core/random.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import type { TrainingState } from './state.ts';

/** The name of a checkpoint in the folder of the package that is being trained. */
export const CHECKPOINT_FILE = 'checkpoint.safetensors';

const FORMAT = 'tandem-checkpoint-1';

/** All that a later run needs to go on as if it had not stopped. */
export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** What decides the course of the training; a run with other settings does not go on from it. */
  readonly settings: unknown;
  readonly random: RandomState;
  readonly losses: LossRecord;
  readonly seconds: number;
  readonly state: TrainingState;
}

/** Sums of the losses of the first and of the latest steps. */
export interface LossRecord {
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const word = z.int().min(0).max(0xffffffff);
const metadataSchema = z.object({
  step: z.int().nonnegative(),
  settings: z.unknown(),
  random: z.object({ words: z.tuple([word, word, word, word]), spare: z.number().nullable() }),
  losses: z.object({ first: z.array(z.number()), last: z.array(z.number()) }),
  seconds: z.number().nonnegative(),
});

/** Writes one file, whole or not at all, in place of the checkpoint before. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { state, ...rest } = checkpoint;
  const metadata = new Map([
    ['format', FORMAT],
    ['training', JSON.stringify(rest)],
  ]);
  await writeFileAtomically(path, writeSafetensors(state, metadata));
}

/**
 * Reads a checkpoint for a training with these settings, whose state has these shapes. Throws `not-found`,
 * `bad-tensor-file`, and `usage` where the settings are not those it was written with.
 */
export async function loadCheckpoint(
  path: string,
  settings: unknown,
  expected: TrainingState,
): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const code = error.code === 'ENOENT' ? 'not-found' : 'no-permission';
    throw new TandemError(code, 'There is no checkpoint to go on from', { path, cause: error });
  });
  const file = readSafetensors(bytes, path);
  const bad = (message: string) => new TandemError('bad-tensor-file', message, { path });
  if (file.metadata.get('format') !== FORMAT) throw bad('This is no checkpoint of this version');
  const { success, data } = metadataSchema.safeParse(parseJson(file.metadata.get('training') ?? '', bad));
  if (!success) throw bad('The description of the checkpoint is malformed');
  if (canonical(data.settings) !== canonical(settings)) {
    throw new TandemError('usage', 'The checkpoint was made with other settings or other data', {
      path,
      hint: 'Resume with the settings that the training began with, or begin anew in another folder.',
    });
  }
  for (const [name, { shape }] of expected) {
    const tensor = file.tensors.get(name);
    if (tensor === undefined || !sameShape(tensor.shape, shape)) throw bad(`The checkpoint lacks ${name}`);
  }
  const state = new Map([...expected.keys()].map((name) => [name, file.tensors.get(name)!]));
  return { ...data, state };
}

function parseJson(text: string, bad: (message: string) => TandemError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad('The description of the checkpoint is not JSON');
  }
}

/** JSON with sorted keys, without what is undefined. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
