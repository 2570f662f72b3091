import { initialValues, STEP_LOSS } from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { inferenceModel } from '../../../src/core/networks/index.ts';
import { blockedChannels } from '../../../src/main/runtime/blockedChannels.ts';
import { openImageSession } from '../../../src/main/runtime/session.ts';
import { TRAINING_DEFAULTS, type TrainingSettings } from '../../../src/main/training/settings.ts';
import { finalWeights, initialState } from '../../../src/main/training/state.ts';
import { stepModel } from '../../../src/main/training/stepModel.ts';
import { StepSession } from '../../../src/main/training/stepSession.ts';
import { phantomPair } from '../../helpers/phantomPair.ts';

const SIDE = 64;
const LEAST_STEPS_BETWEEN_LOOKS = 25;

const SLAB_MM = 80;
const pairs = { 2: phantomPair(SIDE, SIDE, 2, SLAB_MM), 4: phantomPair(SIDE, SIDE, 4, SLAB_MM) };

/** A training on one pair of 64×64, with the loss of the network's paper. */
export class OnePair {
  private readonly settings: TrainingSettings;
  private readonly session: StepSession;
  private readonly model: ReturnType<typeof stepModel>;

  private constructor(settings: TrainingSettings, model: ReturnType<typeof stepModel>, session: StepSession) {
    this.settings = settings;
    this.model = model;
    this.session = session;
  }

  static async open(network: string, options: unknown, scale: 2 | 4 = 2, seed = 1): Promise<OnePair> {
    const settings: TrainingSettings = {
      ...TRAINING_DEFAULTS,
      network,
      options,
      scale,
      steps: 1,
      batch: 1,
      patch: SIDE,
      learningRate: 1e-3,
      loss: 'paper',
      seed,
    };
    const model = stepModel(settings, await blockedChannels());
    const images: Readonly<Record<string, Float32Array>> = pairs[scale];
    const data = new Map<string, NamedTensor>(
      model.data.map(({ name, shape }) => [name, { shape, data: images[name]! }]),
    );
    const state = initialState(model.state, initialValues(model.parameters, seed));
    return new OnePair(settings, model, await StepSession.open(model, data, state, 0));
  }

  /** The loss before the step. */
  async step(learningRate: number): Promise<number> {
    return (await this.session.run(learningRate)).get(STEP_LOSS)!;
  }

  /** Mean absolute error of the whole enhanced image, of the weights as a model package keeps and runs them. */
  async meanAbsoluteError(): Promise<number> {
    const { network, options, scale } = this.settings;
    const weights = finalWeights(this.model, await this.session.state());
    const session = await openImageSession(
      inferenceModel({ network, options, scale, weights }, SIDE, SIDE),
      'cpu',
    );
    const enhanced = await session.run(pairs[scale]);
    await session.release();
    const { truth } = pairs[scale];
    return enhanced.reduce((sum, value, n) => sum + Math.abs(value - truth[n]!), 0) / truth.length;
  }

  /**
   * Steps until the error is below `goal`, at most `most`; the rate falls in a straight line to nothing there.
   * Returns the steps taken and the error.
   */
  async overfit(goal: number, most: number, learningRate: number): Promise<{ steps: number; error: number }> {
    for (let steps = 1; ; steps++) {
      await this.step(learningRate * (1 - (steps - 1) / most));
      if (steps % LEAST_STEPS_BETWEEN_LOOKS !== 0 && steps < most) continue;
      const error = await this.meanAbsoluteError();
      if (error < goal || steps >= most) return { steps, error };
    }
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
