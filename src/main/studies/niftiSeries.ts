import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { Warning } from '../../core/contract/schemas.ts';
import {
  type AcquisitionFacts,
  type ContrastGuess,
  contrastLabel,
  guessContrast,
} from '../../core/dicom/contrast.ts';
import { contrastWords } from '../../core/dicom/contrastWords.ts';
import type { NiftiHeader } from '../../core/nifti/read.ts';
import { chooseSliceAxis } from '../../core/volume/convert.ts';
import { type Grid, gridFromAffine, indexToLps } from '../../core/volume/grid.ts';
import { cross, dot, type Vec3 } from '../../core/volume/vec.ts';
import { planeOf } from './dicomSeries.ts';
import type { SeriesEntry, SeriesGeometry } from './types.ts';

/**
 * The entry of a NIfTI file. It has no UIDs of its own: the series is named by a hash of its path, the
 * study by one of its folder's. Size, spacing and orientation are those of the slices as they would be
 * enhanced, normal to the largest spacing.
 */
export function niftiEntry(
  path: string,
  header: NiftiHeader,
  sidecar: AcquisitionFacts | undefined,
): SeriesEntry {
  const grid = gridFromAffine(header.size, header.affineLps);
  const geometry = stackGeometry(grid);
  const positions = geometry.positionsLps.length;
  const { setAside, ...contrast } = niftiContrast(niftiStem(path), sidecar);
  return {
    summary: {
      uid: `nifti-${hash(path)}`,
      number: null,
      description: niftiStem(path),
      modality: sidecar?.modality ?? 'MR',
      format: 'nifti',
      size: [geometry.columns, geometry.rows, positions],
      spacingMm: [...geometry.spacingMm, geometry.stepMm],
      sliceThicknessMm: geometry.stepMm,
      orientation: planeOf(cross(geometry.iAxisLps, geometry.jAxisLps)),
      contrast,
      warnings: headerWarnings(header, positions),
      path,
    },
    studyUid: folderStudyUid(dirname(path)),
    frameOfReferenceUid: undefined,
    files: [path],
    setAside: setAside === true,
    geometry,
  };
}

/** UID of the study that the NIfTI files of one folder make. */
export function folderStudyUid(folder: string): string {
  return `folder-${hash(folder)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The file name without `.nii` or `.nii.gz`. */
export function niftiStem(path: string): string {
  return basename(path).replace(/\.nii(\.gz)?$/i, '');
}

/** Geometry of the slices that `volumeToStack` makes along the axis that `chooseSliceAxis` chooses. */
function stackGeometry(grid: Grid): SeriesGeometry {
  const axis = chooseSliceAxis(grid);
  const [i, j] = (
    [
      [1, 2],
      [0, 2],
      [0, 1],
    ] as const
  )[axis];
  const iAxisLps = grid.axesLps[i];
  const jAxisLps = grid.axesLps[j];
  const positions = Array.from({ length: grid.size[axis] }, (_, n): Vec3 => {
    const index: [number, number, number] = [0, 0, 0];
    index[axis] = n;
    return indexToLps(grid, index);
  });
  if (dot(cross(iAxisLps, jAxisLps), grid.axesLps[axis]) < 0) positions.reverse();
  return {
    columns: grid.size[i],
    rows: grid.size[j],
    spacingMm: [grid.spacingMm[i], grid.spacingMm[j]],
    iAxisLps,
    jAxisLps,
    positionsLps: positions,
    stepMm: grid.spacingMm[axis],
  };
}

function niftiContrast(stem: string, sidecar: AcquisitionFacts | undefined): ContrastGuess {
  const words = contrastWords(stem);
  if (words.kinds.mask || words.kinds.derived) {
    return { name: 'derived', why: `the file name “${stem}” is that of a mask or a map` };
  }
  const measured = sidecar === undefined ? undefined : guessContrast({ ...sidecar, modality: 'MR' });
  // "pd+t2" names two contrasts; the echo time tells which.
  const named = words.contrasts.find((name) => name === measured?.name) ?? words.contrasts[0];
  if (named !== undefined) {
    const name = named === 't1' && words.agent && !words.noAgent ? 't1c' : named;
    const differs = measured !== undefined && measured.name !== 'unknown' && measured.name !== name;
    const doubt = differs
      ? `, although the sidecar suggests ${contrastLabel(measured.name)} (${measured.why})`
      : '';
    return { name, why: `by the file name “${stem}”${doubt}` };
  }
  if (measured !== undefined) return { ...measured, why: `by the sidecar file: ${measured.why}` };
  if (words.kinds.localizer) return { name: 'localizer', why: `by the file name “${stem}”` };
  if (words.kinds.diffusion) return { name: 'dwi', why: `by the file name “${stem}”` };
  if (words.kinds.susceptibility) return { name: 'swi', why: `by the file name “${stem}”` };
  return { name: 'unknown', why: `the file name “${stem}” names no contrast, and there is no sidecar file` };
}

function headerWarnings(header: NiftiHeader, slices: number): Warning[] {
  const warnings: Warning[] = [];
  if (header.geometry === 'pixdim') {
    warnings.push({
      code: 'missing-geometry',
      message:
        'The file states voxel sizes but no position or orientation in the patient: it may not line up with others',
    });
  }
  if (header.geometryDoubt !== undefined) {
    warnings.push({ code: 'geometry-doubtful', message: header.geometryDoubt });
  }
  if (header.volumes > 1) {
    warnings.push({
      code: 'first-volume-only',
      message: `The file holds ${header.volumes} volumes; only the first is used`,
    });
  }
  if (slices === 1) {
    warnings.push({
      code: 'single-slice',
      message: 'This is one slice: it can be enhanced, but makes no volume',
    });
  }
  return warnings;
}
