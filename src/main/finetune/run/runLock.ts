import { createHash, randomUUID } from 'node:crypto';
import { rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { TandemError } from '../../../core/errors.ts';
import { makeFolders } from '../../export/makeFolders.ts';
import { writeError } from '../../export/writeErrors.ts';
import { isProcessAlive } from '../../processAlive.ts';
import { readJson } from './runFolder.ts';

/** Who works on a run: one process at a time. It says every now and then that it is there. */
const lockSchema = z.object({ token: z.string(), pid: z.int().positive(), host: z.string() });

const BEAT_MS = 10_000;
/** A process number that was silent for so long belongs to something else. */
const SILENT_MS = 5 * 60_000;
/** A program that was killed takes its compute host with it within the step in hand. */
const GRACE_MS = 4000;
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** Whether a process works on the run whose lock this is. */
export async function isWorkedOn(path: string): Promise<boolean> {
  const found = lockSchema.safeParse(await readJson(path));
  if (!found.success) return false;
  const changed = await stat(path).catch(() => undefined);
  if (changed === undefined || Date.now() - changed.mtimeMs > SILENT_MS) return false;
  return found.data.host !== HOST || isProcessAlive(found.data.pid);
}

/**
 * Does work on a run that nobody else works on meanwhile. Throws `output-exists` where somebody does, `no-permission`
 * and `write-failed` about the folder, and what the work throws.
 */
export async function workOn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + GRACE_MS;
  while (await isWorkedOn(path)) {
    if (Date.now() > until) throw beingWorkedOn(path);
    await sleep(100);
  }
  const token = randomUUID();
  let made: string | undefined;
  try {
    made = await makeFolders(dirname(path));
    // What a killed process left is in the way of a new one, which is to be the only one that makes it.
    await rm(path, { force: true });
    await writeFile(path, JSON.stringify({ token, pid: process.pid, host: HOST }), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw beingWorkedOn(path);
    throw writeError(error as NodeJS.ErrnoException, dirname(path));
  }
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), BEAT_MS);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true }).catch(() => {});
    // A folder that was made for work that came to nothing.
    if (made !== undefined) await rmdir(dirname(path)).catch(() => {});
  }
}

function beingWorkedOn(path: string): TandemError {
  return new TandemError('output-exists', 'A fine-tuning is going on in this folder', {
    path: dirname(path),
    hint: 'Wait for it, or stop it first.',
  });
}
