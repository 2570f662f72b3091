import { type LikenessCheck, type Scan, suitability } from '../../core/suitability.ts';
import { type AppState, type ModelSummary, seriesByUid } from './store.ts';

/** What is known of the chosen pair, as a model would be given it. Undefined where no target is chosen. */
export function scanOf(state: AppState, model: ModelSummary): Scan | undefined {
  const target = seriesByUid(state, state.targetUid);
  if (target === undefined) return undefined;
  const reference = model.usesReference ? seriesByUid(state, state.referenceUid) : undefined;
  const { size, spacingMm } = target;
  return {
    target: target.contrast.name,
    reference: reference?.contrast.name,
    rows: size[1] * model.scale,
    columns: size[0] * model.scale,
    spacingMm: [spacingMm[0] / model.scale, spacingMm[1] / model.scale],
    sliceThicknessMm: target.sliceThicknessMm,
    fieldStrengthT: target.fieldStrengthT,
  };
}

/** Every respect in which the chosen pair is held against what a model was trained on. */
export function likenessOf(state: AppState, model: ModelSummary): LikenessCheck[] {
  const scan = scanOf(state, model);
  return scan === undefined ? [] : suitability(model.details.trainedOn, scan);
}
