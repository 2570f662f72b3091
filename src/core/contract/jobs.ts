import * as z from 'zod';
import { enhanceRequest, enhanceResult } from './enhancing.ts';
import { finetuneRequest, finetuneResult } from './finetune.ts';

/**
 * The queue of jobs. It lives on the workstation, beside the library and not in a window: a window that closes
 * cancels nothing, and what happened to each job is still known after a restart. One job of a kind runs at a time,
 * in the order of submission: a fine-tuning, at low priority, holds up no enhancement. `interrupted` is what a
 * running one becomes when the whole program ends. A fine-tuning that was paused, cancelled or interrupted goes on
 * where it was when it is tried again.
 */

export const jobState = z.enum([
  'waiting',
  'running',
  'done',
  'failed',
  'cancelled',
  'interrupted',
  /** A fine-tuning that was asked to (`finetuneControl`). */
  'paused',
]);
export type QueuedJobState = z.infer<typeof jobState>;

/** What a job works on, in words for lists: the request alone names files and UIDs. */
export const jobSubject = z.object({
  studyUid: z.string(),
  study: z.string(),
  targetUid: z.string(),
  target: z.string(),
  referenceUid: z.string().nullable(),
  reference: z.string().nullable(),
});
export type JobSubject = z.infer<typeof jobSubject>;

const jobProgress = z.object({
  stage: z.string(),
  done: z.number(),
  total: z.number(),
  secondsLeft: z.number().optional(),
  message: z.string().optional(),
});

const jobError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  path: z.string().optional(),
});

/** The kinds of jobs with what each is asked. `keepAs` is the queue's own. */
export const jobOrder = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('enhance'), request: enhanceRequest.omit({ keepAs: true }) }),
  z.object({ kind: z.literal('finetune'), request: finetuneRequest }),
]);
export type JobOrder = z.infer<typeof jobOrder>;

export const queuedJob = z.object({
  id: z.string(),
  order: jobOrder,
  subject: jobSubject.nullable(),
  state: jobState,
  /** Waiting: 1 for the one of its kind that comes next. */
  place: z.number().int().nullable(),
  /** Running, and asked to stop. */
  cancelling: z.boolean(),
  progress: jobProgress.nullable(),
  error: jobError.nullable(),
  /** Of an enhancement that is done. */
  result: enhanceResult.nullable(),
  /** Of a fine-tuning that is done. */
  tuned: finetuneResult.nullable(),
  /** The id under which this attempt's result is, or will be, opened by `volume` and `export`. */
  resultId: z.string(),
  /** Whether that result is stored and can be opened. */
  stored: z.boolean(),
  /** 1 for the first; a retry counts on. */
  attempt: z.number().int(),
  /** Milliseconds since 1970. */
  submittedAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
});
export type QueuedJob = z.infer<typeof queuedJob>;

/** A window asks again before this is over, so that nothing between them takes the silence for a break. */
export const LONGEST_JOBS_WAIT_MS = 30_000;

/** Puts jobs at the end of the queue, in their order. */
export const jobsSubmit = {
  request: z.object({
    orders: z.array(z.object({ order: jobOrder, subject: jobSubject.optional() })).min(1),
  }),
  result: z.object({ jobs: z.array(queuedJob) }),
};

/**
 * All jobs that are remembered: running and waiting ones in their order, then the ended ones, the latest first.
 * With `since`, the answer waits until something is newer than that revision, or until `waitMs` is over.
 */
export const jobsList = {
  request: z.object({
    since: z.number().int().optional(),
    waitMs: z.number().int().min(0).max(LONGEST_JOBS_WAIT_MS).default(0),
  }),
  result: z.object({
    /** Grows with every change of any job. */
    revision: z.number().int(),
    jobs: z.array(queuedJob),
  }),
};

/** Cancels a job that waits or runs; one that has ended stays as it is. */
export const jobsCancel = {
  request: z.object({ id: z.string() }),
  result: z.object({ job: queuedJob }),
};

/** Puts a job that failed, was paused, cancelled or interrupted at the end of the queue again. */
export const jobsRetry = {
  request: z.object({
    id: z.string(),
    /** What to ask differently of an enhancement this time. */
    change: enhanceRequest
      .pick({ acceptRegistration: true, registration: true, device: true })
      .partial()
      .optional(),
  }),
  result: z.object({ job: queuedJob }),
};

/** Takes ended jobs off the list: one, or all of them. Their stored results stay. */
export const jobsClear = {
  request: z.object({ id: z.string().optional() }),
  result: z.object({ cleared: z.number().int() }),
};
