import { meanOfKnown } from '../../core/segmentation/overlap.ts';
import type { Handler } from '../host/handler.ts';
import type { SegmentationCard } from './packages/card.ts';
import { renderSegmentationCard } from './packages/cardText.ts';
import { listSegmentationPackages } from './packages/listPackages.ts';
import { unseenMeasurements } from './packages/unseenMeasurements.ts';
import { stateOfSegmentation } from './stateOfPackage.ts';

/** The segmentation packages that ship and the site's own, with their cards in words. */
export const segmentationModelsOperation: Handler<'segmentationModels'> = async () => {
  const { models, refused } = await listSegmentationPackages();
  return {
    models: await Promise.all(
      models.map(async ({ id, path, card }) => ({
        id,
        path,
        version: card.version,
        state: await stateOfSegmentation({ card }),
        network: card.source.kind === 'onnx' ? 'onnx' : card.source.network,
        contrasts: card.spec.contrasts.map((one) => ({ ...one })),
        labels: card.spec.labels.map(({ value, name }) => ({ value, name })),
        weightsSha256: card.weights.sha256,
        bytes: card.weights.bytes,
        dice: unseenMeasurements(card).dice,
        chosenDice: chosenDiceOf(card),
        intendedUse: card.intendedUse,
        licence: card.licence.weights,
        card: renderSegmentationCard(card),
      })),
    ),
    refused: [...refused],
  };
};

function chosenDiceOf({ measured, training }: SegmentationCard): number | null {
  const chosenOn = new Set((training?.validation ?? []).map(({ name }) => name));
  const found = measured.filter(
    ({ case: name, trainedOn, image }) => image === 'original' && !trainedOn && chosenOn.has(name),
  );
  return meanOfKnown(found.map(({ dice }) => dice));
}
