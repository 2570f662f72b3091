import type { JobContext } from '../../../core/job.ts';
import type { PairVolumes } from './pairFiles.ts';

/** How the scans of a collection lie in its folders. */
export type Layout = 'folders' | 'ixi' | 'brats' | 'dicom';

/** The contrasts that are asked for, by name. */
export interface Contrasts {
  readonly target: string;
  /** None for single images. */
  readonly reference?: string | undefined;
}

/** A case that was found by names and headers: no voxels have been read. */
export interface FoundCase {
  readonly name: string;
  /** Whose scans they are: a name of the collection's own, or a hash where its own would tell who it is. */
  readonly patient: string;
  readonly layout: Layout;
  /** Where it is. For people who look at the disk: not written anywhere. */
  readonly path: string;
  /** Other folders that hold the same images once more. */
  readonly alsoIn?: readonly string[] | undefined;
  /** What would be read, in words: the name of a file, or of a series. */
  readonly target: string;
  readonly reference: string | undefined;
  /** What is to be known of its data, for the manifest. */
  readonly notes: readonly string[];
  /** Why it cannot be used, as far as can be told without its voxels. */
  readonly problem?: string | undefined;
  /** Throws what reading throws. */
  readonly read: (job: JobContext) => Promise<PairVolumes>;
}

/** What cannot even be tried, because it has no target. */
export interface LeftOut {
  readonly name: string;
  readonly patient?: string | undefined;
  /** Where it is, for people who look at the disk; undefined where that is not one place. */
  readonly path?: string | undefined;
  readonly reason: string;
}

export interface Findings {
  readonly cases: readonly FoundCase[];
  readonly without: readonly LeftOut[];
}

/** Finds the cases of one layout in folders, with none where there are none; throws `cancelled`. */
export type Finder = (folders: readonly string[], contrasts: Contrasts, job: JobContext) => Promise<Findings>;
