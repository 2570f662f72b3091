import type { InferenceSession } from 'onnxruntime-node';
import { Tensor } from 'onnxruntime-node';
import {
  Graph,
  type Tensor as GraphTensor,
  type StateEntry,
  type TrainingStep,
  toOnnx,
  updatedName,
} from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { openSession, runError, sessionOptions } from '../runtime/session.ts';
import type { TrainingState } from './state.ts';
import { checkState, checkStep, type StepRunner } from './stepRunner.ts';

/**
 * Runs training steps, one after another, on the device that the step was made for. What a step gives of the
 * state is fed to the next as it is: on the CPU as arrays (tensors made beforehand for the results would save
 * nothing: onnxruntime-node fills them and copies the results as well), on WebGPU in the device's own
 * memory, which the weights and moments leave only when `state` asks for them.
 */
export class StepSession implements StepRunner {
  private readonly session: InferenceSession;
  private readonly model: TrainingStep;
  private readonly data: Readonly<Record<string, Tensor>>;
  private readonly updated: readonly string[];
  private readback: InferenceSession | undefined;
  private current: ReadonlyMap<string, Tensor>;
  private step: number;

  private constructor(
    session: InferenceSession,
    model: TrainingStep,
    data: ReadonlyMap<string, NamedTensor>,
    state: TrainingState,
    step: number,
  ) {
    this.session = session;
    this.model = model;
    this.data = Object.fromEntries(tensorsOf(data, true));
    this.updated = model.state.filter((entry) => entry.updated).map(({ name }) => name);
    this.step = step;
    this.current = tensorsOf(state);
  }

  /**
   * @param data the arrays behind the model's inputs, by name; their content is read at every step
   * @param state as `initialState` or a checkpoint gives it
   * @param step how many steps the state has behind it
   */
  static async open(
    model: TrainingStep,
    data: ReadonlyMap<string, NamedTensor>,
    state: TrainingState,
    step: number,
  ): Promise<StepSession> {
    const resident = model.state.filter(({ updated }) => updated).map(({ name }) => updatedName(name));
    const session = await openSession(model.onnx, {
      ...sessionOptions(model.device),
      // The other devices' results are copied to the CPU by onnxruntime-node 1.30, whatever is asked for.
      ...(model.device === 'webgpu' && { preferredOutputLocation: locations(model.reports, resident) }),
    });
    return new StepSession(session, model, data, state, step);
  }

  /** See `StepRunner`. Away from the CPU it is `state` that looks at the values. */
  async run(learningRate: number): Promise<ReadonlyMap<string, number>> {
    const feeds: Record<string, Tensor> = { ...this.data, ...Object.fromEntries(this.current) };
    for (const [name, value] of this.model.scalars(this.step + 1, learningRate)) feeds[name] = scalar(value);
    const results = await this.session.run(feeds).catch((error: unknown) => {
      throw runError(error);
    });
    const told = new Map(this.model.reports.map((name) => [name, firstOf(results[name]!)]));
    const next = new Map(this.current);
    for (const name of this.updated) next.set(name, results[updatedName(name)]!);
    try {
      const visible = this.updated.filter((name) => isHere(next.get(name)!));
      const values = visible.map((name) => [name, next.get(name)!.data as Float32Array] as const);
      checkStep(this.model, this.step + 1, told, values);
    } catch (error) {
      disposeOf(next, this.current);
      throw error;
    }
    disposeOf(this.current, next);
    this.current = next;
    this.step++;
    return told;
  }

  async state(): Promise<TrainingState> {
    const found = new Map<string, NamedTensor>();
    const away = this.model.state.filter(({ name }) => !isHere(this.current.get(name)!));
    const fetched = away.length === 0 ? {} : await this.fetch(away);
    for (const { name, shape } of this.model.state) {
      const tensor = fetched[updatedName(name)] ?? this.current.get(name)!;
      const data = Float32Array.from(tensor.data as Float32Array);
      checkState(this.step, name, data);
      found.set(name, { shape, data });
    }
    return found;
  }

  /** Where the state lies: `cpu`, or the device's own memory. */
  get locations(): ReadonlySet<Tensor['location']> {
    return new Set([...this.current.values()].map(({ location }) => location));
  }

  async release(): Promise<void> {
    for (const tensor of this.current.values()) if (!isHere(tensor)) tensor.dispose();
    await this.readback?.release();
    await this.session.release();
  }

  /** Through a session that copies them: asking a tensor in a device's memory for its data aborts the process. */
  private async fetch(entries: readonly StateEntry[]): Promise<InferenceSession.OnnxValueMapType> {
    this.readback ??= await openSession(copyModel(entries, this.model), sessionOptions(this.model.device));
    const feeds = Object.fromEntries(entries.map(({ name }) => [name, this.current.get(name)!]));
    return this.readback.run(feeds).catch((error: unknown) => {
      throw runError(error);
    });
  }
}

/** A model that gives each entry as it is. */
function copyModel(entries: readonly StateEntry[], { device }: TrainingStep): Uint8Array {
  const graph = new Graph();
  const outputs: Record<string, GraphTensor> = {};
  for (const { name, shape } of entries) outputs[updatedName(name)] = graph.input(name, shape);
  return toOnnx({ name: 'copy', outputs, parameters: 'inputs', device });
}

function locations(
  here: readonly string[],
  onDevice: readonly string[],
): Record<string, 'cpu' | 'gpu-buffer'> {
  return Object.fromEntries([
    ...here.map((name) => [name, 'cpu'] as const),
    ...onDevice.map((name) => [name, 'gpu-buffer'] as const),
  ]);
}

/** Frees the tensors in a device's memory that are not kept. */
function disposeOf(outgoing: ReadonlyMap<string, Tensor>, kept: ReadonlyMap<string, Tensor>): void {
  for (const [name, tensor] of outgoing) if (kept.get(name) !== tensor && !isHere(tensor)) tensor.dispose();
}

function isHere(tensor: Tensor): boolean {
  return tensor.location === 'cpu' || tensor.location === 'none';
}

function tensorsOf(values: ReadonlyMap<string, NamedTensor>, shared = false): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, { shape, data }] of values) {
    tensors.set(name, new Tensor('float32', shared ? data : Float32Array.from(data), [...shape]));
  }
  return tensors;
}

function scalar(value: number): Tensor {
  return new Tensor('float32', Float32Array.of(value), []);
}

function firstOf({ data }: Tensor): number {
  return (data as Float32Array)[0]!;
}
