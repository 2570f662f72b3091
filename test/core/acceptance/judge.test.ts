import { describe, expect, it } from 'vitest';
import { onBasis, pairedStatistics, patientsOf } from '../../../src/core/acceptance/statistics.ts';
import { judgeAcceptance } from '../../../src/core/acceptance/verdict.ts';
import {
  type AcceptanceMeasures,
  acceptanceQuantity,
  acceptanceThresholds,
} from '../../../src/core/contract/acceptance.ts';

function measures(values: Partial<AcceptanceMeasures>): AcceptanceMeasures {
  const empty = Object.fromEntries(acceptanceQuantity.options.map((quantity) => [quantity, null]));
  return { ...empty, ...values } as AcceptanceMeasures;
}

/** A case whose base has 30 dB and its zero-filling 27. */
function oneCase(name: string, patient: string, tuned: Partial<AcceptanceMeasures>) {
  return {
    name,
    patient,
    methods: {
      zeroFill: measures({ psnrInside: 27, edgeError: 0.1 }),
      base: measures({ psnrInside: 30, edgeError: 0.05 }),
      tuned: measures(tuned),
    },
  };
}

const gains = [1.2, 0.8, 1.5, 0.4, 2.1, 0.9, -0.3, 1.1];
const eight = gains.map((gain, n) => oneCase(`c${n}`, `p${n}`, { psnrInside: 30 + gain }));

function found(statistics: ReturnType<typeof pairedStatistics>, quantity: string, basis: string) {
  return statistics.find((one) => one.quantity === quantity && one.basis === basis)!;
}

describe('patientsOf and pairedStatistics', () => {
  it('pairs patients, a patient with several visits once', () => {
    const visits = [
      oneCase('a-v1', 'a', { psnrInside: 31 }),
      oneCase('a-v2', 'a', { psnrInside: 35, lesionError: 0.02 }),
      oneCase('b', 'b', { psnrInside: 32 }),
    ];
    const patients = patientsOf(visits);
    expect(patients.map(({ patient, cases }) => [patient, cases])).toEqual([
      ['a', ['a-v1', 'a-v2']],
      ['b', ['b']],
    ]);
    expect(patients[0]!.methods.tuned).toMatchObject({ psnrInside: 33, lesionError: 0.02, psnrBlank: null });
    const statistics = pairedStatistics(patients);
    expect(found(statistics, 'psnrInside', 'difference')).toMatchObject({
      n: 2,
      mean: 2.5,
      lowest: 2,
      highest: 3,
    });
    expect(found(statistics, 'psnrInside', 'gain')).toMatchObject({ n: 2, mean: 5.5 });
    expect(found(statistics, 'lesionError', 'tuned')).toMatchObject({ n: 1, mean: 0.02, interval95: null });
    expect(found(statistics, 'lesionError', 'difference')).toMatchObject({ n: 0, mean: null });
  });

  it('agrees with NumPy and with counting all signs, on eight patients', () => {
    const row = found(pairedStatistics(patientsOf(eight)), 'psnrInside', 'difference');
    expect(row.mean).toBeCloseTo(0.9625, 10);
    expect(row.sd).toBeCloseTo(0.7170127, 6);
    // The one loss has rank 1: of 2⁸ choices of signs two have a rank sum of at most 1, in each of two tails.
    expect(row.wilcoxon).toMatchObject({ n: 8, wMinus: 1, wPlus: 35, method: 'exact' });
    expect(row.wilcoxon!.p).toBeCloseTo(0.015625, 12);
    const [low, high] = row.interval95!;
    // 200 000 resamples by NumPy: 0.488 … 1.413; 5000 come within 0.02 of that.
    expect(Math.abs(low - 0.488)).toBeLessThan(0.02);
    expect(Math.abs(high - 1.413)).toBeLessThan(0.02);
    expect(found(pairedStatistics(patientsOf(eight)), 'psnrInside', 'difference').interval95).toEqual([
      low,
      high,
    ]);
    expect(found(pairedStatistics(patientsOf(eight)), 'psnrInside', 'tuned').wilcoxon).toBeNull();
  });

  it('is null where a side was not measured', () => {
    const [patient] = patientsOf([oneCase('a', 'a', { psnrBlank: 29 })]);
    expect(onBasis(patient!.methods, 'psnrBlank', 'tuned')).toBe(29);
    expect(onBasis(patient!.methods, 'psnrBlank', 'difference')).toBeNull();
  });
});

