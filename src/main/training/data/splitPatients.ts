import { TandemError } from '../../../core/errors.ts';
import { createRandom } from '../../../core/random.ts';
import type { Split } from './manifest.ts';
import { patientOf } from './pairFiles.ts';

export interface SplitRequest {
  /** Patients, or visits of theirs, by name; a name of none stands for all that begins with it. */
  readonly validation: readonly string[];
  readonly test: readonly string[];
  /** Shares of the patients that are not named, drawn at random. */
  readonly validationShare: number;
  readonly testShare: number;
  readonly seed: number;
  /** Patients who are not drawn: they are trained on unless they are named. */
  readonly stay?: ReadonlySet<string> | undefined;
}

/**
 * Which side of the split each patient is on: those named, then as many as the shares say of the others (drawn from
 * the sorted names by the seed, so that the order of folders does not matter), the rest for training. Throws
 * `usage` where a name fits nobody or two sides, or nobody is left to train on.
 */
export function splitPatients(
  patients: readonly string[],
  request: SplitRequest,
): ReadonlyMap<string, Split> {
  const all = [...new Set(patients)].sort();
  const sides = new Map<string, Split>();
  for (const side of ['validation', 'test'] as const) {
    for (const name of request[side]) {
      const meant = patientsMeant(name, all);
      if (meant.length === 0) {
        throw new TandemError('usage', `There is no patient called ${name} to keep for ${side}`, {
          hint: `Patients: ${all.slice(0, 20).join(', ')}${all.length > 20 ? ', …' : ''}.`,
        });
      }
      for (const patient of meant) {
        if ((sides.get(patient) ?? side) !== side) {
          throw new TandemError('usage', `${patient} is asked for both for validation and for test`);
        }
        sides.set(patient, side);
      }
    }
  }
  const others = createRandom(request.seed)
    .fork('split')
    .shuffle(all.filter((patient) => !sides.has(patient) && request.stay?.has(patient) !== true));
  const validation = Math.round(request.validationShare * others.length);
  const test = Math.round(request.testShare * others.length);
  others.forEach((patient, n) => {
    sides.set(patient, n < validation ? 'validation' : n < validation + test ? 'test' : 'train');
  });
  for (const patient of all) if (!sides.has(patient)) sides.set(patient, 'train');
  if (![...sides.values()].includes('train')) {
    throw new TandemError('usage', 'No patient is left to train on', {
      hint: 'Keep fewer for validation and test, or add cases.',
    });
  }
  return sides;
}

/** By a patient's whole name, or that of a visit, or what names begin with. */
function patientsMeant(name: string, all: readonly string[]): readonly string[] {
  const whole = [name, patientOf(name)].find((one) => all.includes(one));
  return whole === undefined ? all.filter((patient) => patient.startsWith(name)) : [whole];
}
