import type { Result } from '../../../core/contract/operations.ts';
import type { FoundCases } from './findCases.ts';
import type { FoundCase } from './layouts.ts';
import type { PreparedCase, Split } from './manifest.ts';

/** The result of a list: what would be done, as far as names and headers tell. */
export function listOf(
  { cases, without, layouts }: FoundCases,
  sides: ReadonlyMap<string, Split>,
): Result<'dataPrepare'> {
  const usable = cases.filter(({ problem }) => problem === undefined);
  const unusable = cases.flatMap(({ name, patient, problem }) =>
    problem === undefined ? [] : [{ name, patient, reason: problem }],
  );
  return {
    ...countsOf(usable.map(({ patient }) => ({ patient, split: sides.get(patient)!, places: [] }))),
    path: '',
    sha256: '',
    bytes: 0,
    layouts: [...layouts],
    cases: usable.map((one) => describeCase(one, sides)),
    leftOut: [...without, ...unusable],
  };
}

/** A case as a result has it. */
export function describeCase(
  { name, patient, path, target, reference, notes }: FoundCase,
  sides: ReadonlyMap<string, Split>,
): Result<'dataPrepare'>['cases'][number] {
  return { name, patient, split: sides.get(patient)!, path, target, reference, notes: [...notes] };
}

/** Patients, cases and slices of each side of the split. */
export function countsOf(
  cases: readonly Pick<PreparedCase, 'patient' | 'split' | 'places'>[],
): Pick<Result<'dataPrepare'>, Split> {
  const count = (side: Split) => {
    const of = cases.filter(({ split }) => split === side);
    return {
      patients: new Set(of.map(({ patient }) => patient)).size,
      cases: of.length,
      slices: of.reduce((sum, { places }) => sum + places.length, 0),
    };
  };
  return { train: count('train'), validation: count('validation'), test: count('test') };
}