describe('judgeAcceptance', () => {
  const statistics = pairedStatistics(patientsOf(eight));
  const sound = { patients: 8, failed: [], leaks: [] };
  const judged = (threshold: Record<string, unknown>, testSet = sound, leastPatients = 3) => {
    const file = { format: 'tandem-thresholds', formatVersion: 1, leastPatients, thresholds: [threshold] };
    return judgeAcceptance(acceptanceThresholds.parse(file), statistics, testSet);
  };

  it.each([
    ['mean', { atLeast: 0.96 }, 'passed'],
    ['mean', { atLeast: 0.97 }, 'failed'],
    ['interval-low', { atLeast: 0.3 }, 'passed'],
    ['interval-low', { atLeast: 0.9 }, 'failed'],
    ['interval-high', { atMost: 1 }, 'failed'],
    ['lowest', { atLeast: -0.31 }, 'passed'],
    ['lowest', { atLeast: 0 }, 'failed'],
    ['highest', { atMost: 2.2 }, 'passed'],
    ['highest', { atMost: 2 }, 'failed'],
  ] as const)('judges the %s with %o: %s', (statistic, bound, outcome) => {
    const { verdicts, passed, failures } = judged({ quantity: 'psnrInside', statistic, ...bound });
    expect(verdicts[0]!.outcome).toBe(outcome);
    expect(passed).toBe(outcome === 'passed');
    expect(failures).toHaveLength(passed ? 0 : 1);
  });

  it('fails what was not measured, unless it is to be judged only where it is', () => {
    const lesions = { quantity: 'lesionError', atMost: 0 };
    expect(judged(lesions).verdicts[0]!.outcome).toBe('failed');
    const optional = judged({ ...lesions, whereMeasured: true });
    expect(optional.verdicts[0]!.outcome).toBe('not-judged');
    // Nothing was shown: that is no pass.
    expect(optional.passed).toBe(false);
  });

  it('fails whatever the numbers where patients are few, a case fell out, or one was learned from', () => {
    const easy = { quantity: 'psnrInside', atLeast: 0 };
    expect(judged(easy).passed).toBe(true);
    expect(judged(easy, sound, 9).failures).toEqual([expect.stringContaining('at least 9')]);
    const failed = [{ case: 'c9', reason: 'the registration is not to be trusted' }];
    expect(judged(easy, { ...sound, failed } as never).failures).toEqual([expect.stringContaining('c9')]);
    const leaks = [{ words: 'The case c3 is no unseen one' }];
    expect(judged(easy, { ...sound, leaks } as never).failures).toEqual([expect.stringContaining('c3')]);
  });

  it('refuses thresholds without a bound, with two, or of unknown words', () => {
    const parse = (threshold: object) =>
      acceptanceThresholds.safeParse({
        format: 'tandem-thresholds',
        formatVersion: 1,
        thresholds: [threshold],
      }).success;
    expect(parse({ quantity: 'psnr', atLeast: 1 })).toBe(true);
    expect(parse({ quantity: 'psnr' })).toBe(false);
    expect(parse({ quantity: 'psnr', atLeast: 1, atMost: 2 })).toBe(false);
    expect(parse({ quantity: 'beauty', atLeast: 1 })).toBe(false);
    expect(parse({ quantity: 'psnr', atleast: 1, atMost: 1 })).toBe(false);
  });
});
