import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeFileAtomically } from '../export/atomic.ts';
import { privateDataFolder } from '../library/folder.ts';

/**
 * The windows of the browser shell that a next start lets in again, so that one that was open when the
 * workstation ended comes back by itself: the port it looks at, and fingerprints of session keys, from which no
 * key can be made. Kept in the data folder, for its owner alone.
 */
export interface KnownWindows {
  readonly port: number | undefined;
  /** See `fingerprint` in access.ts. */
  readonly sessions: readonly string[];
}

const FILE = 'windows.json';
/** A window that was not there for this long asks for a new address. */
const KEPT_MS = 12 * 60 * 60 * 1000;
const MOST = 16;

const form = z.object({
  port: z.int().min(1).max(65_535),
  sessions: z.array(z.object({ sha256: z.string().length(43), seenMs: z.number() })),
});

/** What was kept; nothing where there is none, or none that can be read. */
export async function readKnownWindows(folder: string, nowMs = Date.now()): Promise<KnownWindows> {
  const { port, sessions } = await read(folder);
  return {
    port,
    sessions: sessions.filter(({ seenMs }) => isRecent(seenMs, nowMs)).map(({ sha256 }) => sha256),
  };
}

/** Keeps that a window was let in. Throws `no-permission` or `write-failed`. */
export async function keepWindow(
  folder: string,
  window: { readonly port: number; readonly sha256: string },
  nowMs = Date.now(),
): Promise<void> {
  const { sessions } = await read(folder);
  const others = sessions.filter(({ sha256, seenMs }) => sha256 !== window.sha256 && isRecent(seenMs, nowMs));
  const kept = { port: window.port, sessions: [...others, { sha256: window.sha256, seenMs: nowMs }] };
  await writeFileAtomically(
    join(privateDataFolder(folder), FILE),
    JSON.stringify({ ...kept, sessions: kept.sessions.slice(-MOST) }),
    { mode: 0o600 },
  );
}

const isRecent = (seenMs: number, nowMs: number): boolean => seenMs <= nowMs && nowMs - seenMs < KEPT_MS;

async function read(
  folder: string,
): Promise<{ port: number | undefined; sessions: z.infer<typeof form>['sessions'] }> {
  try {
    return form.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
  } catch {
    return { port: undefined, sessions: [] };
  }
}
