import type { QueuedJob } from '../../../core/contract/jobs.ts';
import { text } from '../../text.ts';

/** What a job does: `Enhance ×2 · edsr-x2`, `Tune glmamba-x2 · our-flair`. */
export function jobTitle({ order }: QueuedJob): string {
  if (order.kind === 'enhance') return text.jobs.enhance(order.request.scale, lastPart(order.request.model));
  return text.jobs.tune(lastPart(order.request.base ?? ''), order.request.id ?? lastPart(order.request.out));
}

/** `Enhance ×2 · edsr-x2, T2 ← T1`: what a job does to what. */
export function jobName(job: QueuedJob): string {
  const { order, subject } = job;
  if (order.kind !== 'enhance') return jobTitle(job);
  const what =
    subject === null ? order.request.target.series : text.jobs.pair(subject.target, subject.reference);
  return `${jobTitle(job)}, ${what}`;
}

function lastPart(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}
