import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const PARTIAL = /^\..*\.partial-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A name beside `path` for what is still being written: `.<name>.partial-<host>-<pid>-<uuid>`. Host and
 * process let a later run tell whether its writer is dead (`sweepLeftovers`).
 */
export function partialSibling(path: string): string {
  const name = [...basename(path)].slice(0, 40).join('');
  return join(dirname(path), `.${name}.partial-${HOST}-${process.pid}-${randomUUID()}`);
}

/**
 * Removes from `folder` what killed runs left behind. Only names that `partialSibling` makes are touched,
 * and of these only those whose writer is provably dead: of this machine, and either no such process, or
 * this process's number on something older than this process. Never throws.
 *
 * @returns the paths removed.
 */
export async function sweepLeftovers(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const removed: string[] = [];
  for (const name of names) {
    const match = PARTIAL.exec(name);
    if (match === null || match[1] !== HOST) continue;
    const path = join(folder, name);
    if (!(await isDead(Number(match[2]), path))) continue;
    try {
      await rm(path, { recursive: true, force: true });
      removed.push(path);
    } catch {
      // Someone else's folder permissions: not ours to fight, and no reason to fail an export.
    }
  }
  return removed;
}

async function isDead(pid: number, path: string): Promise<boolean> {
  if (pid === process.pid) {
    const changed = await stat(path).catch(() => undefined);
    return changed !== undefined && changed.mtimeMs < Date.now() - process.uptime() * 1000;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
