import { Worker } from 'node:worker_threads';
import type { AlignedBy } from '../../core/contract/schemas.ts';
import { type ErrorData, fromErrorData, TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { type Affine, IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { workerUrl } from '../runtime/workerUrl.ts';
import { judge, reportOfHeaders, untrustedWithout } from './judge.ts';
import { type findMotion, LEVELS, measureAsTheyLie, measureHeaders } from './pipeline.ts';
import { boundedVolume } from './prepare.ts';
import type { RegistrationResult } from './types.ts';

type Outcome = Awaited<ReturnType<typeof findMotion>>;

/** What the worker is to do: find a motion (from where, instead of searching), or measure one that is given. */
export type RegistrationTask =
  | { readonly kind: 'find'; readonly from?: Affine | undefined }
  | { readonly kind: 'measure'; readonly motion: Affine };

export type FromRegistrationWorker =
  | { readonly type: 'step'; readonly done: number }
  | { readonly type: 'found'; readonly outcome: Outcome }
  | { readonly type: 'error'; readonly error: ErrorData };

const STEPS = LEVELS.length + 2;

/**
 * Finds the rigid motion that lays the moving volume (the reference) on the fixed one (the target), by
 * mutual information, in a worker thread. Large volumes are registered at reduced resolution, invented
 * slices by interpolation. The same input gives the same bytes.
 *
 * @param from where to refine from (fixed LPS → moving LPS), instead of searching everywhere
 * @returns the motion, fixed LPS → moving LPS, and a report whose verdict says whether to trust it: never
 *   throws because two images do not fit.
 * @throws TandemError `cancelled` within a second of the signal; `out-of-memory` or `failed` where elastix
 *   itself could not run
 */
export async function registerRigid(
  fixed: Volume,
  moving: Volume,
  job: JobContext,
  from?: Affine,
): Promise<RegistrationResult> {
  const step = (done: number): void =>
    job.progress({ stage: 'registering', done, total: STEPS, message: messageOf(done) });
  throwIfCancelled(job.signal);
  step(0);
  const boundedFixed = await boundedVolume(fixed, job.signal);
  const boundedMoving = await boundedVolume(moving, job.signal);
  const outcome = await inWorker(boundedFixed, boundedMoving, { kind: 'find', from }, step, job.signal);
  if ('blank' in outcome) {
    return untrustedWithout(`The ${outcome.blank} is blank: every voxel has the same value.`);
  }
  return judge(fixed, moving, outcome, 'elastix');
}

/**
 * A motion that was given, used exactly as it is, and judged as one that registration found would be. In a
 * worker thread.
 *
 * @param motion fixed LPS → moving LPS, canonical
 * @param by who gave it; undefined where it is the headers' own position
 * @throws TandemError `cancelled`
 */
export async function judgeGiven(
  fixed: Volume,
  moving: Volume,
  motion: Affine,
  by: AlignedBy | undefined,
  job: JobContext,
): Promise<RegistrationResult> {
  throwIfCancelled(job.signal);
  const step = (done: number): void => job.progress({ stage: 'judging', done, total: 1 });
  step(0);
  const boundedFixed = await boundedVolume(fixed, job.signal);
  const boundedMoving = await boundedVolume(moving, job.signal);
  const task = { kind: 'measure', motion } as const;
  const outcome = await inWorker(boundedFixed, boundedMoving, task, () => {}, job.signal);
  step(1);
  if ('blank' in outcome) {
    const blank = untrustedWithout(`The ${outcome.blank} is blank: every voxel has the same value.`);
    return { report: { ...blank.report, by }, fixedToMoving: motion };
  }
  return judge(fixed, moving, outcome, by);
}

/**
 * No registration: the headers' positions as they are, with the mutual information and overlap that they
 * give, so that a reader sees how well they agree. Verdict `none`.
 */
export async function registrationNone(
  fixed: Volume,
  moving: Volume,
  signal: AbortSignal = new AbortController().signal,
): Promise<RegistrationResult> {
  const similarity = measureHeaders(await boundedVolume(fixed, signal), await boundedVolume(moving, signal));
  return { report: reportOfHeaders(similarity), fixedToMoving: IDENTITY_AFFINE };
}

/**
 * The headers' positions as they are, judged as a registration would be: for pairs that are said to lie on each
 * other already, which registering could only make worse.
 */
export async function judgeHeaders(
  fixed: Volume,
  moving: Volume,
  signal: AbortSignal = new AbortController().signal,
): Promise<RegistrationResult> {
  const findings = measureAsTheyLie(await boundedVolume(fixed, signal), await boundedVolume(moving, signal));
  if ('blank' in findings) {
    return untrustedWithout(`The ${findings.blank} is blank: every voxel has the same value.`);
  }
  return judge(fixed, moving, findings);
}

function messageOf(done: number): string {
  if (done === 0) return 'searching';
  const level = LEVELS[done - 1];
  if (level !== undefined) return `aligning at ${level.voxelMm} mm`;
  return done < STEPS ? 'checking' : 'checked';
}

function inWorker(
  fixed: Volume,
  moving: Volume,
  task: RegistrationTask,
  onStep: (done: number) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl('registrationWorker', import.meta.url), {
      workerData: { fixed, moving, task },
      // The bounded copies are ours alone: handed over, not copied again.
      transferList: [fixed.voxels.buffer, moving.voxels.buffer] as ArrayBuffer[],
      // elastix prints when it fails; standard output belongs to the command line's answer.
      stdout: true,
      stderr: true,
    });
    worker.stdout.resume();
    worker.stderr.resume();
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      worker.removeAllListeners();
      // An error after the end (a wasm abort while it is being ended) is of no interest, but must be heard.
      worker.on('error', () => {});
      worker.terminate().then(settle, settle);
    };
    const onAbort = (): void => end(() => reject(new TandemError('cancelled', 'Cancelled')));
    worker.on('message', (message: FromRegistrationWorker) => {
      if (message.type === 'step') onStep(message.done);
      else if (message.type === 'found') end(() => resolve(message.outcome));
      else end(() => reject(fromErrorData(message.error)));
    });
    worker.on('error', (error) => end(() => reject(workerFailure(error))));
    worker.on('exit', (code) => end(() => reject(workerFailure(new Error(`it ended with code ${code}`)))));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function workerFailure(error: unknown): TandemError {
  const words = error instanceof Error ? error.message : String(error);
  return new TandemError('failed', `The registration stopped unexpectedly: ${words}`, { cause: error });
}
