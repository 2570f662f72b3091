import type { Leak } from '../../core/contract/acceptance.ts';
import { isSamePatient } from '../training/data/patientNames.ts';
import { type HeadPrint, headLikeness, SAME_HEAD } from './sameHead.ts';

/** What is known of a case once its images were read. */
export interface KnownCase {
  readonly name: string;
  readonly patient: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  /** `voxelsSha256` of target and reference. */
  readonly voxels: { readonly target: string; readonly reference: string | null };
  /** Of the contrasts by name; those that could be made. */
  readonly prints: ReadonlyMap<string, HeadPrint>;
}

/** Why two cases are of one person, and whether by the images alone; undefined where nothing says so. */
export function samePerson(a: KnownCase, b: KnownCase): Pick<Leak, 'how' | 'words'> | undefined {
  if (a.patient === b.patient) return told('same-patient', a, b, `both are the patient ${a.patient}`);
  if (isSamePatient(a.patient, b.patient)) {
    return told('same-patient', a, b, 'they have one Patient ID, and only one of them says who gave it');
  }
  const files = new Set(a.files.map(({ sha256 }) => sha256));
  if (b.files.some(({ sha256 }) => files.has(sha256))) return told('same-files', a, b, 'they share a file');
  const { target, reference } = a.voxels;
  if (target === b.voxels.target || (reference !== null && reference === b.voxels.reference)) {
    return told('same-voxels', a, b, 'they hold the same voxels under two names');
  }
  for (const [contrast, print] of a.prints) {
    const other = b.prints.get(contrast);
    if (other === undefined) continue;
    const likeness = headLikeness(print, other);
    if (likeness < SAME_HEAD) continue;
    const number = `${likeness.toFixed(2)} of what one ${contrast} tells is told by the other`;
    return told('same-head', a, b, `they show the same head (${number}; other people stay below 0.30)`);
  }
  return undefined;
}

function told(how: Leak['how'], a: KnownCase, b: KnownCase, why: string): Pick<Leak, 'how' | 'words'> {
  return { how, words: `${a.name} and ${b.name} are of one person: ${why}.` };
}
