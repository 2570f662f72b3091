import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../core/errors.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { findMotion } from './pipeline.ts';
import type { FromRegistrationWorker } from './registerRigid.ts';

/** The thread of one registration: ended from outside to cancel, since elastix cannot be interrupted. */

const { fixed, moving } = workerData as { fixed: Volume; moving: Volume };
const send = (message: FromRegistrationWorker): void => parentPort?.postMessage(message);

try {
  const outcome = await findMotion(fixed, moving, (done) => send({ type: 'step', done }));
  send({ type: 'found', outcome });
} catch (error) {
  send({ type: 'error', error: toErrorData(error) });
}
