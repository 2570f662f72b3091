import { createHash } from 'node:crypto';
import type { DeviceKind } from './devices.ts';
import { keepPool, takePool } from './keptPools.ts';
import type { ImageInputs } from './session.ts';
import type { TilePlan } from './tiles.ts';
import { type Material, WorkerPool } from './workerPool.ts';

/** One image for a network: its size on the enhanced grid, how it is cut, and its inputs. */
export interface SliceTask<Source> {
  readonly rows: number;
  readonly columns: number;
  /** Absent: the whole image at once. */
  readonly tiles?: TilePlan | undefined;
  readonly source: Source;
}

/** What a slice worker is started with. */
export interface SliceWorkerData {
  readonly device: DeviceKind;
}

/** What a slice worker keeps: sessions from one job to the next, the rest of a job until its end. */
export type SliceMaterial<Shared> =
  | { readonly kind: 'model'; readonly onnx: Uint8Array }
  | { readonly kind: 'shared'; readonly shared: Shared };

export interface SlicePoolOptions<Shared> {
  /** Entry of the worker threads, which calls `serveSlices`. */
  readonly entry: URL;
  /** ONNX bytes of the network for an image of a size. Absent where no task runs one. */
  readonly modelFor?: ((rows: number, columns: number) => Uint8Array) | undefined;
  readonly device: DeviceKind;
  readonly workers: number;
  /** What the sources refer to; shared buffers in it are shared, all else is copied to each thread. */
  readonly shared: Shared;
  /** What one worker takes, MiB: whether the pool is kept after the job depends on it. 0 where nothing is to be kept. */
  readonly workerMb: number;
}

/** Inputs that are given as they are. */
export interface GivenInputs {
  readonly inputs: ImageInputs;
}

/** Sessions that a thread keeps open, the last ones that it used: a slice and a tile of it, twice. */
const SESSIONS_A_THREAD = 4;

/** What the sessions of a pool take in each thread, MiB, by their models' keys; the last used ones last. */
const heldMb = new WeakMap<object, Map<string, number>>();

let jobs = 0;

/**
 * Runs a network over slices: one onnxruntime session a worker thread, slices in parallel, results in
 * order (see `WorkerPool` for order, back-pressure, cancelling and dying workers). The same slices give
 * the same bytes for any number of workers on the CPU.
 *
 * Sessions are kept by the model's bytes (which hold the image's size) and the device. After a job that went
 * well the threads and their sessions stay for the next one, for a while and where they are small enough (see
 * `keptPools.ts`).
 */
export class SlicePool<Source, Reply, Shared = undefined> {
  readonly #pool: WorkerPool<SliceTask<Source>, Reply>;
  readonly #key: string;
  readonly #options: SlicePoolOptions<Shared>;
  readonly #models = new Map<string, Material>();
  readonly #shared: Material;

  constructor(options: SlicePoolOptions<Shared>) {
    const { entry, device, workers, shared } = options;
    this.#options = options;
    this.#key = `${entry.href} on ${device}`;
    this.#shared = material(`shared ${jobs++}`, { kind: 'shared', shared });
    const workerData: SliceWorkerData = { device };
    const kept = takePool<WorkerPool<SliceTask<Source>, Reply>>(this.#key);
    this.#pool = kept ?? new WorkerPool({ entry, workers, workerData, keep: { model: SESSIONS_A_THREAD } });
    this.#pool.workers = workers;
  }

  /** As `WorkerPool.run`. */
  run(
    tasks: Iterable<SliceTask<Source>> | AsyncIterable<SliceTask<Source>>,
    signal?: AbortSignal,
  ): AsyncGenerator<Reply> {
    return this.#pool.run(tasks, signal, (task) => this.#materialsOf(task));
  }

  /** To be called once, at the end of the job: keeps the threads for the next job, or ends them. */
  close(): void {
    const { workerMb } = this.#options;
    if (this.#pool.closed) return;
    if (workerMb === 0) {
      this.#pool.close();
      return;
    }
    this.#pool.rest('shared');
    keepPool(this.#key, this.#pool, this.#threadMb() * this.#pool.workers);
  }

  /** What a thread holds after this job: the sessions of earlier ones stay beside its own. */
  #threadMb(): number {
    const { workerMb } = this.#options;
    const held = heldMb.get(this.#pool) ?? new Map<string, number>();
    heldMb.set(this.#pool, held);
    for (const { key } of this.#models.values()) {
      held.delete(key);
      held.set(key, workerMb);
    }
    for (const key of [...held.keys()].slice(0, -SESSIONS_A_THREAD)) held.delete(key);
    return Math.max(
      workerMb,
      [...held.values()].reduce((sum, mb) => sum + mb, 0),
    );
  }

  #materialsOf(task: SliceTask<Source>): readonly Material[] {
    const { modelFor } = this.#options;
    if (modelFor === undefined) return [this.#shared];
    const { rows, columns } = sessionSize(task);
    const size = `${rows}x${columns}`;
    let model = this.#models.get(size);
    if (model === undefined) {
      const onnx = modelFor(rows, columns);
      model = material(createHash('sha256').update(onnx).digest('hex'), { kind: 'model', onnx });
      this.#models.set(size, model);
    }
    return [model, this.#shared];
  }
}

function material(key: string, value: SliceMaterial<unknown>): Material {
  return { key, kind: value.kind, value: () => value };
}

/** Size of the images that the network is run on: the slice, or its tiles. */
export function sessionSize(task: Pick<SliceTask<unknown>, 'rows' | 'columns' | 'tiles'>): {
  rows: number;
  columns: number;
} {
  if (task.tiles === undefined) return { rows: task.rows, columns: task.columns };
  return { rows: task.tiles.tileRows, columns: task.tiles.tileColumns };
}
