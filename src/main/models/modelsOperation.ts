import { elementCount } from '../../core/graph/shape.ts';
import type { Handler } from '../host/handler.ts';
import { renderCard } from './cardText.ts';
import { listModelPackages } from './listModelPackages.ts';
import { unseenGainOf } from './measuredNumbers.ts';
import { modelDetailsOf } from './modelDetails.ts';

/** The model packages that ship, with their cards in words. */
export const modelsOperation: Handler<'models'> = async () => {
  const { models, refused } = await listModelPackages();
  return {
    models: models.map(({ id, path, card, weightsSha256 }) => ({
      id,
      path,
      network: card.network,
      scale: card.scale,
      target: card.contrasts.target,
      reference: card.contrasts.reference,
      version: card.version,
      usesReference: card.contrasts.reference !== null,
      parameters: card.weights.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0),
      intendedUse: card.intendedUse,
      licence: card.licence.weights,
      weightsSha256,
      unseenGain: unseenGainOf(card),
      details: modelDetailsOf(card),
      card: renderCard(card),
    })),
    refused: [...refused],
  };
};
