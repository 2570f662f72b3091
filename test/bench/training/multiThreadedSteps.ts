import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { type TrainingStep, updatedName } from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { feedsOf } from '../../../src/main/training/parallelShards.ts';
import type { TrainingState } from '../../../src/main/training/state.ts';
import type { StepRunner } from '../../../src/main/training/stepRunner.ts';

/**
 * Steps in a session of any settings, without the checks of `StepSession`. Only measured: the bits of a step
 * with several threads in an operator change with their number.
 */
export class MultiThreadedSteps implements StepRunner {
  private readonly session: InferenceSession;
  private readonly model: TrainingStep;
  private readonly feeds: Record<string, Tensor>;
  private step = 0;

  constructor(
    session: InferenceSession,
    model: TrainingStep,
    data: ReadonlyMap<string, NamedTensor>,
    state: TrainingState,
  ) {
    this.session = session;
    this.model = model;
    this.feeds = { ...feedsOf(data), ...feedsOf(state) };
  }

  async run(learningRate: number): Promise<ReadonlyMap<string, number>> {
    for (const [name, value] of this.model.scalars(this.step + 1, learningRate)) {
      this.feeds[name] = new Tensor('float32', Float32Array.of(value), []);
    }
    const results = await this.session.run(this.feeds);
    for (const { name, updated } of this.model.state) {
      if (updated) this.feeds[name] = results[updatedName(name)]! as Tensor;
    }
    this.step++;
    return new Map(this.model.reports.map((name) => [name, (results[name]!.data as Float32Array)[0]!]));
  }

  async state(): Promise<TrainingState> {
    return new Map(
      this.model.state.map(({ name, shape }) => {
        const data = Float32Array.from(this.feeds[name]!.data as Float32Array);
        return [name, { shape, data }] as const;
      }),
    );
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
