import type { CompanionFacts, SourceSeries } from '../../core/dicom/derived/companion.ts';
import { appVersion } from '../version.ts';
import { uidOf } from './uids.ts';

/** Series numbers beside the enhanced series' own (9000 + the target's), and what they are called. */
export const COMPANION_SERIES = {
  segmentation: { number: 9200, name: 'segmentation' },
  map: { number: 9400, name: 'map' },
  registration: { number: 9600, name: 'registration' },
  report: { number: 9800, name: 'measurements' },
} as const;

/** UIDs follow from the series and from what is written: the same again has the same ones. */
export function companionFacts(
  targetSeriesNumber: number | null,
  source: SourceSeries,
  series: { readonly number: number; readonly name: string },
  content: unknown,
  /** Of the model whose image the object belongs to; that of the series where it is not given. */
  mark = source.mark,
): CompanionFacts & { readonly dimensionOrganizationUid: string } {
  const now = new Date();
  const parts = [series.name, appVersion, source.seriesUid, content, ...(mark === undefined ? [] : [mark])];
  return {
    seriesUid: uidOf('companion series', ...parts),
    sopInstanceUid: uidOf('companion instance', ...parts),
    dimensionOrganizationUid: uidOf('companion dimensions', ...parts),
    seriesNumber: series.number + (targetSeriesNumber ?? 0),
    seriesDescription: `Tandem MR ${series.name} ${mark === undefined ? '' : `${mark} `}RUO`,
    mark,
    createdAt: now,
    localOffsetMinutes: -now.getTimezoneOffset(),
    appVersion,
    deviceUid: uidOf('tandem-mr application', appVersion),
  };
}
