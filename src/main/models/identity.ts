import { canonicalJson } from '../../core/dicom/derived/provenanceBlock.ts';
import { sha256 } from '../audit/entry.ts';
import type { ModelCard } from './card.ts';

/**
 * What makes a model the one that was accepted, as a hash: its name, what it computes and for which scans. What was
 * measured of it may be added to its card; any other change makes it another model, a candidate.
 */
export function modelIdentity(card: ModelCard): string {
  const { id, version, network, options, scale, contrasts, envelope, weights } = card;
  return sha256(
    canonicalJson({ id, version, network, options, scale, contrasts, envelope, weights: weights.sha256 }),
  );
}

/** What the rows of the library say of a model of either kind, beside its state. */
export interface StatedModel {
  readonly identity: string;
  readonly id: string;
  readonly version: string;
  readonly weightsSha256: string;
  /** What it is for: models of one kind of scans, of which one can be the default. */
  readonly slot: string;
}

export function statedModel(card: ModelCard): StatedModel {
  const { id, version, weights } = card;
  return {
    ...{ id, version, weightsSha256: weights.sha256 },
    identity: modelIdentity(card),
    slot: modelSlot(card),
  };
}

/** What a model can be the default for: its contrast pair and scale. */
export function modelSlot({ contrasts, scale }: Pick<ModelCard, 'contrasts' | 'scale'>): string {
  return `${contrasts.target} <- ${contrasts.reference ?? 'none'} x${scale}`;
}
