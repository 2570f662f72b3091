import { parentPort, type Transferable, workerData } from 'node:worker_threads';
import { TandemError, toErrorData } from '../../core/errors.ts';
import { type ImageInputs, type ImageSession, openImageSession } from './session.ts';
import { modelKey, type SliceModel, type SliceTask, type SliceWorkerData, sessionSize } from './slicePool.ts';
import { runTiled } from './tiles.ts';
import type { FromWorker, ToWorker } from './workerPool.ts';

/** Runs the network on images of the task's size, whole or in tiles. */
export type RunNetwork = (inputs: ImageInputs) => Promise<Float32Array>;

/** What a worker thread does with one source; `transfer` are the reply's buffers, handed over uncopied. */
export type ServeSlice<Source, Reply, Shared> = (
  source: Source,
  task: SliceTask<Source>,
  shared: Shared,
  run: RunNetwork,
) => Promise<{ readonly reply: Reply; readonly transfer: Transferable[] }>;

/** Makes this thread a worker of `createSlicePool`: answers each task by `serve`. Call once. */
export function serveSlices<Source, Reply, Shared>(serve: ServeSlice<Source, Reply, Shared>): void {
  const port = parentPort;
  if (port === null) throw new TandemError('failed', 'A slice worker runs only as a worker thread');
  const { device, shared } = workerData as SliceWorkerData<Shared>;
  const sessions = new Map<string, Promise<ImageSession>>();

  const sessionFor = (task: SliceTask<Source>): Promise<ImageSession> => {
    const { rows, columns } = sessionSize(task);
    const session = sessions.get(modelKey(rows, columns));
    if (session === undefined) throw new TandemError('failed', `No model of ${columns} × ${rows} came`);
    return session;
  };

  const answer = async (ticket: number, task: SliceTask<Source>): Promise<void> => {
    try {
      const runWhole: RunNetwork = async (inputs) => (await sessionFor(task)).run(inputs);
      const { tiles } = task;
      const run: RunNetwork = tiles === undefined ? runWhole : (inputs) => runTiled(tiles, inputs, runWhole);
      const { reply, transfer } = await serve(task.source, task, shared, run);
      port.postMessage({ type: 'reply', ticket, reply } satisfies FromWorker<Reply>, transfer);
    } catch (error) {
      port.postMessage({ type: 'error', ticket, error: toErrorData(error) } satisfies FromWorker<Reply>);
    }
  };

  port.on('message', (message: ToWorker<SliceTask<Source>>) => {
    // Read between two calls into onnxruntime, never inside one.
    if (message.type === 'end') process.exit(0);
    if (message.type === 'task') {
      void answer(message.ticket, message.task);
      return;
    }
    const { onnx } = message.material as SliceModel;
    const session = openImageSession(onnx, device);
    session.catch(() => {});
    sessions.set(message.key, session);
  });
}
