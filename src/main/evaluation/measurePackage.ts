import { basename } from 'node:path';
import type { JobContext } from '../../core/job.ts';
import { networkNamed } from '../../core/networks/index.ts';
import type { Measurement } from '../models/card.ts';
import { loadModelPackage } from '../models/loadModelPackage.ts';
import { evaluateCase } from './evaluateCase.ts';
import { loadEvaluationCase } from './evaluationCase.ts';

/**
 * What a model's card says of one case: its package evaluated there on the CPU, the reference where the
 * headers place it. Throws as `loadModelPackage`, `loadEvaluationCase` and `evaluateCase`.
 */
export async function measurePackage(
  model: string,
  folder: string,
  contrasts: { readonly target: string; readonly reference: string | undefined },
  job: JobContext,
): Promise<Omit<Measurement, 'trainedOn'>> {
  const { id, card, weights } = await loadModelPackage(model);
  const { network, options, scale } = card;
  job.progress({ stage: 'reading', done: 0, total: 1 });
  const reference = networkNamed(network).usesReference ? contrasts.reference : undefined;
  const evaluated = await loadEvaluationCase(folder, contrasts.target, reference);
  const methods = await evaluateCase(
    evaluated,
    { model: { id, network, options, scale, weights }, device: 'cpu', registration: 'none' },
    job,
  );
  return { case: basename(folder), scale, slices: evaluated.truth.slices.length, methods };
}
