import { availableMemoryMb } from './memory.ts';

/** What of a pool is needed to keep it. */
interface Closable {
  close(): void;
}

/**
 * Pools whose job is done, kept with their threads and sessions for the next job of the same kind: starting
 * two threads and opening a small model in each takes a quarter of a second, more than a few slices.
 */
interface KeptPool {
  readonly key: string;
  readonly pool: Closable;
  readonly mb: number;
  readonly timer: NodeJS.Timeout;
}

/** Most that kept pools may hold together, and their share of the memory that is free. */
const MOST_MB = 1024;
const SHARE_OF_FREE = 1 / 8;
const KEEP_MS = 60_000;
/** How often it is looked whether the memory is needed elsewhere. */
const WATCH_MS = 5000;

const kept: KeptPool[] = [];
let watch: NodeJS.Timeout | undefined;

/** A kept pool, which is not kept any more: of the kind that was kept under this key. */
export function takePool<Pool extends Closable>(key: string): Pool | undefined {
  const found = kept.find((one) => one.key === key);
  if (found === undefined) return undefined;
  forget(found);
  return found.pool as Pool;
}

/**
 * Keeps a pool that rests for the next job with the same key, for a minute and as long as there is memory for
 * it; closes it at once where it is too large.
 *
 * @param mb what its threads hold
 */
export function keepPool(key: string, pool: Closable, mb: number, keepMs: number = KEEP_MS): void {
  const timer = setTimeout(() => release(one), keepMs);
  timer.unref();
  const one: KeptPool = { key, pool, mb, timer };
  kept.push(one);
  releaseBeyond(allowedMb());
  watch ??= setInterval(() => releaseBeyond(allowedMb()), WATCH_MS).unref();
}

/** Closes the pools that were kept first, until the others hold no more than so much. */
export function releaseBeyond(mb: number): void {
  while (kept.reduce((sum, one) => sum + one.mb, 0) > mb) release(kept[0]!);
}

/** Closes all kept pools. */
export function releaseKeptPools(): void {
  for (const one of [...kept]) release(one);
}

function allowedMb(): number {
  return Math.min(MOST_MB, availableMemoryMb() * SHARE_OF_FREE);
}

function release(one: KeptPool): void {
  forget(one);
  one.pool.close();
}

function forget(one: KeptPool): void {
  clearTimeout(one.timer);
  kept.splice(kept.indexOf(one), 1);
  if (kept.length > 0) return;
  clearInterval(watch);
  watch = undefined;
}
