import { randomUUID } from 'node:crypto';
import { access, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MODEL_FILE } from '../../models/card.ts';
import { CHECKPOINT_FILE } from '../../training/checkpoint.ts';
import { LOCKED_FILE } from '../lockedSet.ts';

/** What is where in the folder of a run, which becomes the package of the tuned model. */
export interface RunFolder {
  /** The folder itself. */
  readonly out: string;
  /** The card of the package: there as soon as the run is finished, and everything else before it. */
  readonly card: string;
  /** Who works on it. */
  readonly lock: string;
  /** What was found out about cases before that. */
  readonly choosing: string;
  /** Written whole, before the first step; all below lie in it. */
  readonly run: string;
  readonly record: string;
  readonly locked: string;
  readonly thresholds: string;
  /** The slices that are learned from; gone once the run is finished. */
  readonly data: string;
  readonly checkpoint: string;
  /** What was made, before it is published; gone once it is. */
  readonly candidate: string;
  readonly acceptance: string;
  /** Cases that are judged already; gone once the run is finished. */
  readonly judged: string;
  /** How the training ended. */
  readonly outcome: string;
  /** How far it is, for whoever looks. */
  readonly live: string;
  readonly page: string;
  readonly samples: string;
  /** What it is asked to do. */
  readonly asked: string;
}

export function runFolder(path: string): RunFolder {
  const out = resolve(path);
  const run = join(out, 'run');
  return {
    out,
    run,
    card: join(out, MODEL_FILE),
    lock: join(out, 'running.json'),
    choosing: join(out, 'choosing.json'),
    record: join(run, 'run.json'),
    locked: join(run, LOCKED_FILE),
    thresholds: join(run, 'thresholds.json'),
    data: join(run, 'data'),
    checkpoint: join(run, CHECKPOINT_FILE),
    candidate: join(run, 'candidate'),
    acceptance: join(run, 'acceptance'),
    judged: join(run, 'judged'),
    outcome: join(run, 'outcome.json'),
    live: join(run, 'live.json'),
    page: join(run, 'training.html'),
    samples: join(run, 'samples'),
    asked: join(run, 'asked.json'),
  };
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Replaces a small file that is only looked at: not flushed, so that it costs nothing, and nothing is told where
 * it cannot be written.
 */
export async function replaceQuietly(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  try {
    await writeFile(beside, content);
    await rename(beside, path);
  } catch {
    await rm(beside, { force: true }).catch(() => {});
  }
}

/** What a file of JSON holds; undefined where it is not there or is none. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
