import { readdirSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive } from '../processAlive.ts';

/**
 * The temporary folders that archives are unpacked to, named by the process that made them, so that another
 * can remove what it left: the compute host is killed and not ended, and patients' files must not outlive it.
 */
const PREFIX = 'tandem-zip-';

/** What the name of a folder of a process begins with, path and all. */
export function unpackedPrefix(pid: number): string {
  return join(tmpdir(), `${PREFIX}${pid}-`);
}

/** Removes what a process has unpacked, at once. */
export function removeUnpackedOf(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    for (const name of readdirSync(tmpdir())) {
      if (name.startsWith(`${PREFIX}${pid}-`)) {
        rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3 });
      }
    }
  } catch {
    // The next process that reads anything sweeps it.
  }
}

let isSwept = false;

/** Removes what processes that are gone have left unpacked: once a process, before it reads anything. */
export async function sweepLeftovers(): Promise<void> {
  if (isSwept) return;
  isSwept = true;
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isProcessAlive(Number(pid))) {
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
    }
  }
}
