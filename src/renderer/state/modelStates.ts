import type { ModelState } from '../../core/contract/modelStates.ts';
import type { ModelSummary } from './store.ts';

/**
 * The state of a model by its id or path, as the list of models has it. One that is not on the list is a candidate,
 * as the workstation says of any package elsewhere; undefined before there is a list.
 */
export function stateOfModel(models: readonly ModelSummary[], model: string): ModelState | undefined {
  if (models.length === 0) return undefined;
  return models.find(({ id, path }) => id === model || path === model)?.standing.state ?? 'candidate';
}
