import type { Result } from '../../core/contract/operations.ts';
import { elementCount } from '../../core/graph/shape.ts';
import type { Handler } from '../host/handler.ts';
import { renderCard } from './cardText.ts';
import { listModelPackages } from './listModelPackages.ts';
import type { ModelPackage } from './loadModelPackage.ts';
import { unseenGainOf } from './measuredNumbers.ts';
import { modelDetailsOf } from './modelDetails.ts';
import { standingOf } from './standing.ts';

type Summary = Result<'models'>['models'][number];

/** The model packages that ship and the site's own, with their states and their cards in words. */
export const modelsOperation: Handler<'models'> = async () => {
  const { models, refused } = await listModelPackages();
  return {
    models: await Promise.all(models.map((model) => summaryOf(model, models))),
    refused: [...refused],
  };
};

async function summaryOf(model: ModelPackage, all: readonly ModelPackage[]): Promise<Summary> {
  const { id, path, card, weightsSha256 } = model;
  return {
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
    standing: await standingOf(model, all),
    unseenGain: unseenGainOf(card),
    details: modelDetailsOf(card),
    card: renderCard(card),
  };
}
