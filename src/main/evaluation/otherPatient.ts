import { basename, resolve } from 'node:path';
import type { Request } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import { networkNamed } from '../../core/networks/index.ts';
import type { ModelPackage } from '../models/loadModelPackage.ts';
import { contrastFile, findContrast } from '../studies/caseFolder.ts';
import type { OtherPatient } from './disturbReference.ts';
import { loadScaledContrast } from './evaluationCase.ts';
import type { FoundCase } from './findCases.ts';

type DisturbedRequest = Pick<Request<'evaluate'>, 'reference' | 'otherPatient'>;

/** Throws `usage` where there is no reference to disturb, `not-found` where the other patient has none. */
export async function checkDisturbance(
  request: DisturbedRequest,
  models: readonly ModelPackage[],
): Promise<void> {
  const { reference, otherPatient } = request;
  if (reference === undefined || !models.some(({ card }) => networkNamed(card.network).usesReference)) {
    throw new TandemError('usage', 'There is no reference to disturb', {
      hint: 'Name its contrast with --reference, and a model that uses one.',
    });
  }
  if (otherPatient !== undefined) await contrastFile(resolve(otherPatient), reference);
}

/**
 * Whose reference is laid on a case: the patient named, else the nearest of the other cases from half-way
 * round the list on (neighbours by name are often visits of one patient) that can be read; undefined where
 * there is none.
 */
export async function otherPatientOf(
  { reference = '', otherPatient }: DisturbedRequest,
  cases: readonly FoundCase[],
  index: number,
): Promise<OtherPatient | undefined> {
  const own = cases[index]!.path;
  const half = Math.floor(cases.length / 2);
  const candidates = cases.map((_, step) => cases[(index + half + step) % cases.length]!);
  if (otherPatient !== undefined) {
    const path = resolve(otherPatient);
    candidates.unshift({ name: basename(path), path });
  }
  for (const { name, path } of candidates) {
    if (path === own || (await findContrast(path, reference)) === undefined) continue;
    try {
      return { name, volume: await loadScaledContrast(path, reference) };
    } catch (error) {
      // An unreadable reference is told where its own case is evaluated.
      if (!(error instanceof TandemError)) throw error;
    }
  }
  return undefined;
}
