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

/** A study, its series with their warnings, and its suggested pairs, a line each. */
export function describeStudy(study: StudySummary): string {
  const name = new Map(
    study.series.map((one) => [one.uid, one.number === null ? one.path : String(one.number)]),
  );
  return [
    `study ${study.uid} ${study.description} ${study.date}`.trimEnd(),
    ...withRepetitionsTogether(study.series).flatMap(({ series: one, volumes }) => [
      `  series ${one.number ?? '–'}  ${one.contrast.name.padEnd(8)} ${one.size.join(' × ')}, ` +
        `${formatSpacing(one.spacingMm)} mm, ${one.orientation}  ${one.description}`,
      `    ${one.contrast.why}`,
      ...(volumes.length === 1 ? [] : [`    ${describeVolumes({ series: one, volumes })}`]),
      ...one.warnings.map((warning) => `    warning  ${warning.code}: ${warning.message}`),
    ]),
    ...study.pairs.flatMap((pair) => [
      `  pair ${name.get(pair.target)} ← ${name.get(pair.reference)}  (score ${pair.score.toFixed(2)})`,
      ...pair.reasons.map((reason) => `    ${reason}`),
      ...pair.warnings.map((warning) => `    warning  ${warning.code}: ${warning.message}`),
    ]),
  ].join('\n');
}

/** A registration’s verdict and numbers, and why. */
export function describeRegistration(report: RegistrationReport): string {
  const number = (value: number | null) => (value === null ? '–' : value.toFixed(3));
  return (
    `registration ${report.verdict}: mutual information ${number(report.miBefore)} → ${number(report.miAfter)}, ` +
    `${report.rotationDeg.toFixed(2)}°, ${report.translationMm.toFixed(2)} mm, overlap ${(report.overlap * 100).toFixed(0)} %` +
    report.reasons.map((reason) => `\n  ${reason}`).join('')
  );
}

/** A difference with its sign: `+1.23`, `−0.40`. */
export function decibels(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(2)}`;
}
