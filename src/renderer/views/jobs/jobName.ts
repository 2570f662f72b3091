import type { QueuedJob } from '../../../core/contract/jobs.ts';
import { text } from '../../text.ts';

/** `Enhance ×2 · edsr-x2, T2 ← T1`: what a job does to what. */
export function jobName({ order, subject }: QueuedJob): string {
  const { scale, model, target } = order.request;
  const what = subject === null ? target.series : text.jobs.pair(subject.target, subject.reference);
  return `${text.jobs.enhance(scale, model.split(/[\\/]/).at(-1) ?? model)}, ${what}`;
}
