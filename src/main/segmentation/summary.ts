import { createHash } from 'node:crypto';
import type { ModelState } from '../../core/contract/modelStates.ts';
import type { RegistrationReport } from '../../core/contract/schemas.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { countMarked, maskOf } from '../../core/segmentation/overlap.ts';
import type { ImageFacts } from './imageOf.ts';
import type { SegmentationPackage } from './packages/loadPackage.ts';
import type { SegmentedSeries } from './run/segmentSeries.ts';

export const SEGMENTATION_NOTICE =
  'Research-use preview of a contour, derived by a network: not for diagnosis, not for planning.';

/** What is known of a segmentation that was made. */
export interface SegmentationFacts {
  readonly model: SegmentationPackage;
  readonly state: ModelState;
  readonly image: ImageFacts;
  readonly found: SegmentedSeries;
  readonly contrasts: { readonly given: readonly string[]; readonly missing: readonly string[] };
  readonly report: RegistrationReport | null;
  readonly device: string;
  /** Labels are a reader's: `found` has them, and what the model said before. */
  readonly correction?: Correction | undefined;
}

/** What a reader changed of what a model found. */
export interface Correction {
  readonly addedMl: number;
  readonly removedMl: number;
}

/** What the answer and the files say alike: nothing that differs from run to run. */
export type SegmentationSummary = ReturnType<typeof summaryOf>;

export function summaryOf(facts: SegmentationFacts) {
  const { model, state, image, found, contrasts, report, device, correction } = facts;
  const { geometry } = image;
  const { parts, voxelMl } = found;
  const labels = model.card.spec.labels.map(({ value, name }) => {
    const voxels = countMarked(maskOf(found.labels, value));
    const own = parts.filter(({ label }) => label === value);
    const agreed = own.reduce((sum, part) => sum + part.confidence * part.voxels, 0);
    return {
      value,
      name,
      ml: voxels * voxelMl,
      parts: own.length,
      // The mirrored images say nothing of what a hand drew.
      confidence: voxels === 0 || correction !== undefined ? null : agreed / voxels,
    };
  });
  const size: [number, number, number] = [geometry.columns, geometry.rows, found.labels.length];
  return {
    model: model.id,
    modelState: state,
    device,
    labels,
    parts: parts.map(({ label, ml, confidence, slice }) => ({
      label,
      ml,
      confidence: correction === undefined ? confidence : null,
      slice: slice + 1,
    })),
    nothingFound: parts.length === 0,
    highestProbability: highest(found.probability),
    dropped: found.dropped,
    voxelMl,
    size,
    looked: found.looked,
    images: found.images,
    contrasts: { given: [...contrasts.given], missing: [...contrasts.missing] },
    registration: report,
    ...(correction !== undefined && { corrected: correction }),
    labelsSha256: labelsHash(found),
    notice: SEGMENTATION_NOTICE,
  };
}

/** The model's id, with CANDIDATE or RETIRED before it where it neither ships nor was accepted. */
export function markedName({ model, state }: Pick<SegmentationFacts, 'model' | 'state'>): string {
  const mark = unacceptedMark(state);
  return mark === undefined ? model.id : `${mark} ${model.id}`;
}

/** SHA-256 of all labels, slice by slice. */
export function labelsHash({ labels }: SegmentedSeries): string {
  const hash = createHash('sha256');
  for (const slice of labels) hash.update(slice);
  return hash.digest('hex');
}

function highest(slices: readonly Float32Array[]): number {
  let most = 0;
  for (const slice of slices) for (const value of slice) if (value > most) most = value;
  return most;
}
