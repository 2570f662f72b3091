import { describeVolumes, withRepetitionsTogether } from '../../../core/contract/repetitions.ts';
import type { RegistrationReport, StudySummary } from '../../../core/contract/schemas.ts';

/** A count in thousands of millions, two digits after the point. */
export function giga(count: number): string {
  return (count / 1e9).toFixed(2);
}

/** Millimetres, to a thousandth: `0.43 × 0.43 × 2.5`. */
export function formatSpacing(spacingMm: readonly number[]): string {
  return spacingMm.map((mm) => Number(mm.toFixed(3))).join(' × ');
}

/** A number with its noun: `1 file`, `2 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Suggestions are in order, the best first: beyond these nobody reads on. */
const PAIRS_SHOWN = 6;

/** A study, its series with their warnings, and its best suggested pairs. */
export function describeStudy(study: StudySummary): string {
  const name = seriesNames(study);
  const hidden = study.pairs.length - PAIRS_SHOWN;
  return [
    `study ${study.uid} ${study.description} ${study.date}`.trimEnd(),
    ...withRepetitionsTogether(study.series).flatMap(({ series: one, volumes }) => [
      `  series ${one.number ?? '–'}  ${one.contrast.name.padEnd(8)} ${one.size.join(' × ')}, ` +
        `${formatSpacing(one.spacingMm)} mm, ${one.orientation}  ${one.description}`,
      `    ${one.contrast.why}`,
      ...(volumes.length === 1 ? [] : [`    ${describeVolumes({ series: one, volumes })}`]),
      ...one.warnings.map((warning) => `    warning  ${warning.code}: ${warning.message}`),
    ]),
    ...(study.segmentations ?? []).map(
      ({ description, labels, path }) => `  segmentation  ${description} (${labels.join(', ')})  ${path}`,
    ),
    ...study.pairs
      .slice(0, PAIRS_SHOWN)
      .flatMap((pair) => [
        `  pair ${name.get(pair.target)} ← ${name.get(pair.reference)}  (score ${pair.score.toFixed(2)})`,
        ...pair.reasons.map((reason) => `    ${reason}`),
        ...pair.warnings.map((warning) => `    warning  ${warning.code}: ${warning.message}`),
      ]),
    ...(hidden > 0 ? [`  ${counted(hidden, 'less likely pair')}: see --json`] : []),
  ].join('\n');
}

/** What a series is called in its study: its number, with its description where others have the same number. */
function seriesNames({ series }: StudySummary): Map<string, string> {
  const sharing = Map.groupBy(series, ({ number }) => number);
  return new Map(
    series.map(({ uid, number, path, description }) => {
      if (number === null) return [uid, path];
      return [uid, sharing.get(number)!.length === 1 ? String(number) : `${number} “${description}”`];
    }),
  );
}

/** A registration’s verdict and numbers, and why. */
export function describeRegistration(report: RegistrationReport): string {
  const { verdict, miBefore, miAfter, rotationDeg, translationMm, overlap } = report;
  const number = (value: number | null) => (value === null ? '–' : value.toFixed(3));
  // Without a reference nothing was measured.
  const numbers =
    miBefore === null && miAfter === null
      ? ''
      : `: mutual information ${number(miBefore)} → ${number(miAfter)}, ${rotationDeg.toFixed(2)}°, ` +
        `${translationMm.toFixed(2)} mm, overlap ${(overlap * 100).toFixed(0)} %`;
  return [`registration ${verdict}${numbers}`, ...report.reasons.map((reason) => `  ${reason}`)].join('\n');
}

/** A difference with its sign: `+1.23`, `−0.40`. */
export function decibels(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(2)}`;
}
