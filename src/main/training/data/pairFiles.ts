import { basename } from 'node:path';
import { TandemError, throwIfCancelled } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { reorientToRas } from '../../../core/volume/reorient.ts';
import type { Volume } from '../../../core/volume/volume.ts';
import { contrastFile, sha256OfFile } from '../../studies/caseFolder.ts';
import { readNiftiImage } from '../../studies/niftiFile.ts';
import { type AcquiredSlices, pairStacks } from './pairStacks.ts';
import type { FullSlice, TrainingCase } from './trainingCase.ts';

export interface PairNames {
  /** Names of the volumes in the folder: `t2` is `t2.nii.gz` or `t2.nii`. */
  readonly target: string;
  readonly reference: string | undefined;
}

/** Where the volumes of one case are. */
export interface PairPaths {
  readonly name: string;
  readonly patient: string;
  readonly target: string;
  readonly reference: string | undefined;
}

/** The volumes of a pair, the target reoriented to RAS, and what they were read from. */
export interface PairVolumes {
  readonly target: Volume;
  /** How the target was acquired, where its files say. */
  readonly acquired?: AcquiredSlices | undefined;
  readonly reference: Volume | undefined;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  /** What reading found strange: codes and sentences. */
  readonly warnings?: readonly { readonly code: string; readonly message: string }[];
}

/** A folder with one NIfTI volume a contrast. Throws `not-found`. */
export async function pairInFolder(folder: string, { target, reference }: PairNames): Promise<PairPaths> {
  return {
    name: basename(folder),
    patient: patientOf(basename(folder)),
    target: await contrastFile(folder, target),
    reference: reference === undefined ? undefined : await contrastFile(folder, reference),
  };
}

/** Whose case a folder is: its name without the visit at its end (`-v2`, `_ses-01`, `-tp3`). */
export function patientOf(name: string): string {
  return name.replace(/[-_.](?:v|visit|ses|session|tp|timepoint)[-_]?\d+$/i, '');
}

/** Throws what reading throws. */
export async function readPair(paths: PairPaths): Promise<PairVolumes> {
  const files: { name: string; sha256: string }[] = [];
  const warnings: { code: string; message: string }[] = [];
  const read = async (path: string): Promise<Volume> => {
    const { volume, warnings: said } = await readNiftiImage(path);
    warnings.push(...said);
    files.push({ name: basename(path), sha256: await sha256OfFile(path) });
    return volume;
  };
  const target = reorientToRas(await read(paths.target));
  const reference = paths.reference === undefined ? undefined : await read(paths.reference);
  return { target, reference, files, warnings };
}

/**
 * A case straight from its folder, as evaluation reads it: the reference where the headers place it, slices of
 * the acquired plane. Throws `not-found`, `nothing-readable` (no slice with content), or what reading throws.
 */
export async function loadTrainingCase(
  folder: string,
  names: PairNames,
  job: JobContext,
): Promise<TrainingCase> {
  const paths = await pairInFolder(folder, names);
  const pair = await readPair(paths);
  const [stack] = pairStacks(pair, 'acquired');
  if (stack === undefined || stack.places.length === 0) {
    throw new TandemError('nothing-readable', 'No slice of this case has content to train on', {
      path: folder,
    });
  }
  const { rows, columns, spacingMm, sliceThicknessMm, places } = stack;
  const slices: FullSlice[] = [];
  for (let n = 0; n < places.length; n++) {
    throwIfCancelled(job.signal);
    slices.push(stack.slice(n));
  }
  return {
    name: paths.name,
    patient: paths.patient,
    files: pair.files,
    rows,
    columns,
    spacingMm,
    sliceThicknessMm,
    places,
    registration: paths.reference === undefined ? undefined : 'by the headers, unchecked',
    slice: (n) => slices[n]!,
  };
}
