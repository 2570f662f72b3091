import type { Leak } from '../../../core/contract/acceptance.ts';
import type { ModelCard } from '../../models/card.ts';
import { isSamePatient } from '../../training/data/patientNames.ts';

/** What is known of a case of the test set. */
export interface TestedCase {
  readonly name: string;
  readonly patient: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

/**
 * Cases of the test set that a model's card says it was trained on, or chosen by: by the hash of a file, or by the
 * patient. Each case once, the stronger evidence first. What cannot be told from a card, the same person under
 * another name in other files, `chooseCases` tells from the images.
 */
export function leaksOfCard(card: ModelCard, tested: readonly TestedCase[]): Leak[] {
  if (card.training === null) return [];
  const { cases, data } = card.training;
  const byFile = new Map(cases.flatMap((one) => one.files.map(({ sha256 }) => [sha256, one] as const)));
  const learned = [...(data?.split.train ?? []), ...(data?.split.validation ?? [])];
  return tested.flatMap(({ name, patient, files }): Leak[] => {
    const sameFile = files.map(({ sha256 }) => byFile.get(sha256)).find((one) => one !== undefined);
    const samePatient = cases.find((one) => one.patient !== undefined && isSamePatient(one.patient, patient));
    const leak = (how: Leak['how'], trainedCase: string, trainedPatient: string, why: string): Leak => ({
      case: name,
      patient,
      trainedCase,
      trainedPatient,
      how,
      words: `The case ${name} of the test set is no unseen one: ${why} (${card.id} ${card.version}).`,
    });
    if (sameFile !== undefined) {
      const why = `the model learned from the same files, as ${sameFile.name}`;
      return [leak('same-files', sameFile.name, sameFile.patient ?? sameFile.name, why)];
    }
    if (samePatient !== undefined || learned.some((known) => isSamePatient(known, patient))) {
      const trained = samePatient?.name ?? patient;
      return [leak('same-patient', trained, patient, `the model learned from the patient ${patient}`)];
    }
    return [];
  });
}
