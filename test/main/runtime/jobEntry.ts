/** Entry of a thread for the tests of `runInThread`: does what its request says. */
import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { TandemError, throwIfCancelled } from '../../../src/core/errors.ts';
import { serveJob } from '../../../src/main/runtime/jobThread.ts';

export interface TestJob {
  readonly does: 'count' | 'fail' | 'throw' | 'die' | 'save when cancelled' | 'write on' | 'be busy';
  readonly file?: string;
}

serveJob(async ({ does, file = '' }: TestJob, job) => {
  job.progress({ stage: does, done: 1, total: 2 });
  if (does === 'fail') {
    throw new TandemError('bad-model', 'No such layer', { hint: 'Look again.', path: '/model' });
  }
  if (does === 'throw') throw new TypeError('a bug');
  if (does === 'die') process.exit(7);
  if (does === 'save when cancelled') {
    while (!job.signal.aborted) await wait(5);
    await wait(100);
    writeFileSync(file, 'saved');
    throwIfCancelled(job.signal);
  }
  if (does === 'write on') {
    await wait(300);
    writeFileSync(file, 'written');
  }
  if (does === 'be busy') {
    // As onnxruntime runs: out of a turn of its own. Messages are heard before the next one.
    await nextTurn();
    const end = performance.now() + 600;
    while (performance.now() < end);
    await nextTurn();
    throwIfCancelled(job.signal);
    writeFileSync(file, 'written');
  }
  return does;
});
