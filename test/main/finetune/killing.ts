import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { FinetuneResult } from '../../../src/core/contract/finetune.ts';
import { createRandom } from '../../../src/core/random.ts';
import { readAcceptance } from '../../../src/main/models/acceptanceFile.ts';
import { loadModelPackage } from '../../../src/main/models/loadModelPackage.ts';

const command = resolve(import.meta.dirname, '../../../bin/tandem.mjs');

/** What `tandem finetune` is asked for, all but the folder. */
export type Arguments = readonly string[];

/** One `tandem finetune` in a group of processes of its own, which can be killed as a power cut would. */
export function startRun(args: Arguments, out: string, resume: boolean) {
  const child = spawn(
    process.execPath,
    [command, 'finetune', ...args, '--out', out, ...(resume ? ['--resume'] : []), '--json'],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let [answer, said] = ['', ''];
  child.stdout.on('data', (chunk) => {
    answer += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  return {
    ended,
    kill: () => {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // It ended in this moment.
      }
    },
    said: () => said,
    /** The stage that it told last. */
    stage: () => /^(\w[\w-]*) \d/m.exec(said.trim().split('\n').at(-1) ?? '')?.[1] ?? 'starting',
    result: () => JSON.parse(answer) as FinetuneResult,
  };
}

export interface Kills {
  /** The stages in which it was killed. */
  readonly stages: readonly string[];
  /** Runs that came to their end meanwhile; each was begun anew in a folder of its own. */
  readonly results: readonly FinetuneResult[];
}

/**
 * Kills runs at random moments and goes on with them, so many times; then lets the last one come to its end. After each
 * kill, whatever looks like a package anywhere in the folder must be one.
 *
 * @param longestMs a run is killed so long after its start at most
 */
export async function killAgainAndAgain(
  args: Arguments,
  folder: string,
  { kills, longestMs, seed }: { kills: number; longestMs: number; seed: number },
  tell: (words: string) => void = () => {},
): Promise<Kills> {
  const random = createRandom(seed);
  const stages: string[] = [];
  const results: FinetuneResult[] = [];
  let run = 1;
  const outOf = () => join(folder, `killed-${run}`);
  for (let resume = false; ; ) {
    const attempt = startRun(args, outOf(), resume);
    const last = stages.length === kills;
    const timer = last ? undefined : setTimeout(attempt.kill, random.integer(longestMs));
    const code = await attempt.ended;
    clearTimeout(timer);
    await requireNoBrokenPackage(outOf());
    if (code === 0 || code === 1) {
      results.push(attempt.result());
      tell(`run ${run} came to its end`);
      if (last) return { stages, results };
      [run, resume] = [run + 1, false];
    } else if (code === null) {
      stages.push(attempt.stage());
      tell(`kill ${stages.length}: ${attempt.stage()}`);
      resume = true;
    } else throw new Error(`A run ended with ${code}: ${attempt.said()}`);
  }
}

/** Every folder that holds a card is a package that loads, and the run's own has a report about its weights. */
async function requireNoBrokenPackage(out: string): Promise<void> {
  if (!existsSync(out)) return;
  for (const path of await readdir(out, { recursive: true })) {
    if (!path.endsWith('model.json')) continue;
    const folder = dirname(join(out, path));
    const loaded = await loadModelPackage(folder);
    if (folder === out && (await readAcceptance(loaded)) === undefined)
      throw new Error(`${out} lacks its report`);
  }
}
