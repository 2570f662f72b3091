import type { ContrastName } from '../../../../core/contract/schemas.ts';
import { overlapShare } from '../../../studies/overlap.ts';
import { inPlaneSpacing } from '../../../studies/pairing.ts';
import type { SeriesEntry } from '../../../studies/types.ts';

/** Fewer slices make no volume. */
const LEAST_SLICES = 2;
/** A reference that covers less of the target than this is none. */
const LEAST_OVERLAP = 0.5;
/** Coverages that differ by less are alike. */
const SAME_OVERLAP = 0.1;

/** Other words for the contrasts that headers are read for. */
const ALIASES: Readonly<Record<string, ContrastName>> = {
  t1ce: 't1c',
  t1gd: 't1c',
  t1w: 't1',
  t1n: 't1',
  t2w: 't2',
  t2f: 'flair',
};

/**
 * The series of a study that shows a contrast best as a target: one that was not interpolated or compressed with
 * loss before one that was, then the one with the most pixels in a slice, the most slices, the lowest number.
 * Localisers, derived images, phase and the like show no contrast, and a T1 with contrast agent is a `t1c`.
 * @returns why there is none, where there is none
 */
export function chooseTarget(series: readonly SeriesEntry[], contrast: string): SeriesEntry | string {
  const candidates = showing(series, contrast);
  const [best] = candidates.sort(
    (a, b) =>
      flaws(a) - flaws(b) ||
      pixels(b) - pixels(a) ||
      b.summary.size[2] - a.summary.size[2] ||
      numberOf(a) - numberOf(b),
  );
  return best ?? noSuch(series, contrast);
}

/**
 * The series that shows the reference's contrast and guides a target best: of those that cover most of it, the
 * one that is sharpest in its plane, then the one with the lowest number.
 * @returns why there is none, where there is none
 */
export function chooseReference(
  series: readonly SeriesEntry[],
  contrast: string,
  target: SeriesEntry,
): SeriesEntry | string {
  const others = showing(series, contrast).filter((entry) => entry !== target);
  if (others.length === 0) return noSuch(series, contrast);
  const judged = others.map((entry) => ({
    entry,
    overlap: overlapShare(target.geometry!, entry.geometry!),
    spacingMm: inPlaneSpacing(entry.geometry!, target.geometry!),
  }));
  const most = Math.max(...judged.map(({ overlap }) => overlap));
  if (most < LEAST_OVERLAP) {
    return `By their headers no ${contrast} covers more than ${Math.round(100 * most)} % of the target`;
  }
  const [best] = judged
    .filter(({ overlap }) => overlap >= most - SAME_OVERLAP)
    .sort((a, b) => a.spacingMm - b.spacingMm || numberOf(a.entry) - numberOf(b.entry));
  return best!.entry;
}

function showing(series: readonly SeriesEntry[], contrast: string): SeriesEntry[] {
  const asked = contrast.toLowerCase();
  const name = ALIASES[asked] ?? asked;
  return series.filter(
    ({ summary, setAside, geometry }) =>
      summary.contrast.name === name &&
      summary.modality === 'MR' &&
      setAside !== true &&
      geometry !== undefined &&
      geometry.positionsLps.length >= LEAST_SLICES,
  );
}

function noSuch(series: readonly SeriesEntry[], contrast: string): string {
  const names = [...new Set(series.map(({ summary }) => summary.contrast.name))].sort();
  return `No series of the study is ${contrast} by its headers; there are: ${names.join(', ')}`;
}

function flaws({ summary }: SeriesEntry): number {
  const weights: Readonly<Record<string, number>> = { 'lossy-compressed': 2, 'zero-filled': 1 };
  return summary.warnings.reduce((sum, { code }) => sum + (weights[code] ?? 0), 0);
}

function pixels({ summary: { size } }: SeriesEntry): number {
  return size[0] * size[1];
}

function numberOf({ summary }: SeriesEntry): number {
  return summary.number ?? Number.MAX_SAFE_INTEGER;
}
