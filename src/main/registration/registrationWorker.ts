import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../core/errors.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { findMotion, measureAsTheyLie } from './pipeline.ts';
import type { FromRegistrationWorker, RegistrationTask } from './registerRigid.ts';

/** The thread of one registration: ended from outside to cancel, since elastix cannot be interrupted. */

const { fixed, moving, task } = workerData as { fixed: Volume; moving: Volume; task: RegistrationTask };
const send = (message: FromRegistrationWorker): void => parentPort?.postMessage(message);

try {
  const outcome =
    task.kind === 'find'
      ? await findMotion(fixed, moving, (done) => send({ type: 'step', done }), task.from)
      : measureAsTheyLie(fixed, moving, task.motion);
  send({ type: 'found', outcome });
} catch (error) {
  send({ type: 'error', error: toErrorData(error) });
}
