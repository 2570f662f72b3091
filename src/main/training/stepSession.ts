import { InferenceSession, Tensor } from 'onnxruntime-node';
import { TandemError } from '../../core/errors.ts';
import { STEP_LOSS, type TrainingStep, updatedName } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { sessionOptions } from '../runtime/session.ts';
import type { TrainingState } from './state.ts';

/**
 * Runs training steps, one after another. What a step gives of the state is fed to the next as it is. (Tensors
 * made beforehand for the results would save nothing: onnxruntime-node fills them and copies the results as well.)
 */
export class StepSession {
  private readonly session: InferenceSession;
  private readonly model: TrainingStep;
  private readonly data: Readonly<Record<string, Tensor>>;
  private readonly updated: readonly string[];
  private current: ReadonlyMap<string, Tensor>;
  private step: number;

  private constructor(
    session: InferenceSession,
    model: TrainingStep,
    data: Readonly<Record<string, Tensor>>,
    state: TrainingState,
    step: number,
  ) {
    this.session = session;
    this.model = model;
    this.data = data;
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
    try {
      const session = await InferenceSession.create(model.onnx, sessionOptions('cpu'));
      return new StepSession(session, model, Object.fromEntries(tensorsOf(data, true)), state, step);
    } catch (error) {
      throw new TandemError('failed', `onnxruntime refuses the training step: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /**
   * One step on what the data arrays hold. Returns the reports, the loss among them, as they were before it.
   * Throws `diverged`, keeping the state before the step, where the loss or any updated value is not finite.
   */
  async run(learningRate: number): Promise<ReadonlyMap<string, number>> {
    const feeds: Record<string, Tensor> = { ...this.data, ...Object.fromEntries(this.current) };
    for (const [name, value] of this.model.scalars(this.step + 1, learningRate)) feeds[name] = scalar(value);
    const results = await this.session.run(feeds);
    const told = new Map(this.model.reports.map((name) => [name, firstOf(results[name]!)]));
    const next = new Map(this.current);
    for (const name of this.updated) next.set(name, results[updatedName(name)] as Tensor);
    const reportsFinite = [...told.values()].every(Number.isFinite);
    if (!reportsFinite || !this.updated.every((name) => allFinite(next.get(name)!))) {
      const loss = told.get(STEP_LOSS);
      throw new TandemError('diverged', `Training diverged at step ${this.step + 1}: the loss is ${loss}`, {
        hint: 'Train with a lower learning rate; the last good state is in the checkpoint.',
      });
    }
    this.current = next;
    this.step++;
    return told;
  }

  /** A copy of the state as it is now. */
  state(): TrainingState {
    const state = new Map<string, NamedTensor>();
    for (const [name, tensor] of this.current) {
      state.set(name, { shape: tensor.dims, data: Float32Array.from(tensor.data as Float32Array) });
    }
    return state;
  }

  release(): Promise<void> {
    return this.session.release();
  }
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

function allFinite(tensor: Tensor): boolean {
  for (const value of tensor.data as Float32Array) if (!Number.isFinite(value)) return false;
  return true;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
