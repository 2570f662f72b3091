/** Entry of the thread that looks where the nodes of a model run (see `placementOf`). */
import { parentPort } from 'node:worker_threads';
import { toErrorData } from '../../core/errors.ts';
import type { Placement, PlacementTask } from './placement.ts';
import { profilePlacement } from './profilePlacement.ts';
import type { FromWorker, ToWorker } from './workerPool.ts';

parentPort?.on('message', async (message: ToWorker<PlacementTask>) => {
  // Read between two calls into onnxruntime, never inside one.
  if (message.type === 'end') process.exit(0);
  if (message.type !== 'task') return;
  const { ticket, task } = message;
  let answer: FromWorker<Placement>;
  try {
    answer = { type: 'reply', ticket, reply: await profilePlacement(task.onnx, task.device) };
  } catch (error) {
    answer = { type: 'error', ticket, error: toErrorData(error) };
  }
  parentPort?.postMessage(answer);
});
