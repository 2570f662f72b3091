import type { RefusedFile, SeriesSummary, StudySummary, Warning } from '../../core/contract/schemas.ts';
import type { ImageTile } from '../../core/dicom/instance.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Vec3 } from '../../core/volume/vec.ts';

/** What a scan of files and folders found: an index, no pixels. */
export interface Catalogue {
  readonly studies: readonly CatalogueStudy[];
  readonly refused: readonly RefusedFile[];
}

export interface CatalogueStudy {
  readonly summary: StudySummary;
  readonly series: readonly SeriesEntry[];
  /** DICOM Segmentations of the study: where the files are that `summary.segmentations` names, in its order. */
  readonly segmentations?: readonly string[] | undefined;
  /** DICOM: who gave the Patient ID; '' where the files do not say. */
  readonly issuerOfPatientId?: string | undefined;
}

/** One series of a catalogue: its summary and where its pixels are. */
export interface SeriesEntry {
  readonly summary: SeriesSummary;
  readonly studyUid: string;
  readonly frameOfReferenceUid: string | undefined;
  /** Each once, in the order in which the stack first needs them; one file for NIfTI. */
  readonly files: readonly string[];
  /** DICOM: where the pixels of each slice are, in stack order (along the normal, duplicates left out). */
  readonly slices?: readonly SlicePlace[] | undefined;
  /**
   * DICOM: files of the same images as those of `files`, by SOP Instance UID, one for each slice: the series lies
   * there a second time. Absent where it does not, or not as a whole.
   */
  readonly copies?: readonly string[] | undefined;
  /**
   * DICOM: Series Instance UID as in the files. `summary.uid` is this, with `#part` appended where the
   * series holds several stacks (echoes, orientations).
   */
  readonly seriesInstanceUid?: string | undefined;
  /** Known to be no plain anatomical image (phase, angiography, echo-planar …): left out of the pairs. */
  readonly setAside?: boolean | undefined;
  /** Where the slices lie, as far as the headers say; undefined where they do not. */
  readonly geometry?: SeriesGeometry | undefined;
}

/** One image: a file, a frame of a file of many, or a tile of a mosaic. */
export interface SlicePlace {
  /** Index into `SeriesEntry.files`. */
  readonly file: number;
  /** From 0, in an object of frames; undefined in a classic image. */
  readonly frame?: number | undefined;
  /** Corner of the tile in the stored frame; undefined where the image is all of it. */
  readonly tile?: ImageTile | undefined;
}

/** Where the slices of a series lie, without pixels. */
export interface SeriesGeometry {
  readonly columns: number;
  readonly rows: number;
  /** Between columns and between rows, in that order. */
  readonly spacingMm: readonly [number, number];
  readonly iAxisLps: Vec3;
  readonly jAxisLps: Vec3;
  /** Centre of pixel (0, 0) of every slice, ascending along iAxis × jAxis. */
  readonly positionsLps: readonly Vec3[];
  /** Distance between neighbouring slices that most steps have; the thickness for a single slice. */
  readonly stepMm: number;
}

/** A series with its pixels. */
export interface LoadedSeries {
  readonly entry: SeriesEntry;
  readonly stack: SliceStack;
  /** What reading the pixels could not take as it was: a geometry that is missing, values that are no numbers. */
  readonly warnings?: readonly Warning[];
}
