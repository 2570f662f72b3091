import { setTimeout } from 'node:timers/promises';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { isPassingFailure } from './networkErrors.ts';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/** How long to wait before attempt `attempt` (2 is the first repetition): 1, 2, 4 s and so on, at most 60 s. */
export function waitBeforeMs(attempt: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 2));
}

/**
 * Does something again while it fails for a reason that may pass. `madeProgress`, asked once after each
 * failure, starts the count anew: a long sending over a bad line does not end because it broke often.
 * @returns how many attempts it took
 * @throws what the last attempt threw
 */
export async function withRetries(
  attempt: () => Promise<'done' | 'again'>,
  options: { readonly retries: number; readonly madeProgress: () => boolean; readonly job: JobContext },
): Promise<number> {
  const { retries, madeProgress, job } = options;
  let failures = 0;
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt().catch((error: unknown) => {
      if (error instanceof TandemError && isPassingFailure(error)) return error;
      throw error;
    });
    if (outcome === 'done') return attempts;
    failures = madeProgress() ? 1 : failures + 1;
    if (failures > retries) {
      if (outcome === 'again') return attempts;
      throw outcome;
    }
    const why = outcome === 'again' ? 'Some were refused for now' : outcome.message;
    const waitMs = waitBeforeMs(failures + 1);
    const message = `${why}; trying again in ${Math.round(waitMs / 1000)} s`;
    job.progress({ stage: 'waiting', done: 0, total: 0, message });
    await setTimeout(waitMs, undefined, { signal: job.signal }).catch(() => {
      throw new TandemError('cancelled', 'Cancelled');
    });
  }
}
