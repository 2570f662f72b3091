import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { meanName, type ShardedStep, updatedName } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { elementCount } from '../../core/graph/shape.ts';
import { openSession, runError, sessionOptions } from '../runtime/session.ts';
import { feedsOf, type ShardPlan, ShardSession, shardPlan } from './parallelShards.ts';
import { ShardThread } from './parallelThread.ts';
import type { TrainingState } from './state.ts';
import { checkState, checkStep, type StepRunner } from './stepRunner.ts';

export interface ParallelOptions {
  /** Shards that are computed at the same time, by the calling thread among others. */
  readonly workers: number;
  /** False leaves all shards to threads of their own: for measurements, it is not faster. */
  readonly callerComputes?: boolean;
}

/** Deaths of threads in one session that are put up with: their work is done again. */
const MOST_DEATHS = 3;

/**
 * Training steps on several cores of the CPU: each shard of the batch is computed by whoever is free, on memory
 * that all share; the calling thread then takes the means in the order of the shards, and updates the weights.
 * The same settings give the same weights, bit for bit, whatever the number of workers.
 */
export class ParallelStepSession implements StepRunner {
  private readonly model: ShardedStep;
  private readonly data: ReadonlyMap<string, NamedTensor>;
  private readonly plan: ShardPlan;
  private readonly update: InferenceSession;
  private own: ShardSession | undefined;
  private readonly callerComputes: boolean;
  private readonly threads: ShardThread[];
  private deaths = 0;
  private running: Promise<unknown> = Promise.resolve();
  /** Moments and averages; weights and buffers lie in the plan. */
  private optimiser: ReadonlyMap<string, NamedTensor>;
  private readonly means: ReadonlyMap<string, NamedTensor>;
  private step: number;

  private constructor(
    parts: {
      readonly model: ShardedStep;
      readonly data: ReadonlyMap<string, NamedTensor>;
      readonly plan: ShardPlan;
      readonly update: InferenceSession;
      readonly own: ShardSession | undefined;
      readonly threads: ShardThread[];
    },
    state: TrainingState,
    step: number,
  ) {
    this.model = parts.model;
    this.data = parts.data;
    this.plan = parts.plan;
    this.update = parts.update;
    this.own = parts.own;
    this.callerComputes = parts.own !== undefined;
    this.threads = parts.threads;
    this.step = step;
    this.optimiser = new Map(
      [...state]
        .filter(([name]) => !this.plan.parameters.has(name))
        .map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
    );
    this.means = new Map(
      parts.model.gradient.results.map(({ name, shape }) => [
        name,
        { shape, data: new Float32Array(elementCount(shape)) },
      ]),
    );
  }

  /**
   * @param data the arrays behind the whole batch, by the names of the model's inputs; their content is read at
   *   every step
   * @param state as `initialState` or a checkpoint gives it
   * @param step how many steps the state has behind it
   */
  static async open(
    model: ShardedStep,
    data: ReadonlyMap<string, NamedTensor>,
    state: TrainingState,
    step: number,
    { workers, callerComputes = true }: ParallelOptions,
  ): Promise<ParallelStepSession> {
    const plan = shardPlan(model, state);
    const atOnce = Math.max(1, Math.min(workers, model.shards));
    const starting = Array.from({ length: atOnce - (callerComputes ? 1 : 0) }, () => ShardThread.start(plan));
    const opening = callerComputes ? ShardSession.open(plan) : undefined;
    const updating = openSession(model.update.onnx, sessionOptions('cpu'));
    try {
      const [threads, update, own] = await Promise.all([Promise.all(starting), updating, opening]);
      return new ParallelStepSession({ model, data, plan, update, own, threads }, state, step);
    } catch (error) {
      const ends = [
        ...starting.map((thread) => thread.then((one) => one.end())),
        ...[opening, updating].map((session) => session?.then((one) => one.release())),
      ];
      await Promise.allSettled(ends);
      throw error;
    }
  }

