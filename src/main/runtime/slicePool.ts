import type { DeviceKind } from './devices.ts';
import type { ImageInputs } from './session.ts';
import type { TilePlan } from './tiles.ts';
import { WorkerPool } from './workerPool.ts';

/** One image for a network: its size on the enhanced grid, how it is cut, and its inputs. */
export interface SliceTask<Source> {
  readonly rows: number;
  readonly columns: number;
  /** Absent: the whole image at once. */
  readonly tiles?: TilePlan | undefined;
  readonly source: Source;
}

/** What a slice worker is started with; `shared` is what its sources refer to. */
export interface SliceWorkerData<Shared> {
  readonly device: DeviceKind;
  readonly shared: Shared;
}

/** A model of one image size: what a worker keeps of it. */
export interface SliceModel {
  readonly rows: number;
  readonly columns: number;
  readonly onnx: Uint8Array;
}

export interface SlicePoolOptions<Shared> {
  /** Entry of the worker threads, which calls `serveSlices`. */
  readonly entry: URL;
  /** ONNX bytes of the network for an image of a size, with inputs and one output [1, 1, rows, columns]. */
  readonly modelFor: (rows: number, columns: number) => Uint8Array;
  readonly device: DeviceKind;
  readonly workers: number;
  readonly shared: Shared;
}

/** Inputs that are given as they are. */
export interface GivenInputs {
  readonly inputs: ImageInputs;
}

/**
 * Runs a network over slices: one onnxruntime session a worker thread, slices in parallel, results in
 * order (see `WorkerPool` for order, back-pressure, cancelling and dying workers). The same slices give
 * the same bytes for any number of workers on the CPU. The model of a size is made once and each worker
 * opens it once.
 */
export function createSlicePool<Source, Reply, Shared = undefined>(
  options: SlicePoolOptions<Shared>,
): WorkerPool<SliceTask<Source>, Reply> {
  const models = new Map<string, SliceModel>();
  const model = (rows: number, columns: number): SliceModel => {
    const key = modelKey(rows, columns);
    const known = models.get(key) ?? { rows, columns, onnx: options.modelFor(rows, columns) };
    models.set(key, known);
    return known;
  };
  const workerData: SliceWorkerData<Shared> = { device: options.device, shared: options.shared };
  return new WorkerPool<SliceTask<Source>, Reply>({
    entry: options.entry,
    workers: options.workers,
    workerData,
    material: (task) => {
      const { rows, columns } = sessionSize(task);
      return { key: modelKey(rows, columns), value: () => model(rows, columns) };
    },
  });
}

export function modelKey(rows: number, columns: number): string {
  return `${rows}x${columns}`;
}

/** Size of the images that the network is run on: the slice, or its tiles. */
export function sessionSize(task: Pick<SliceTask<unknown>, 'rows' | 'columns' | 'tiles'>): {
  rows: number;
  columns: number;
} {
  if (task.tiles === undefined) return { rows: task.rows, columns: task.columns };
  return { rows: task.tiles.tileRows, columns: task.tiles.tileColumns };
}
