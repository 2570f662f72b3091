import type { RefusedFile, SeriesSummary, StudySummary } from '../../core/contract/schemas.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';

/** What a scan of files and folders found: an index, no pixels. */
export interface Catalogue {
  readonly studies: readonly CatalogueStudy[];
  readonly refused: readonly RefusedFile[];
}

export interface CatalogueStudy {
  readonly summary: StudySummary;
  readonly series: readonly SeriesEntry[];
}

/** One series of a catalogue: its summary and where its pixels are. */
export interface SeriesEntry {
  readonly summary: SeriesSummary;
  readonly studyUid: string;
  readonly frameOfReferenceUid: string | undefined;
  /** In stack order for DICOM (sorted along the normal, duplicates left out); one file for NIfTI. */
  readonly files: readonly string[];
}

/** A series with its pixels. */
export interface LoadedSeries {
  readonly entry: SeriesEntry;
  readonly stack: SliceStack;
}
