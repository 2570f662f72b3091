import type { SegmentationCompareResult } from '../../core/contract/contours.ts';
import {
  agreementBetween,
  baseOutline,
  type Compared,
  currentId,
  isMeasured,
  type Outline,
} from './contours.ts';

type Agreement = SegmentationCompareResult['agreements'][number];

/** What the table says of one outline. Numbers that are not known (yet) are undefined. */
export interface ContourRow {
  readonly outline: Outline;
  readonly isBase: boolean;
  readonly ml: number | undefined;
  /** More or less than the acquired image's. */
  readonly differenceMl: number | undefined;
  /** Of the acquired image's volume; null where that is none. */
  readonly differencePercent: number | null | undefined;
  readonly toBase: Agreement | undefined;
  readonly toTruth: Agreement | undefined;
}

/**
 * The rows of the table: every outline against the acquired image's, and against the truth where there is one. What
 * was measured of an outline that was corrected since is none of it.
 * @param label the one that is compared; null: all together
 */
export function contourRows(
  outlines: readonly Outline[],
  compared: Compared | null,
  label: number | null = null,
): ContourRow[] {
  const base = baseOutline(outlines);
  const mlOf = (outline: Outline | undefined): number | undefined => {
    if (outline === undefined) return undefined;
    const id = currentId(outline);
    const measured = compared?.result.volumes.find((one) => one.id === id)?.ml;
    if (measured !== undefined || outline.isCorrected) return measured;
    const counted = outline.found.labels.filter(({ value }) => label === null || value === label);
    return counted.reduce((sum, { ml }) => sum + ml, 0);
  };
  const baseMl = mlOf(base);
  return outlines.map((outline) => {
    const isBase = outline.image === base?.image;
    const ml = mlOf(outline);
    const differenceMl = isBase || ml === undefined || baseMl === undefined ? undefined : ml - baseMl;
    return {
      outline,
      isBase,
      ml,
      differenceMl,
      differencePercent:
        differenceMl === undefined || baseMl === undefined
          ? undefined
          : baseMl === 0
            ? null
            : (100 * differenceMl) / baseMl,
      toBase:
        isBase || base === undefined || !isMeasured(compared, base) || !isMeasured(compared, outline)
          ? undefined
          : agreementBetween(compared, outline.image, base.image),
      toTruth: isMeasured(compared, outline) ? agreementBetween(compared, outline.image, 'truth') : undefined,
    };
  });
}
