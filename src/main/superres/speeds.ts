import { existsSync } from 'node:fs';
import * as z from 'zod';
import { inPassing, library } from '../library/library.ts';
import { keepSpeed, speedKept } from '../library/speedRows.ts';
import { machineIdentity } from '../machine.ts';

/** What enhancing took on this machine, in this process or before: asked of it before the next run. */

const speed = z.object({
  /** Until the first slices were there, beyond their own time. */
  startSeconds: z.number(),
  /** With all workers at once. */
  secondsPerSlice: z.number(),
  tiled: z.boolean(),
  workers: z.number(),
  memoryMb: z.number(),
  measuredOn: z.enum(['sample', 'run']),
});
export type Speed = Readonly<z.infer<typeof speed>>;

/** In case there is no library, or none that can be written. */
const MOST = 64;
const known = new Map<string, Speed>();

/** What a speed depends on. */
export function speedKey(weightsSha256: string, device: string, rows: number, columns: number): string {
  return `${weightsSha256} ${device} ${rows} ${columns}`;
}

/** As it was measured last; what another version kept and this one cannot read was never measured. */
export function knownSpeed(key: string): Speed | undefined {
  return known.get(key) ?? keptSpeed(key);
}

function keptSpeed(key: string): Speed | undefined {
  if (!existsSync(library().path)) return undefined;
  const found = inPassing((kept) => kept.use((database) => speedKept(database, machineIdentity(), key)));
  const read = speed.safeParse(found);
  return read.success ? read.data : undefined;
}

/** Kept with the library, where there is one. A run tells more than a sample: it stays where one is known. */
export function rememberSpeed(key: string, measured: Speed): Speed {
  if (measured.measuredOn === 'sample' && knownSpeed(key)?.measuredOn === 'run') return measured;
  known.delete(key);
  known.set(key, measured);
  for (const oldest of known.keys()) {
    if (known.size <= MOST) break;
    known.delete(oldest);
  }
  // A command must not begin a library.
  if (!existsSync(library().path)) return measured;
  inPassing((kept) =>
    kept.change((database) =>
      keepSpeed(database, { machine: machineIdentity(), key, speed: measured, atMs: Date.now() }),
    ),
  );
  return measured;
}

/** Forgets what this process measured, as its end does; what is kept stays. */
export function forgetSpeeds(): void {
  known.clear();
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
