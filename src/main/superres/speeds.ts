/** What enhancing took in this process: asked of it before the next run. */

export interface Speed {
  /** Until the first slices were there, beyond their own time. */
  readonly startSeconds: number;
  /** With all workers at once. */
  readonly secondsPerSlice: number;
  readonly tiled: boolean;
  readonly workers: number;
  readonly memoryMb: number;
  readonly measuredOn: 'sample' | 'run';
}

const MOST = 64;
const known = new Map<string, Speed>();

/** What a speed depends on. */
export function speedKey(weightsSha256: string, device: string, rows: number, columns: number): string {
  return `${weightsSha256} ${device} ${rows} ${columns}`;
}

export function knownSpeed(key: string): Speed | undefined {
  return known.get(key);
}

/** A run tells more than a sample: it stays where one is known. */
export function rememberSpeed(key: string, speed: Speed): void {
  if (speed.measuredOn === 'sample' && known.get(key)?.measuredOn === 'run') return;
  known.delete(key);
  known.set(key, speed);
  for (const oldest of known.keys()) {
    if (known.size <= MOST) break;
    known.delete(oldest);
  }
}

/**
 * The speed behind the moments at which slices were done (seconds since the start of the run): the first slice of
 * each worker carries the start, the others the work. Undefined where there is no slice.
 */
export function paceOf(
  doneAt: readonly number[],
  workers: number,
): Pick<Speed, 'startSeconds' | 'secondsPerSlice'> | undefined {
  const last = doneAt.at(-1);
  if (last === undefined) return undefined;
  const first = doneAt[Math.min(workers, doneAt.length) - 1]!;
  const rest = doneAt.length - workers;
  // Too few slices to tell start and work apart: the whole time is the work's.
  if (rest <= 0) return { startSeconds: 0, secondsPerSlice: last / doneAt.length };
  const secondsPerSlice = (last - first) / rest;
  return { startSeconds: Math.max(0, first - workers * secondsPerSlice), secondsPerSlice };
}
