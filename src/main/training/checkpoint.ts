import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { TandemError } from '../../core/errors.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../core/graph/safetensors.ts';
import { sameShape } from '../../core/graph/shape.ts';
import type { RandomState } from '../../core/random.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import type { TrainingState } from './state.ts';
import type { Scores, TrainingRecord, ValidationScore } from './trainingLog.ts';

/** The name of a checkpoint in the folder of the package that is being trained. */
export const CHECKPOINT_FILE = 'checkpoint.safetensors';

const FORMAT = 'tandem-checkpoint-3';

/** All that a later run needs to go on as if it had not stopped. */
export interface Checkpoint<S extends Scores = ValidationScore> {
  /** Steps done. */
  readonly step: number;
  /** What decides the course of the training; a run with other settings does not go on from it. */
  readonly settings: unknown;
  /** Of the last step. */
  readonly learningRate: number;
  readonly random: RandomState;
  readonly losses: LossRecord;
  readonly records: readonly TrainingRecord<S>[];
  readonly seconds: number;
  /** The best validation so far, and how many came after it. */
  readonly best: { readonly step: number; readonly score: number; readonly since: number } | null;
  readonly state: TrainingState;
  /** The weights of the best validation. */
  readonly kept: ReadonlyMap<string, NamedTensor> | undefined;
}

/** Losses of the first and of the latest steps, and of those since the latest record. */
export interface LossRecord {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly unrecorded: readonly number[];
}

const word = z.int().min(0).max(0xffffffff);
/** JSON has neither infinity nor NaN: they are words. */
const NOT_FINITE = ['NaN', 'Infinity', '-Infinity'] as const;
const score = z.union([z.number(), z.enum(NOT_FINITE).transform(Number)]);
const metadataSchema = z.object({
  step: z.int().nonnegative(),
  settings: z.unknown(),
  learningRate: z.number(),
  random: z.object({ words: z.tuple([word, word, word, word]), spare: z.number().nullable() }),
  losses: z.object({
    first: z.array(z.number()),
    last: z.array(z.number()),
    unrecorded: z.array(z.number()),
  }),
  records: z.array(
    z.object({
      step: z.int().nonnegative(),
      seconds: z.number(),
      loss: score,
      learningRate: z.number(),
      validation: z.record(z.string(), score).optional(),
    }),
  ),
  seconds: z.number().nonnegative(),
  best: z.object({ step: z.int().nonnegative(), score, since: z.int().nonnegative() }).nullable(),
});

const STATE = 'state/';
const KEPT = 'kept/';

/** Writes one file, whole or not at all, in place of the checkpoint before. */
export async function saveCheckpoint<S extends Scores>(
  path: string,
  checkpoint: Checkpoint<S>,
): Promise<void> {
  const { state, kept, ...rest } = checkpoint;
  const metadata = new Map([
    ['format', FORMAT],
    ['training', JSON.stringify(rest, (_key, value: unknown) => (isNotFinite(value) ? `${value}` : value))],
  ]);
  const tensors = new Map([
    ...[...state].map(([name, tensor]) => [STATE + name, tensor] as const),
    ...[...(kept ?? [])].map(([name, tensor]) => [KEPT + name, tensor] as const),
  ]);
  await writeFileAtomically(path, writeSafetensors(tensors, metadata));
}

/**
 * Reads a checkpoint for a training with these settings, whose state has these shapes and whose validations these
 * scores. Throws `not-found`, `bad-tensor-file`, and `usage` where the settings are not those it was written with.
 */
export async function loadCheckpoint<S extends Scores = ValidationScore>(
  path: string,
  settings: unknown,
  expected: TrainingState,
  scores: readonly (keyof S & string)[],
): Promise<Checkpoint<S>> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const code = error.code === 'ENOENT' ? 'not-found' : 'no-permission';
    throw new TandemError(code, 'There is no checkpoint to go on from', { path, cause: error });
  });
  const file = readSafetensors(bytes, path);
  const bad = (message: string) => new TandemError('bad-tensor-file', message, { path });
  if (file.metadata.get('format') !== FORMAT) throw bad('This is no checkpoint of this version');
  const { success, data } = metadataSchema.safeParse(parseJson(file.metadata.get('training') ?? '', bad));
  if (!success) throw bad('The description of the checkpoint is malformed');
  const other = firstDifference(data.settings, settings);
  if (other !== undefined) {
    throw new TandemError('usage', `The checkpoint was made with other settings or other data (${other})`, {
      path,
      hint: 'Resume with the settings that the training began with, or begin anew in another folder.',
    });
  }
  for (const { step, validation } of data.records) {
    const absent = validation && scores.find((name) => validation[name] === undefined);
    if (absent !== undefined) throw bad(`The validation of step ${step} lacks ${absent}`);
  }
  for (const [name, { shape }] of expected) {
    const tensor = file.tensors.get(STATE + name);
    if (tensor === undefined || !sameShape(tensor.shape, shape)) throw bad(`The checkpoint lacks ${name}`);
  }
  const kept = new Map(
    [...file.tensors].flatMap(([name, tensor]) =>
      name.startsWith(KEPT) ? [[name.slice(KEPT.length), tensor] as const] : [],
    ),
  );
  if (data.best !== null && kept.size === 0) throw bad('The checkpoint lacks its best weights');
  return {
    ...data,
    records: data.records as unknown as readonly TrainingRecord<S>[],
    state: new Map([...expected.keys()].map((name) => [name, file.tensors.get(STATE + name)!])),
    kept: kept.size > 0 ? kept : undefined,
  };
}

function isNotFinite(value: unknown): value is number {
  return typeof value === 'number' && !Number.isFinite(value);
}

function parseJson(text: string, bad: (message: string) => TandemError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad('The description of the checkpoint is not JSON');
  }
}

/** The name of the first setting in which two descriptions differ. */
function firstDifference(a: unknown, b: unknown): string | undefined {
  const [left, right] = [entriesOf(a), entriesOf(b)];
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names.find((name) => left.get(name) !== right.get(name));
}

/** Settings as canonical JSON by name, without what is undefined. */
function entriesOf(settings: unknown): Map<string, string> {
  return new Map(
    Object.entries(settings ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, canonical(value)] as const],
    ),
  );
}

/** JSON with sorted keys, without what is undefined. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
