/** Entry of a thread that computes shards of training steps: see `ShardThread`. */
import { parentPort, workerData } from 'node:worker_threads';
import { TandemError, toErrorData } from '../../core/errors.ts';
import { type ShardPlan, ShardSession } from './parallelShards.ts';
import type { FromShardThread, ToShardThread } from './parallelThread.ts';

const port = parentPort;
if (port === null) throw new TandemError('failed', 'This runs only as a worker thread');
const opened = ShardSession.open(workerData as ShardPlan);

const answer = (work: Promise<unknown>) =>
  work.then(
    () => port.postMessage({ type: 'done' } satisfies FromShardThread),
    (error: unknown) =>
      port.postMessage({ type: 'error', error: toErrorData(error) } satisfies FromShardThread),
  );

port.on('message', ({ type }: ToShardThread) => {
  // Read between two calls into onnxruntime, never inside one.
  if (type === 'end') process.exit(0);
  void answer(opened.then((session) => session.work()));
});
void answer(opened);
