import type { ShardedStep, TrainingStep } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { ParallelStepSession } from './parallelStepSession.ts';
import type { TrainingState } from './state.ts';
import type { StepRunner } from './stepRunner.ts';
import { StepSession } from './stepSession.ts';

/**
 * What runs the steps of a model: one session, or for a sharded one as many as there are workers.
 *
 * @param data the arrays behind the model's inputs, by name; their content is read at every step
 * @param step how many steps the state has behind it
 * @param workers cores that may compute shards; the weights do not depend on it
 */
export function openSteps(
  model: TrainingStep | ShardedStep,
  data: ReadonlyMap<string, NamedTensor>,
  state: TrainingState,
  step: number,
  workers: number,
): Promise<StepRunner> {
  return 'shards' in model
    ? ParallelStepSession.open(model, data, state, step, { workers })
    : StepSession.open(model, data, state, step);
}
