import type { FinetuneJob } from '../../state/queue.ts';
import { text } from '../../text.ts';

/** `flair-3t · Training`: the folder's name, and how it stands. */
export function runName({ order, state }: FinetuneJob): string {
  const folder =
    order.request.out.split(/[\\/]/).findLast((part: string) => part !== '') ?? order.request.out;
  return `${folder} · ${text.jobs.states[state]}`;
}
