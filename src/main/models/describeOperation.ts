import type { Result } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import { initialValues, parameterCount, toOnnx } from '../../core/graph/index.ts';
import { readOnnx } from '../../core/graph/onnx/readOnnx.ts';
import type { JobContext } from '../../core/job.ts';
import { networkCost } from '../../core/networks/cost.ts';
import { networkGraph } from '../../core/networks/index.ts';
import type { Handler } from '../host/handler.ts';
import { type DeviceReport, listDevices } from '../runtime/devices.ts';
import { runInThread } from '../runtime/jobThread.ts';
import { workerMb } from '../runtime/memory.ts';
import { type Placement, placementOf } from '../runtime/placement.ts';
import { workerUrl } from '../runtime/workerUrl.ts';
import { loadModelPackage } from './loadModelPackage.ts';
import { type NetworkChoice, networkChoice } from './modelSource.ts';
import { rawInputNames } from './rawInputs.ts';

/** Software adapters are slow and large graphs more than they hold: placement is looked at on a small image. */
const PLACEMENT_SIDE = 32;

export interface DescribeJob {
  readonly choice: NetworkChoice;
  readonly rows: number;
  readonly columns: number;
  readonly devices: readonly Pick<DeviceReport, 'device' | 'available'>[];
}

/**
 * Describes in a thread of its own: the models of a large network take seconds to make (see `describeHere`).
 * What is wrong with the request is said before devices are looked for.
 */
export const describeOperation: Handler<'modelsDescribe'> = async (request, job) => {
  const choice = await choose(request);
  const { rows = 240, columns = rows } = request;
  if (rows % choice.scale !== 0 || columns % choice.scale !== 0) {
    throw new TandemError(
      'usage',
      `An enhanced image of ${rows} × ${columns} is no multiple of the scale, ${choice.scale}`,
    );
  }
  const devices = (await listDevices()).map(({ device, available }) => ({ device, available }));
  const entry = workerUrl('describeWorker', import.meta.url);
  return runInThread(entry, { choice, rows, columns, devices } satisfies DescribeJob, job, 'leave');
};

/**
 * What a network is and costs, without running it on an image: parameters, multiply-accumulate operations,
 * the memory of one worker, and the operators that each device is given; where a device is here, what of
 * them falls back to the CPU.
 */
export async function describeHere(
  { choice, rows, columns, devices: here }: DescribeJob,
  job: JobContext,
): Promise<Result<'modelsDescribe'>> {
  const { network: name, options, scale } = choice;
  job.progress({ stage: 'describing', done: 0, total: 1, message: name });
  const made = networkGraph(name, options, scale, { batch: 1, rows, columns });
  const { network, enhanced, outputs, parameters } = made;
  const images = { enhanced, ...outputs.others };
  const cost = networkCost(Object.values(images));
  const devices = await Promise.all(
    here.map(async ({ device, available }) => {
      const onnx = modelFor(choice, device, PLACEMENT_SIDE);
      const placement: Placement | undefined =
        available && device !== 'cpu' ? await placementOf(onnx, device) : undefined;
      return {
        device,
        available,
        operators: Object.fromEntries([...readOnnx(onnx).operators].sort(([, a], [, b]) => b - a)),
        // The CPU is given forms that it has kernels for.
        whole: device === 'cpu' ? true : (placement?.whole ?? null),
        fallBacks: [...(placement?.fallBacks ?? [])],
      };
    }),
  );
  return {
    network: name,
    description: network.description,
    options,
    scale,
    usesReference: network.usesReference,
    sees: network.sees,
    haloPx: network.haloPx(network.parseOptions(options), scale),
    rows,
    columns,
    parameters: parameterCount(parameters),
    tensors: parameters.map(({ path, tensor, trained }) => ({ path, shape: [...tensor.shape], trained })),
    outputs: Object.keys(network.rawNames.outputs),
    inputs: rawInputNames(network, made.graph),
    multiplyAccumulates: {
      asInPapers: cost.asInPapers,
      all: cost.all,
      byOperator: [...cost.byOperator],
    },
    memoryMb: workerMb(made),
    devices,
  };
}

async function choose(request: {
  readonly model?: string | undefined;
  readonly network?: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly scale?: 2 | 4 | undefined;
}): Promise<NetworkChoice> {
  if ((request.model === undefined) === (request.network === undefined)) {
    throw new TandemError('usage', 'Name a model package, or a network with --network, and not both');
  }
  if (request.network !== undefined) return networkChoice(request.network, request.options, request.scale);
  const { card } = await loadModelPackage(request.model!);
  return { network: card.network, options: card.options, scale: card.scale };
}

/** The model of a network with starting weights, as a device is given it. */
function modelFor(
  { network, options, scale }: NetworkChoice,
  device: Parameters<typeof placementOf>[1],
  side: number,
): Uint8Array {
  const { enhanced, parameters } = networkGraph(network, options, scale, {
    batch: 1,
    rows: side,
    columns: side,
  });
  return toOnnx({ name: network, outputs: { enhanced }, parameters: initialValues(parameters, 1), device });
}
