import { access } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { Request, Result } from '../../core/contract/operations.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import { type Tensor, toOnnx } from '../../core/graph/index.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../core/graph/safetensors.ts';
import { formatShape, type Shape, sameShape } from '../../core/graph/shape.ts';
import type { JobContext } from '../../core/job.ts';
import { type NetworkDefinition, networkGraph, networkNamed } from '../../core/networks/index.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import { type ChosenDevice, chooseDevice, type DeviceKind } from '../runtime/devices.ts';
import { runInThread } from '../runtime/jobThread.ts';
import { openSession, runError, sessionOptions } from '../runtime/session.ts';
import { workerUrl } from '../runtime/workerUrl.ts';
import { readBounded } from './boundedFile.ts';
import { loadModelPackage, type ModelPackage } from './loadModelPackage.ts';
import { rawInputName, rawInputNames } from './rawInputs.ts';

const LARGEST_INPUTS = 2 ** 31;
const INPUT_PREFIX = 'input_';

export interface RunJob {
  readonly request: Request<'modelsRun'>;
  readonly device: ChosenDevice;
}

/** Runs in a thread of its own: onnxruntime blocks its thread (see `runHere`). */
export const runOperation: Handler<'modelsRun'> = async (request, job) => {
  const device = await chooseDevice(request.device);
  const entry = workerUrl('modelsRunWorker', import.meta.url);
  return runInThread(entry, { request, device } satisfies RunJob, job, 'leave');
};

/**
 * Runs a package on raw tensors, as they are: no scaling of intensities, no tiles. Of the file of inputs
 * only what is called `input_…` is read; names are those that the network's definition gives (`rawNames`).
 */
export async function runHere({ request, device }: RunJob, job: JobContext): Promise<Result<'modelsRun'>> {
  const out = resolve(request.out);
  await refuseExisting(out);
  job.progress({ stage: 'reading', done: 0, total: 1, message: basename(request.inputs) });
  const model = await loadModelPackage(request.model);
  const bytes = await readBounded(request.inputs, LARGEST_INPUTS);
  if (bytes === undefined)
    throw new TandemError('not-found', 'There is no such file', { path: request.inputs });
  const isInput = (name: string) => name.startsWith(INPUT_PREFIX);
  const { tensors: inputs } = readSafetensors(bytes, request.inputs, isInput);
  const { kind } = device;
  throwIfCancelled(job.signal);
  job.progress({ stage: 'running', done: 0, total: 1, message: `${model.id} on ${kind} (${device.reason})` });
  const started = performance.now();
  const outputs = await runRaw(model, inputs, request.inputs, kind, request.intermediates);
  const seconds = (performance.now() - started) / 1000;
  // The run blocks the thread: a request to cancel is heard after it.
  await nextTurn();
  throwIfCancelled(job.signal);
  await writeFileAtomically(out, writeSafetensors(outputs));
  return {
    path: out,
    device: kind,
    outputs: [...outputs].map(([name, { shape }]) => ({ name, shape: [...shape] })),
    seconds,
  };
}

async function refuseExisting(out: string): Promise<void> {
  const found = await access(out).then(
    () => true,
    () => false,
  );
  if (found) throw new TandemError('output-exists', 'There is a file of this name', { path: out });
}

/** The outputs of a package under their raw names, for tensors under theirs. Throws `bad-tensor-file`. */
async function runRaw(
  model: ModelPackage,
  tensors: ReadonlyMap<string, NamedTensor>,
  path: string,
  device: DeviceKind,
  withIntermediates: boolean,
): Promise<Map<string, NamedTensor>> {
  const { network: name, options, scale } = model.card;
  const network = networkNamed(name);
  const { batch, rows, columns } = sizeOf(model, network, tensors, path);
  const { graph, outputs } = networkGraph(name, options, scale, { batch, rows, columns });
  const named: Record<string, Tensor> = {};
  for (const [raw, output] of Object.entries(network.rawNames.outputs)) {
    const tensor = output === 'enhanced' ? outputs.enhanced : outputs.others[output];
    if (tensor !== undefined) named[raw] = tensor;
  }
  if (withIntermediates) Object.assign(named, outputs.intermediates);

  const feeds: Record<string, OrtTensor> = {};
  for (const tensor of graph.inputs) {
    const input = tensor.origin.kind === 'input' ? tensor.origin.name : '';
    const raw = rawInputName(network, input);
    const given = tensors.get(raw);
    if (given === undefined) throw missing(model, raw, path);
    if (!sameShape(given.shape, tensor.shape)) {
      throw new TandemError(
        'bad-tensor-file',
        `${raw} has the shape ${formatShape(given.shape)}; beside the other inputs it is ${formatShape(tensor.shape)}`,
        { path },
      );
    }
    feeds[input] = new OrtTensor('float32', given.data, [...given.shape]);
  }
  const parameters = new Map([...model.weights].map(([key, { data }]) => [key, data]));
  const session = await openSession(
    toOnnx({ name, outputs: named, parameters, device }),
    sessionOptions(device),
  );
  try {
    const wanted = Object.fromEntries(session.inputNames.map((input) => [input, feeds[input]!]));
    const results = await session.run(wanted).catch((error: unknown) => {
      throw runError(error);
    });
    const read = new Map<string, NamedTensor>();
    for (const output of session.outputNames) {
      const data = (await results[output]!.getData()) as Float32Array;
      read.set(output, { shape: named[output]!.shape, data });
    }
    return read;
  } finally {
    await session.release();
  }
}

/** Batch, and rows and columns of the enhanced image, from the first input that is there. */
function sizeOf(
  model: ModelPackage,
  network: NetworkDefinition,
  tensors: ReadonlyMap<string, NamedTensor>,
  path: string,
): { batch: number; rows: number; columns: number } {
  for (const [raw, input] of Object.entries(network.rawNames.inputs)) {
    const shape = tensors.get(raw)?.shape;
    if (shape === undefined) continue;
    const [batch, channels, height, width] = shape;
    if (shape.length !== 4 || channels !== 1 || shape.some((size: Shape[number]) => size < 1)) {
      throw new TandemError(
        'bad-tensor-file',
        `${raw} has the shape ${formatShape(shape)}, not [N, 1, H, W]`,
        {
          path,
        },
      );
    }
    const factor = input === 'target' ? model.card.scale : 1;
    return { batch: batch!, rows: height! * factor, columns: width! * factor };
  }
  throw missing(model, undefined, path);
}

/** Any size serves to ask a network for its inputs. */
const PROBE = { batch: 1, rows: 32, columns: 32 };

function missing({ card }: ModelPackage, raw: string | undefined, path: string): TandemError {
  const { network, graph } = networkGraph(card.network, card.options, card.scale, PROBE);
  const inputs = rawInputNames(network, graph);
  return new TandemError('bad-tensor-file', `There is no tensor ${raw ?? inputs[0]}`, {
    path,
    hint: `${network.name} takes ${inputs.join(' and ')}.`,
  });
}
