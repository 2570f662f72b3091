import { InferenceSession, Tensor } from 'onnxruntime-node';
import { TandemError } from '../../core/errors.ts';
import {
  ADAM_DEFAULTS,
  adamCorrections,
  momentNames,
  type Parameter,
  STEP_INPUTS,
  STEP_LOSS,
  type TrainingStep,
  updatedName,
} from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { sessionOptions } from '../runtime/session.ts';

/** Weights by path, and Adam's moments under their names. */
export type TrainingState = ReadonlyMap<string, NamedTensor>;

/**
 * Runs training steps on the CPU engine, one thread. Weights and moments stay in two sets of preallocated
 * tensors that take turns: a step reads one and writes the other, nothing is copied.
 */
export class StepSession {
  private readonly session: InferenceSession;
  private readonly data: Readonly<Record<string, Tensor>>;
  private readonly names: readonly string[];
  private readonly loss = new Tensor('float32', new Float32Array(1), []);
  private current: Map<string, Tensor>;
  private spare: Map<string, Tensor>;
  private step: number;

  private constructor(
    session: InferenceSession,
    data: Readonly<Record<string, Tensor>>,
    state: TrainingState,
    step: number,
  ) {
    this.session = session;
    this.data = data;
    this.names = [...state.keys()];
    this.step = step;
    this.current = tensorsOf(state);
    this.spare = tensorsOf(state);
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
      return new StepSession(session, Object.fromEntries(tensorsOf(data, true)), state, step);
    } catch (error) {
      throw new TandemError('failed', `onnxruntime refuses the training step: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /**
   * One step on what the data arrays hold. Returns the loss before the step.
   * Throws `diverged`, keeping the state before the step, where the loss or any updated value is not finite.
   */
  async run(learningRate: number): Promise<number> {
    const [correction1, correction2] = adamCorrections(this.step + 1, ADAM_DEFAULTS);
    const feeds: Record<string, Tensor> = {
      ...this.data,
      [STEP_INPUTS.learningRate]: scalar(learningRate),
      [STEP_INPUTS.correction1]: scalar(correction1),
      [STEP_INPUTS.correction2]: scalar(correction2),
    };
    const fetches: Record<string, Tensor> = { [STEP_LOSS]: this.loss };
    for (const name of this.names) {
      feeds[name] = this.current.get(name)!;
      fetches[updatedName(name)] = this.spare.get(name)!;
    }
    await this.session.run(feeds, fetches);
    const loss = (this.loss.data as Float32Array)[0]!;
    if (!Number.isFinite(loss) || !this.names.every((name) => allFinite(this.spare.get(name)!))) {
      throw new TandemError('diverged', `Training diverged at step ${this.step + 1}: the loss is ${loss}`, {
        hint: 'Train with a lower learning rate; the last good state is in the checkpoint.',
      });
    }
    [this.current, this.spare] = [this.spare, this.current];
    this.step++;
    return loss;
  }

  /** A copy of the weights and moments as they are now. */
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

/** The state before the first step: the given weights, moments at zero. */
export function initialState(
  parameters: readonly Parameter[],
  weights: ReadonlyMap<string, Float32Array>,
): TrainingState {
  const state = new Map<string, NamedTensor>();
  for (const { path, tensor } of parameters) {
    const data = weights.get(path);
    if (data === undefined)
      throw new TandemError('bad-model', `There are no values for the parameter ${path}`);
    state.set(path, { shape: tensor.shape, data });
    for (const name of momentNames(path)) {
      state.set(name, { shape: tensor.shape, data: new Float32Array(data.length) });
    }
  }
  return state;
}

/** The weights of a state, without the moments. */
export function weightsOf(state: TrainingState, parameters: readonly Parameter[]): Map<string, NamedTensor> {
  return new Map(parameters.map(({ path }) => [path, state.get(path)!]));
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

function allFinite(tensor: Tensor): boolean {
  for (const value of tensor.data as Float32Array) if (!Number.isFinite(value)) return false;
  return true;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
