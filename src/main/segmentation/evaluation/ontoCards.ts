import type { EvaluateSegmentationResult } from '../../../core/contract/segmentationEvaluation.ts';
import { TandemError } from '../../../core/errors.ts';
import { loadSegmentationCard, type SegmentationPackage } from '../packages/loadPackage.ts';
import { rewriteSegmentationCard } from '../packages/writePackage.ts';

/**
 * Writes what was found of models onto their cards as those are now. The numbers of a case and image take the place
 * of the old ones; those of other cases stay. Throws `bad-model` where a package became another one meanwhile.
 */
export async function ontoCards(
  models: readonly SegmentationPackage[],
  result: EvaluateSegmentationResult,
): Promise<void> {
  for (const { id, path, card: before } of models) {
    const card = await loadSegmentationCard(path);
    if (card.weights.sha256 !== before.weights.sha256) {
      throw new TandemError('bad-model', 'The package became another one while it was measured', {
        path,
        hint: 'Measure it again.',
      });
    }
    const measured = result.cases.flatMap((one) =>
      one.images
        .filter(({ model }) => model === id)
        .map(({ image, truth }) => ({
          case: one.case,
          trainedOn: one.trainedOn.includes(id),
          image,
          ...truth,
        })),
    );
    const falsePositives = result.withoutTumour.cases.flatMap((one) =>
      one.found
        .filter(({ model }) => model === id)
        .map(({ ml }) => ({ case: one.case, trainedOn: one.trainedOn.includes(id), ml })),
    );
    const known = new Set(measured.map((one) => JSON.stringify([one.case, one.image])));
    const names = new Set(falsePositives.map((one) => one.case));
    await rewriteSegmentationCard(path, {
      ...card,
      measured: [
        ...card.measured.filter((one) => !known.has(JSON.stringify([one.case, one.image]))),
        ...measured,
      ],
      falsePositives: [...card.falsePositives.filter((one) => !names.has(one.case)), ...falsePositives],
    });
  }
}
