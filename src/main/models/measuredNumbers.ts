import type { UnseenGain } from '../../core/contract/measuring.ts';
import type { Measurement, ModelCard, Performance, Robustness } from './card.ts';

/** What a measuring adds to a card. */
export interface MeasuredNumbers {
  readonly measured: readonly Measurement[];
  readonly robustness: readonly Robustness[];
  readonly performance: Performance;
}

/**
 * The card with new numbers: those of a case that it had numbers of take their place, those of other cases
 * follow. All else is as it was, numbers of cases that were not measured now among it.
 */
export function withNumbers(
  card: ModelCard,
  { measured, robustness, performance }: MeasuredNumbers,
): ModelCard {
  const disturbed = replaced(card.robustness ?? [], robustness);
  return {
    ...card,
    measured: replaced(card.measured, measured),
    ...(disturbed.length > 0 && { robustness: disturbed }),
    performance,
  };
}

/** Mean gain over zero-filling inside the foreground, over the card's cases that it was not trained on. */
export function unseenGainOf({ id, measured }: Pick<ModelCard, 'id' | 'measured'>): UnseenGain | null {
  const gains = measured.flatMap(({ trainedOn, methods }) => {
    const [own, base] = [methods[id], methods['zero-fill']];
    return trainedOn || own === undefined || base === undefined ? [] : [own.psnrInside - base.psnrInside];
  });
  if (gains.length === 0) return null;
  return { cases: gains.length, psnrInside: gains.reduce((sum, gain) => sum + gain, 0) / gains.length };
}

function replaced<T extends { readonly case: string }>(kept: readonly T[], found: readonly T[]): T[] {
  const anew = new Map(found.map((item) => [item.case, item]));
  const all = kept.map((item) => anew.get(item.case) ?? item);
  const had = new Set(kept.map((item) => item.case));
  return [...all, ...found.filter((item) => !had.has(item.case))];
}
