import { readFile } from 'node:fs/promises';
import type * as z from 'zod';
import type { Code } from '../../core/dicom/derived/codes.ts';
import { type ImagePlanes, planesOfGrid } from '../../core/dicom/derived/planes.ts';
import type { ReadSegment } from '../../core/dicom/derived/readSegmentation.ts';
import { T } from '../../core/dicom/derived/tags.ts';
import { SEGMENTATION_STORAGE } from '../../core/dicom/derived/uids.ts';
import { TandemError } from '../../core/errors.ts';
import { norm, subtract } from '../../core/volume/vec.ts';
import { readDicomHeader, readHead, withFile } from '../studies/dicomFile.ts';
import { isNiftiName, readNiftiImage } from '../studies/niftiFile.ts';
import { readError } from '../studies/readErrors.ts';
import { readSegmentationFile } from '../studies/segmentationFile.ts';
import type { SeriesEntry, SeriesGeometry } from '../studies/types.ts';

/** Positions and directions nearer than this are the same, written in single precision. */
const SAME_MM = 2e-3;
const SAME_DIRECTION = 1e-5;

/** A NIfTI's slices on their planes: `slices[n]` lies on plane n. */
export interface SlicesOnPlanes {
  readonly planes: ImagePlanes;
  readonly slices: readonly Float32Array[];
}

/**
 * The slices of a NIfTI that lies on a series. Where its grid is the series' own, its planes become exactly
 * the series' slices: a NIfTI keeps places in single precision, and the file must not.
 *
 * @throws TandemError `bad-geometry` where the file has no place in the patient; as reading a NIfTI does.
 */
export async function niftiOnPlanes(
  path: string,
  series: SeriesGeometry | undefined,
  signal: AbortSignal,
): Promise<SlicesOnPlanes> {
  const { volume, geometry } = await readNiftiImage(path, signal);
  if (geometry === 'pixdim') {
    throw new TandemError('bad-geometry', 'The file has no position in the patient (no sform, no qform)', {
      path,
      hint: 'Export it again with its geometry.',
    });
  }
  const planes = planesOfGrid(volume.grid);
  const size = planes.columns * planes.rows;
  const slices = planes.sliceOf.map((k) => volume.voxels.subarray(k * size, (k + 1) * size));
  return { planes: series === undefined ? planes : snapped(planes, series), slices };
}

/**
 * The labels of a NIfTI or a DICOM Segmentation that lies on a series, with what the segmentation says of them.
 * @throws TandemError `bad-geometry` where it lies in another frame of reference; as `niftiOnPlanes`, and reading a
 *   segmentation
 */
export async function labelsOnPlanes(
  path: string,
  { geometry, frameOfReferenceUid }: Pick<SeriesEntry, 'geometry' | 'frameOfReferenceUid'>,
  signal: AbortSignal,
): Promise<SlicesOnPlanes & { readonly described: readonly ReadSegment[] }> {
  if (isNiftiName(path)) return { ...(await niftiOnPlanes(path, geometry, signal)), described: [] };
  const { header, grid, voxels } = await readSegmentationFile(path, signal);
  if (header.frameOfReferenceUid !== frameOfReferenceUid) {
    throw new TandemError(
      'bad-geometry',
      'The segmentation lies in another frame of reference than the series',
      {
        path,
        hint: 'Choose the series that it was made on, or one of the same frame of reference.',
      },
    );
  }
  const planes = planesOfGrid(grid);
  const size = planes.columns * planes.rows;
  const slices = planes.sliceOf.map((k) => Float32Array.from(voxels.subarray(k * size, (k + 1) * size)));
  return {
    planes: geometry === undefined ? planes : snapped(planes, geometry),
    slices,
    described: header.segments,
  };
}

function snapped(planes: ImagePlanes, series: SeriesGeometry): ImagePlanes {
  const near = (a: readonly number[], b: readonly number[], limit: number) =>
    a.every((value, n) => Math.abs(value - b[n]!) <= limit);
  const isSamePlane =
    planes.columns === series.columns &&
    planes.rows === series.rows &&
    near(planes.spacingMm, series.spacingMm, SAME_DIRECTION * 10) &&
    near(planes.iAxisLps, series.iAxisLps, SAME_DIRECTION) &&
    near(planes.jAxisLps, series.jAxisLps, SAME_DIRECTION);
  if (!isSamePlane) return planes;
  const { spacingMm, iAxisLps, jAxisLps } = series;
  const positionsLps = planes.positionsLps.map(
    (position) => series.positionsLps.find((other) => norm(subtract(other, position)) <= SAME_MM) ?? position,
  );
  return { ...planes, spacingMm, iAxisLps, jAxisLps, positionsLps };
}

/** A JSON file of a known shape. @throws TandemError `bad-header` that says where it is wrong */
export async function jsonFile<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw readError(error, path);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TandemError('bad-header', 'The file is no JSON', { path });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TandemError('bad-header', `${issue?.path.join('.') || 'The whole'}: ${issue?.message}`, {
    path,
    hint: 'See docs/companions.md for its form.',
  });
}

/** A code, or the code that a short name stands for. @throws TandemError `usage` with the names there are */
export function codeNamed(asked: string | Code, names: Readonly<Record<string, Code>>, what: string): Code {
  if (typeof asked !== 'string') return asked;
  const found = Object.hasOwn(names, asked) ? names[asked] : undefined;
  if (found !== undefined) return found;
  throw new TandemError('usage', `“${asked}” is no ${what} that has a name`, {
    hint: `Names: ${Object.keys(names).join(', ')}; or give value, scheme and meaning.`,
  });
}

/** Names a segmentation's file by its UIDs. @throws TandemError `unsupported-format` where it is something else */
export async function readSegmentationReference(path: string) {
  try {
    return await withFile(path, async (file, fileBytes) => {
      const { dataSet } = await readDicomHeader(file, fileBytes, await readHead(file, fileBytes));
      const sopClassUid = dataSet.string(T.SOPClassUID);
      if (sopClassUid !== SEGMENTATION_STORAGE) {
        throw new TandemError('unsupported-format', 'This is no DICOM segmentation');
      }
      const uid = (tag: number) => {
        const found = dataSet.string(tag);
        if (found === undefined) throw new TandemError('bad-header', 'The segmentation lacks a UID');
        return found;
      };
      return {
        sopClassUid,
        sopInstanceUid: uid(T.SOPInstanceUID),
        seriesUid: uid(T.SeriesInstanceUID),
        studyUid: uid(T.StudyInstanceUID),
      };
    });
  } catch (error) {
    throw readError(error, path);
  }
}

/** `codeNamed`, where anything is asked for at all. */
export function optionalCode(
  asked: string | Code | undefined,
  names: Readonly<Record<string, Code>>,
  what: string,
): Code | undefined {
  return asked === undefined ? undefined : codeNamed(asked, names, what);
}
