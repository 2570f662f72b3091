import type {
  AcceptanceReport,
  AcceptanceThreshold,
  AcceptanceThresholds,
  AcceptanceVerdict,
  PairedQuantity,
} from '../contract/acceptance.ts';
import { basisWords, quantityWords, statisticWords, withUnit } from './words.ts';

type Judgement = Pick<AcceptanceReport, 'verdicts' | 'passed' | 'failures'>;

/**
 * Every threshold judged, and all of them together. What could not be measured fails its threshold, unless that
 * says `whereMeasured`; so do too few patients, cases that could not be judged, and any leak, whatever the numbers.
 */
export function judgeAcceptance(
  { thresholds, leastPatients }: AcceptanceThresholds,
  statistics: readonly PairedQuantity[],
  testSet: Pick<AcceptanceReport['testSet'], 'patients' | 'failed' | 'leaks'>,
): Judgement {
  const verdicts = thresholds.map((one) => judgeThreshold(one, statistics));
  const few = testSet.patients < leastPatients;
  const failures = [
    ...verdicts.filter(({ outcome }) => outcome === 'failed').map(({ words }) => words),
    ...(few
      ? [`The test set has ${testSet.patients} patients; the thresholds ask for at least ${leastPatients}.`]
      : []),
    ...testSet.failed.map(({ case: name, reason }) => `The case ${name} could not be judged: ${reason}`),
    ...testSet.leaks.map(({ words }) => words),
    ...(verdicts.every(({ outcome }) => outcome === 'not-judged') ? ['No threshold could be judged.'] : []),
  ];
  return { verdicts, passed: failures.length === 0, failures };
}

function judgeThreshold(
  threshold: AcceptanceThreshold,
  statistics: readonly PairedQuantity[],
): AcceptanceVerdict {
  const { quantity, basis, statistic, atLeast, atMost } = threshold;
  const found = statistics.find((one) => one.quantity === quantity && one.basis === basis);
  const value = found === undefined ? null : statisticOf(found, statistic);
  const name = `${capital(statisticWords[statistic])} of ${quantityWords[quantity]}${basisWords[basis]}`;
  const bound =
    atLeast === undefined
      ? `at most ${withUnit(quantity, atMost!)}`
      : `at least ${withUnit(quantity, atLeast)}`;
  if (value === null) {
    const outcome = threshold.whereMeasured && (found?.n ?? 0) === 0 ? 'not-judged' : 'failed';
    const why = (found?.n ?? 0) === 0 ? 'it could not be measured' : 'one patient has no interval';
    return { threshold, value, outcome, words: `${name}: ${why} (${bound} was asked for).` };
  }
  const holds = atLeast === undefined ? value <= atMost! : value >= atLeast;
  return {
    threshold,
    value,
    outcome: holds ? 'passed' : 'failed',
    words: `${name} is ${withUnit(quantity, value)}; ${bound} was asked for.`,
  };
}

function statisticOf(found: PairedQuantity, statistic: AcceptanceThreshold['statistic']): number | null {
  switch (statistic) {
    case 'mean':
      return found.mean;
    case 'lowest':
      return found.lowest;
    case 'highest':
      return found.highest;
    case 'interval-low':
      return found.interval95?.[0] ?? null;
    case 'interval-high':
      return found.interval95?.[1] ?? null;
  }
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
