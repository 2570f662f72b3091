import { cancelQueued, clearQueued, setQueue, unfinished, useQueue } from '../state/queue.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

const running = () => useQueue.getState().jobs.find(({ state }) => state === 'running');

export const jobsCommands: readonly Command[] = [
  {
    id: 'jobs.open',
    title: text.jobs.open,
    group: 'jobs',
    keys: ['Shift+j'],
    run: () => setQueue({ sheetOpen: !useQueue.getState().sheetOpen }),
  },
  {
    id: 'jobs.cancel',
    title: text.jobs.cancelRunning,
    group: 'jobs',
    when: () => running() !== undefined,
    run: () => {
      const job = running();
      if (job !== undefined) void cancelQueued(job.id);
    },
  },
  {
    id: 'jobs.clear',
    title: text.jobs.clearAll,
    group: 'jobs',
    when: () => useQueue.getState().jobs.length > unfinished(useQueue.getState().jobs).length,
    run: () => void clearQueued(),
  },
];
