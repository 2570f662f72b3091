/**
 * The names of the volumes that the viewer holds, and how to free them. Kept apart from cornerstone, so that
 * the state can forget images without loading the viewer (its code is fetched when there is something to
 * show).
 */
const held = new Map<string, { abort: AbortController; free: () => void }>();

/** Notes a volume that is being loaded; `undefined` when it is already held. */
export function holdVolume(key: string): AbortController | undefined {
  if (held.has(key)) return undefined;
  const abort = new AbortController();
  held.set(key, { abort, free: () => {} });
  return abort;
}

/** Says how to free a volume that is now in memory; false when it was dropped meanwhile. */
export function volumeArrived(key: string, abort: AbortController, free: () => void): boolean {
  const entry = held.get(key);
  if (entry?.abort !== abort) return false;
  held.set(key, { abort, free });
  return true;
}

export function dropVolumes(which: (key: string) => boolean): void {
  for (const [key, { abort, free }] of held) {
    if (!which(key)) continue;
    held.delete(key);
    abort.abort();
    free();
  }
}
