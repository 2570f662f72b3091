import { canonicalJson } from '../../../core/dicom/derived/provenanceBlock.ts';
import { meanOfKnown } from '../../../core/segmentation/overlap.ts';
import { sha256 } from '../../audit/entry.ts';
import { patientOf } from '../../training/data/pairFiles.ts';
import type { SegmentationCard } from './card.ts';

/** As an acceptance report asks of a model that enhances: fewer patients say nothing of others. */
export const LEAST_PATIENTS = 3;
/** Mean Dice over patients below which a model marks more of something else than of what was drawn. */
export const LEAST_DICE = 0.5;

/** What is known of a segmentation model from patients whom it neither learned from nor was chosen by. */
export interface UnseenMeasurements {
  readonly patients: number;
  /** Mean over patients of what was found in the original images; null where there are none. */
  readonly dice: number | null;
  /** Why it is not enough to accept the model on; none where it is. */
  readonly failures: readonly string[];
  /** Of the numbers that it rests on. */
  readonly sha256: string;
}

/**
 * What `evaluate-segmentation --onto-cards` wrote on a card, as far as it may stand for an acceptance report: Dice
 * against the masks that were drawn, in original images. A patient of several scans counts once. Of a model that
 * was not trained here nobody can tell whom it knows: then it is for whoever accepts it to say.
 */
export function unseenMeasurements(card: SegmentationCard): UnseenMeasurements {
  const { training, measured, weights } = card;
  const known = new Set(
    [...(training?.cases ?? []), ...(training?.validation ?? [])].flatMap(({ name, patient }) => [
      patient,
      patientOf(name),
    ]),
  );
  const unseen = measured.filter(
    ({ case: name, image, trainedOn }) => image === 'original' && !trainedOn && !known.has(patientOf(name)),
  );
  const byPatient = [...Map.groupBy(unseen, ({ case: name }) => patientOf(name)).values()];
  const dice = meanOfKnown(byPatient.map((scans) => meanOfKnown(scans.map((one) => one.dice))));
  const patients = byPatient.length;
  return {
    patients,
    dice,
    failures: [
      ...(patients >= LEAST_PATIENTS
        ? []
        : [
            `It was measured on ${patients} patients whom it neither learned from nor was chosen by; ${LEAST_PATIENTS} are asked for.`,
          ]),
      ...(dice === null || dice >= LEAST_DICE
        ? []
        : [`Its mean Dice on them is ${dice.toFixed(3)}; ${LEAST_DICE.toFixed(2)} is asked for.`]),
    ],
    sha256: sha256(canonicalJson({ weights: weights.sha256, measured: unseen })),
  };
}
