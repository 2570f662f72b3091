import { parentPort, type Transferable, workerData } from 'node:worker_threads';
import { TandemError, toErrorData } from '../../core/errors.ts';
import { type ImageInputs, type ImageSession, openImageSession } from './session.ts';
import type { SliceMaterial, SliceTask, SliceWorkerData } from './slicePool.ts';
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

/** What a thread keeps of its pool's materials: models as sessions. */
type Kept<Shared> =
  | { readonly kind: 'model'; readonly session: Promise<ImageSession> }
  | { readonly kind: 'shared'; readonly shared: Shared };

/** Makes this thread a worker of a `SlicePool`: answers each task by `serve`. Call once. */
export function serveSlices<Source, Reply, Shared>(serve: ServeSlice<Source, Reply, Shared>): void {
  const port = parentPort;
  if (port === null) throw new TandemError('failed', 'A slice worker runs only as a worker thread');
  const { device } = workerData as SliceWorkerData;
  const kept = new Map<string, Kept<Shared>>();

  const keep = (key: string, material: SliceMaterial<Shared>): void => {
    if (material.kind === 'shared') {
      kept.set(key, material);
      return;
    }
    const session = openImageSession(material.onnx, device);
    session.catch(() => {});
    kept.set(key, { kind: 'model', session });
  };

  const drop = (key: string): void => {
    const one = kept.get(key);
    kept.delete(key);
    if (one?.kind === 'model') one.session.then((session) => session.release()).catch(() => {});
  };

  const answer = async (
    ticket: number,
    task: SliceTask<Source>,
    materials: readonly string[],
  ): Promise<void> => {
    try {
      const needed = materials.map((key) => kept.get(key));
      const model = needed.find((one) => one?.kind === 'model');
      const shared = needed.find((one) => one?.kind === 'shared');
      const runWhole: RunNetwork = async (inputs) => {
        if (model === undefined) throw new TandemError('failed', 'No model came with this slice');
        return (await model.session).run(inputs);
      };
      const { tiles } = task;
      const run: RunNetwork = tiles === undefined ? runWhole : (inputs) => runTiled(tiles, inputs, runWhole);
      if (shared === undefined) throw new TandemError('failed', 'Nothing came with this slice');
      const { reply, transfer } = await serve(task.source, task, shared.shared, run);
      port.postMessage({ type: 'reply', ticket, reply } satisfies FromWorker<Reply>, transfer);
    } catch (error) {
      port.postMessage({ type: 'error', ticket, error: toErrorData(error) } satisfies FromWorker<Reply>);
    }
  };

  port.on('message', (message: ToWorker<SliceTask<Source>>) => {
    // Read between two calls into onnxruntime, never inside one.
    if (message.type === 'end') process.exit(0);
    else if (message.type === 'task') void answer(message.ticket, message.task, message.materials);
    else if (message.type === 'material') keep(message.key, message.material as SliceMaterial<Shared>);
    else drop(message.key);
  });
}
