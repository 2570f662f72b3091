import type { ModelDetails } from '../../core/contract/modelDetails.ts';
import { networkNamed } from '../../core/networks/index.ts';
import type { ModelCard } from './card.ts';

/** What a card knows, as the contract has it. */
export function modelDetailsOf(card: ModelCard): ModelDetails {
  const { envelope, training, measured, robustness = [], performance, limits = [] } = card;
  const cases = training?.cases ?? [];
  return {
    network: networkNamed(card.network).description,
    trainedOn: envelope,
    training:
      training === null
        ? null
        : { patients: new Set(cases.map(({ patient, name }) => patient ?? name)).size, scans: cases.length },
    measured,
    robustness,
    performance: performance ?? null,
    limits,
  };
}
