import type { InferenceSession } from 'onnxruntime-node';
import { Tensor } from 'onnxruntime-node';
import { TandemError } from '../../core/errors.ts';
import {
  Graph,
  type Tensor as GraphTensor,
  STEP_LOSS,
  type StateEntry,
  type TrainingStep,
  toOnnx,
  updatedName,
} from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { openSession, runError, sessionOptions } from '../runtime/session.ts';
import type { TrainingState } from './state.ts';

/**
 * Runs training steps, one after another, on the device that the step was made for. What a step gives of the
 * state is fed to the next as it is: on the CPU as arrays (tensors made beforehand for the results would save
 * nothing: onnxruntime-node fills them and copies the results as well), on WebGPU in the device's own
 * memory, which the weights and moments leave only when `state` asks for them.
 */
export class StepSession {
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

  /**
   * One step on what the data arrays hold. Returns the reports, the loss among them, as they were before it.
   * Throws `diverged`, keeping the state before the step, where a report or, on the CPU, any updated value is
   * not finite; elsewhere `state` looks at the values.
   */
  async run(learningRate: number): Promise<ReadonlyMap<string, number>> {
    const feeds: Record<string, Tensor> = { ...this.data, ...Object.fromEntries(this.current) };
    for (const [name, value] of this.model.scalars(this.step + 1, learningRate)) feeds[name] = scalar(value);
    const results = await this.session.run(feeds).catch((error: unknown) => {
      throw runError(error);
    });
    const told = new Map(this.model.reports.map((name) => [name, firstOf(results[name]!)]));
    const next = new Map(this.current);
    for (const name of this.updated) next.set(name, results[updatedName(name)]!);
    const fault =
      this.model.reports.find((name) => !Number.isFinite(told.get(name)!)) ??
      this.updated.find(
        (name) => isHere(next.get(name)!) && !allFinite(next.get(name)!.data as Float32Array),
      );
    const [outgoing, kept] = fault === undefined ? [this.current, next] : [next, this.current];
    for (const [name, tensor] of outgoing) if (kept.get(name) !== tensor && !isHere(tensor)) tensor.dispose();
    if (fault !== undefined) {
      const loss = `the loss is ${told.get(STEP_LOSS)}`;
      throw this.diverged(
        `step ${this.step + 1}: ${loss}${fault === STEP_LOSS ? '' : `, and ${fault} is not finite`}`,
      );
    }
    this.current = next;
    this.step++;
    return told;
  }

  /** A copy of the state as it is now. Throws `diverged` where a value of it is not finite. */
  async state(): Promise<TrainingState> {
    const found = new Map<string, NamedTensor>();
    const away = this.model.state.filter(({ name }) => !isHere(this.current.get(name)!));
    const fetched = away.length === 0 ? {} : await this.fetch(away);
    for (const { name, shape } of this.model.state) {
      const tensor = fetched[updatedName(name)] ?? this.current.get(name)!;
      const data = Float32Array.from(tensor.data as Float32Array);
      if (!allFinite(data)) throw this.diverged(`step ${this.step}: ${name} is not finite`);
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

  private diverged(where: string): TandemError {
    return new TandemError('diverged', `Training diverged at ${where}`, {
      hint: 'Train anew, in another folder, with a lower learning rate or with clipping (--clip-norm); the state before this step is in the checkpoint.',
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

function allFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}
