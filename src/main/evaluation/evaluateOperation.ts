import { TandemError } from '../../core/errors.ts';
import type { Handler } from '../host/handler.ts';
import { loadModelPackage } from '../models/loadModelPackage.ts';
import { evaluateCase } from './evaluateCase.ts';
import { loadEvaluationCase } from './evaluationCase.ts';

/**
 * `tandem evaluate`: how near zero-filling, cubic interpolation and a model come to the truth on one case.
 * Throws `model-not-found`, `usage` where the scale is not the model's, and as `loadEvaluationCase` and
 * `evaluateCase`.
 */
export const evaluateOperation: Handler<'evaluate'> = async (request, job) => {
  const { id, card, weights } = await loadModelPackage(request.model);
  if (card.scale !== request.scale) {
    throw new TandemError('usage', `The model ${id} enhances ×${card.scale}, not ×${request.scale}`, {
      hint: `Ask for --scale ${card.scale}, or name another model.`,
    });
  }
  job.progress({ stage: 'reading', done: 0, total: 1 });
  const evaluated = await loadEvaluationCase(request.case, request.target, request.reference);
  const methods = await evaluateCase(
    evaluated,
    {
      model: { id, network: card.network, options: card.options, scale: card.scale, weights },
      device: request.device,
      registration: request.registration,
    },
    job,
  );
  return { case: evaluated.name, scale: request.scale, slices: evaluated.truth.slices.length, methods };
};
