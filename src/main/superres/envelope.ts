import type { SeriesSummary, Warning } from '../../core/contract/schemas.ts';
import { type Scan, suitability, type TrainedOn } from '../../core/suitability.ts';
import type { SharedTarget } from './prepareSlice.ts';

/** What a model was trained on, from its card. */
export type ModelEnvelope = TrainedOn;

/**
 * A warning for everything in which this target and reference differ from what the model has seen, or that
 * this is not known. That a card does not say at which field strength it was trained is no warning of its own.
 */
export function envelopeWarnings(
  envelope: ModelEnvelope | null,
  enhanced: Pick<SharedTarget['enhanced'], 'rows' | 'columns' | 'spacingMm'>,
  sliceThicknessMm: number | undefined,
  target: Pick<SeriesSummary, 'contrast' | 'fieldStrengthT'>,
  reference: Pick<SeriesSummary, 'contrast'> | undefined,
): Warning[] {
  const scan: Scan = {
    target: target.contrast.name,
    reference: reference?.contrast.name,
    rows: enhanced.rows,
    columns: enhanced.columns,
    spacingMm: enhanced.spacingMm,
    sliceThicknessMm,
    fieldStrengthT: target.fieldStrengthT,
  };
  return suitability(envelope, scan)
    .filter(
      ({ subject, likeness }) => likeness !== 'alike' && !(subject === 'field' && likeness === 'unknown'),
    )
    .map(({ message }) => ({ code: 'outside-model-envelope', message }));
}
