import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { ShardedStep } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { elementCount, type Shape } from '../../core/graph/shape.ts';
import { openSession, runError, sessionOptions } from '../runtime/session.ts';
import type { TrainingState } from './state.ts';

type NamedTensors = ReadonlyMap<string, NamedTensor>;

/**
 * What the threads of a sharded step have in common. Its arrays lie in shared memory: a thread that is given it
 * as a message sees the same ones.
 */
export interface ShardPlan {
  readonly onnx: Uint8Array;
  /** Weights and buffers; nobody writes them while shards are computed. */
  readonly parameters: NamedTensors;
  readonly shards: readonly Shard[];
  /** One number: how many shards were taken. */
  readonly taken: Int32Array;
  /** 1 for each shard whose results are there. */
  readonly done: Int32Array;
}

export interface Shard {
  readonly data: NamedTensors;
  readonly results: NamedTensors;
}

/** The shared arrays of a step, its parameters as they are in the state. */
export function shardPlan({ shards, gradient, parameters }: ShardedStep, state: TrainingState): ShardPlan {
  const make = (entries: readonly { readonly name: string; readonly shape: Shape }[]) =>
    new Map(entries.map(({ name, shape }) => [name, sharedTensor(shape)]));
  const values = new Map(
    parameters.map(({ path, tensor }) => {
      const shared = sharedTensor(tensor.shape);
      shared.data.set(state.get(path)!.data);
      return [path, shared];
    }),
  );
  return {
    onnx: gradient.onnx,
    parameters: values,
    shards: Array.from({ length: shards }, () => ({
      data: make(gradient.data),
      results: make(gradient.results),
    })),
    taken: sharedIntegers(1),
    done: sharedIntegers(shards),
  };
}

/** Computes shards of a plan, in whichever thread it is opened. */
export class ShardSession {
  private readonly session: InferenceSession;
  private readonly plan: ShardPlan;
  private readonly feeds: readonly Readonly<Record<string, Tensor>>[];

  private constructor(session: InferenceSession, plan: ShardPlan) {
    this.session = session;
    this.plan = plan;
    const parameters = feedsOf(plan.parameters);
    this.feeds = plan.shards.map(({ data }) => ({ ...parameters, ...feedsOf(data) }));
  }

  /** Throws `bad-model` where onnxruntime refuses the model. */
  static async open(plan: ShardPlan): Promise<ShardSession> {
    return new ShardSession(await openSession(plan.onnx, sessionOptions('cpu')), plan);
  }

  /** Takes shards and computes them until none is left to take. Throws `out-of-memory` or `failed`. */
  async work(): Promise<void> {
    const { taken, shards } = this.plan;
    for (let n = Atomics.add(taken, 0, 1); n < shards.length; n = Atomics.add(taken, 0, 1)) {
      await this.compute(n);
    }
  }

  /** Computes the shards that were taken by somebody who did not come to their end. */
  async finish(): Promise<void> {
    for (const n of this.plan.shards.keys()) if (Atomics.load(this.plan.done, n) === 0) await this.compute(n);
  }

  release(): Promise<void> {
    return this.session.release();
  }

  private async compute(shard: number): Promise<void> {
    const found = await this.session.run(this.feeds[shard]!).catch((error: unknown) => {
      throw runError(error);
    });
    for (const [name, { data }] of this.plan.shards[shard]!.results) {
      data.set(found[name]!.data as Float32Array);
    }
    Atomics.store(this.plan.done, shard, 1);
  }
}

/** Tensors on these arrays: their content is read at every run. */
export function feedsOf(values: NamedTensors): Record<string, Tensor> {
  return Object.fromEntries(
    [...values].map(([name, { shape, data }]) => [name, new Tensor('float32', data, [...shape])]),
  );
}

function sharedTensor(shape: Shape): NamedTensor {
  const bytes = elementCount(shape) * Float32Array.BYTES_PER_ELEMENT;
  return { shape, data: new Float32Array(new SharedArrayBuffer(bytes)) };
}

function sharedIntegers(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}
