/** A worker for the tests of the pool: does what a task says, and can be told to die. */
import { parentPort, threadId, workerData } from 'node:worker_threads';
import type { ToWorker } from '../../../src/main/runtime/workerPool.ts';

export interface TestTask {
  readonly value: number;
  readonly busyMs?: number;
  /** Die at this task while fewer than so many deaths happened, over all threads. */
  readonly deaths?: number;
  readonly fail?: boolean;
}

const { deaths } = workerData as { deaths: Int32Array };
const materials: string[] = [];

parentPort?.on('message', (message: ToWorker<TestTask>) => {
  if (message.type === 'material') {
    materials.push(`${message.key}=${message.material}`);
    return;
  }
  if (message.type === 'end') process.exit(0);
  if (message.type === 'drop') {
    materials.splice(0, materials.length, ...materials.filter((one) => !one.startsWith(`${message.key}=`)));
    return;
  }
  const { ticket, task } = message;
  if (Atomics.load(deaths, 0) < (task.deaths ?? 0)) {
    Atomics.add(deaths, 0, 1);
    process.exit(7);
  }
  const end = performance.now() + (task.busyMs ?? 0);
  while (performance.now() < end);
  if (task.fail) {
    const error = { code: 'bad-geometry', message: `no ${task.value}` };
    parentPort?.postMessage({ type: 'error', ticket, error });
  } else {
    parentPort?.postMessage({ type: 'reply', ticket, reply: { value: task.value * 2, materials, threadId } });
  }
});
