import {
  type AcceptanceBasis,
  type AcceptanceMeasures,
  type AcceptanceReport,
  acceptanceBasis,
  acceptanceQuantity,
  type JudgedCase,
  type PairedQuantity,
} from '../contract/acceptance.ts';
import { bootstrapMeanInterval, spreadOf, wilcoxonSignedRank } from '../volume/statistics.ts';

/** Numbers of cases to numbers of patients, and what patients say together. */

type JudgedPatient = AcceptanceReport['patients'][number];

const BOOTSTRAP_SEED = 20260801;
const METHODS = ['zeroFill', 'base', 'tuned'] as const;

/** A patient's numbers: the means of those of the patient's cases that have them. Sorted by name. */
export function patientsOf(
  cases: readonly Pick<JudgedCase, 'name' | 'patient' | 'methods'>[],
): JudgedPatient[] {
  return [...Map.groupBy(cases, ({ patient }) => patient)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([patient, own]) => ({
      patient,
      cases: own.map(({ name }) => name),
      methods: Object.fromEntries(
        METHODS.map((method) => [method, meanMeasures(own.map(({ methods }) => methods[method]))]),
      ) as JudgedPatient['methods'],
    }));
}

/**
 * Every quantity on every basis over patients: mean, sample standard deviation, range, bootstrap interval, and of
 * differences Wilcoxon's signed-rank test. Nothing is corrected for the number of tests.
 */
export function pairedStatistics(patients: readonly Pick<JudgedPatient, 'methods'>[]): PairedQuantity[] {
  return acceptanceQuantity.options.flatMap((quantity) =>
    acceptanceBasis.options.map((basis) => {
      const values = patients.flatMap(({ methods }) => {
        const value = onBasis(methods, quantity, basis);
        return value === null ? [] : [value];
      });
      const { n, mean, sd } = spreadOf(values);
      return {
        quantity,
        basis,
        n,
        mean,
        sd,
        lowest: n === 0 ? null : Math.min(...values),
        highest: n === 0 ? null : Math.max(...values),
        interval95: bootstrapMeanInterval(values, { seed: BOOTSTRAP_SEED }),
        wilcoxon: basis === 'tuned' ? null : wilcoxonSignedRank(values),
      };
    }),
  );
}

/** A quantity of the tuned model: as it is, less the base's, or less zero-filling's. Null where one is missing. */
export function onBasis(
  methods: JudgedPatient['methods'],
  quantity: keyof AcceptanceMeasures,
  basis: AcceptanceBasis,
): number | null {
  const tuned = methods.tuned[quantity] ?? null;
  if (basis === 'tuned' || tuned === null) return tuned;
  const other = methods[basis === 'difference' ? 'base' : 'zeroFill'][quantity] ?? null;
  return other === null ? null : tuned - other;
}

function meanMeasures(all: readonly AcceptanceMeasures[]): AcceptanceMeasures {
  const entries = acceptanceQuantity.options.map((quantity) => {
    const { mean } = spreadOf(all.map((measures) => measures[quantity] ?? Number.NaN));
    return [quantity, mean] as const;
  });
  return Object.fromEntries(entries) as AcceptanceMeasures;
}