  run(learningRate: number): Promise<ReadonlyMap<string, number>> {
    const running = this.runStep(learningRate);
    this.running = running.catch(() => {});
    return running;
  }

  async state(): Promise<TrainingState> {
    const found = new Map<string, NamedTensor>();
    for (const { name, shape } of this.model.state) {
      const data = Float32Array.from((this.plan.parameters.get(name) ?? this.optimiser.get(name)!).data);
      checkState(this.step, name, data);
      found.set(name, { shape, data });
    }
    return found;
  }

  /** After the step that is under way. Nothing keeps the process alive afterwards. */
  async release(): Promise<void> {
    await this.running;
    await Promise.all(this.threads.map((thread) => thread.end()));
    await this.own?.release();
    await this.update.release();
  }

  private async runStep(learningRate: number): Promise<ReadonlyMap<string, number>> {
    await this.computeShards();
    this.takeMeans();
    const results = await this.updated(learningRate);
    const valuesOf = (name: string) => results[name]?.data as Float32Array | undefined;
    const told = new Map(
      this.model.reports.map((name) => [name, (this.means.get(name)?.data ?? valuesOf(name)!)[0]!]),
    );
    const next = new Map<string, NamedTensor>();
    for (const { name, shape, updated } of this.model.state) {
      if (!updated) continue;
      const of = updatedName(name);
      next.set(name, { shape, data: valuesOf(of) ?? this.means.get(of)!.data });
    }
    const values = [...next].map(([name, { data }]) => [name, data] as const);
    checkStep(this.model, this.step + 1, told, values);
    for (const [name, { data }] of this.plan.parameters) {
      const value = next.get(name);
      if (value !== undefined) data.set(value.data);
    }
    this.optimiser = new Map([...this.optimiser.keys()].map((name) => [name, next.get(name)!]));
    this.step++;
    return told;
  }

  private async computeShards(): Promise<void> {
    const { plan, threads } = this;
    this.spreadData();
    for (const [n, thread] of threads.entries()) {
      if (!thread.alive) threads[n] = await ShardThread.start(plan);
    }
    plan.taken[0] = 0;
    plan.done.fill(0);
    const working = threads.map((thread) => thread.work());
    const outcomes = await Promise.allSettled([
      ...working,
      this.callerComputes ? this.own!.work() : undefined,
    ]);
    for (const [n, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') continue;
      const died = threads[n]?.alive === false;
      if (!died || ++this.deaths > MOST_DEATHS) throw outcome.reason;
    }
    if (plan.done.includes(0)) {
      this.own ??= await ShardSession.open(plan);
      await this.own.finish();
    }
  }

  /** Shards are parts of the batch in its order. */
  private spreadData(): void {
    for (const [n, { data }] of this.plan.shards.entries()) {
      for (const [name, { data: part }] of data) {
        const whole = this.data.get(name)!.data;
        part.set(whole.subarray(n * part.length, (n + 1) * part.length));
      }
    }
  }

  /** Always in the order of the shards, and summed in float64: whoever computed them, the bits are the same. */
  private takeMeans(): void {
    const { shards } = this.plan;
    for (const [name, { data: mean }] of this.means) {
      const values = shards.map(({ results }) => results.get(name)!.data);
      for (let n = 0; n < mean.length; n++) {
        let sum = 0;
        for (const one of values) sum += one[n]!;
        mean[n] = sum / shards.length;
      }
    }
  }

  private async updated(learningRate: number): Promise<InferenceSession.OnnxValueMapType> {
    const feeds = {
      ...feedsOf(this.plan.parameters),
      ...feedsOf(this.optimiser),
      ...feedsOf(new Map([...this.means].map(([name, mean]) => [meanName(name), mean]))),
    };
    for (const [name, value] of this.model.scalars(this.step + 1, learningRate)) {
      feeds[name] = new Tensor('float32', Float32Array.of(value), []);
    }
    return this.update.run(feeds).catch((error: unknown) => {
      throw runError(error);
    });
  }
}
