import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Result } from '../../core/contract/operations.ts';
import type { Warning } from '../../core/contract/schemas.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { encodeNifti, exactScaling, type Scaling, type WrittenDataType } from '../../core/nifti/write.ts';
import type { Grid } from '../../core/volume/grid.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import { inputOf } from '../audit/seriesEvidence.ts';
import type { Handler } from '../host/handler.ts';
import { loadSeries } from '../studies/load.ts';
import { regularVolume } from '../studies/regularVolume.ts';
import { scanPaths } from '../studies/scan.ts';
import { seriesVolumes } from '../studies/select.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { appVersion } from '../version.ts';
import { writeFileAtomically } from './atomic.ts';
import { gzipped } from './gzip.ts';
import { examineVolumes, type RepeatedVolumes, writeVolumes } from './repeatedVolumes.ts';

type Volume = Result<'convert'>['volumes'][number];

/**
 * `tandem convert`: the volumes of one DICOM series as NIfTI with sform and qform where their slices lie:
 * those that repeat each other (in time, direction …) in one file of four dimensions where they share a grid,
 * every other one in a file of its own. Stored values are kept as 16-bit integers with the series' slope and intercept
 * where that gives back every value exactly, else the values are written as 32-bit floats. A volume that
 * makes no regular grid is listed and the others are written.
 *
 * @throws TandemError `usage`, `output-exists`, `series-not-found`, `series-ambiguous`, `unsupported-format`
 *   (NIfTI as input), what reading throws where no volume can be written, `cancelled`; then no file stays.
 */
export const convertOperation: Handler<'convert'> = async (request, job) => {
  const started = performance.now();
  const out = resolve(request.out);
  if (!/\.nii(\.gz)?$/i.test(out)) {
    throw new TandemError('usage', 'The series is written as NIfTI', {
      path: out,
      hint: 'Name a file that ends in .nii or .nii.gz.',
    });
  }
  const entries = seriesVolumes(await scanPaths([request.input], job), request.series);
  job.evidence?.({ inputs: seriesOf(entries), settings: { volumes: entries.length } });
  const groups = [
    ...Map.groupBy(entries, ({ summary }) => summary.repetition?.first ?? summary.uid).values(),
  ];
  const targets = groups.map((group) => ({ group, path: pathFor(out, group, groups.length > 1) }));
  for (const { path } of targets) await requireAbsent(path);
  const volumes: Volume[] = [];
  const refused: { entry: SeriesEntry; error: unknown }[] = [];
  try {
    for (const { group, path } of targets) {
      if (group.length > 1) {
        const together = await convertTogether(group, path, job);
        if (together !== undefined) {
          volumes.push(...together);
          continue;
        }
      }
      for (const entry of group) {
        const own = group.length > 1 ? pathFor(out, [entry], true) : path;
        if (own !== path) await requireAbsent(own);
        try {
          volumes.push(await convertVolume(entry, own, job));
        } catch (error) {
          if (!isAbout(error)) throw error;
          refused.push({ entry, error });
        }
      }
    }
    if (volumes.length === 0) throw refused[0]!.error;
  } catch (error) {
    for (const { path } of volumes) await rm(path, { force: true });
    throw error;
  }
  return {
    volumes,
    refused: refused.map(({ entry, error }) => {
      const { code, message } = toErrorData(error);
      return { uid: entry.summary.uid, code, message };
    }),
    seconds: (performance.now() - started) / 1000,
  };
};

/** The volumes of one DICOM series, for the audit log. */
function seriesOf([first]: readonly SeriesEntry[]) {
  if (first === undefined) return [];
  const uid = first.seriesInstanceUid ?? first.summary.uid;
  return [inputOf('series', { studyUid: first.studyUid, summary: { ...first.summary, uid } })];
}

/** Whether an error is about one volume of a series and says nothing of the others. */
function isAbout(error: unknown): boolean {
  return error instanceof TandemError && error.code === 'bad-geometry';
}

/**
 * `X.nii.gz`, or `X_e1.nii.gz` for the part `#e1` of a series of several; of volumes that repeat each other,
 * `#e1t1` to `#e1t300`, what they share.
 */
function pathFor(out: string, group: readonly SeriesEntry[], isOneOfMany: boolean): string {
  const part = group[0]!.summary.uid.split('#')[1];
  if (!isOneOfMany || part === undefined) return out;
  const shared = group.length > 1 ? part.replaceAll(REPETITIONS, '') : part;
  return out.replace(/(\.nii(\.gz)?)$/i, `_${(shared || part).replaceAll(/[^A-Za-z0-9]+/g, '-')}$1`);
}

/** In the name of a part: direction, temporal position, trigger time, acquisition, repeat. */
const REPETITIONS = /[dthar]\d+/g;

async function requireAbsent(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  throw new TandemError('output-exists', 'There is a file of this name', {
    path,
    hint: 'Name a new file.',
  });
}

async function readVolume(entry: SeriesEntry, job: JobContext) {
  const { stack } = await loadSeries(entry, job);
  return { volume: regularVolume(stack, entry.summary.path), scalings: scalingsOf(stack) };
}

/** Volumes that repeat each other, in one file of four dimensions; undefined where they make none. */
async function convertTogether(
  group: readonly SeriesEntry[],
  path: string,
  job: JobContext,
): Promise<Volume[] | undefined> {
  const sources = group.map((entry) => ({ read: () => readVolume(entry, job) }));
  let examined: RepeatedVolumes | undefined;
  try {
    examined = await examineVolumes(sources, job);
  } catch (error) {
    // One that makes no regular grid is told of by itself, and the others are written.
    if (!isAbout(error)) throw error;
  }
  if (examined === undefined) return undefined;
  const { emptySlices, dataType, scaling, grid } = examined;
  const empty = emptySlices.reduce((sum, count) => sum + count, 0);
  await writeVolumes(path, sources, examined, descriptionOf(empty), job);
  return group.map((entry, n) => ({
    ...volumeResult(entry, path, { grid, dataType, scaling, emptySlices: emptySlices[n]! }),
    volume: n + 1,
  }));
}

async function convertVolume(entry: SeriesEntry, path: string, job: JobContext): Promise<Volume> {
  const { volume, scalings } = await readVolume(entry, job);
  const emptySlices = volume.inventedSlices?.reduce((sum, flag) => sum + flag, 0) ?? 0;
  const scaling = exactScaling(volume.voxels, scalings);
  const dataType = scaling === undefined ? 'float32' : 'int16';
  job.progress({ stage: 'writing', done: 0, total: 1 });
  const bytes = encodeNifti(volume, {
    description: descriptionOf(emptySlices),
    ...(scaling === undefined ? { dataType: 'float32' } : { scaling }),
  });
  const packed = /\.gz$/i.test(path) ? await gzipped(bytes, job.signal) : bytes;
  throwIfCancelled(job.signal);
  await writeFileAtomically(path, packed);
  return volumeResult(entry, path, { grid: volume.grid, dataType, scaling, emptySlices });
}

function descriptionOf(emptySlices: number): string {
  return `${emptySlices === 0 ? '' : `${emptySlices} empty slices; `}Tandem MR ${appVersion}; research use only`;
}

interface Written {
  readonly grid: Grid;
  readonly dataType: WrittenDataType;
  readonly scaling: Scaling | undefined;
  readonly emptySlices: number;
}

function volumeResult(
  { summary }: SeriesEntry,
  path: string,
  { grid: { size, spacingMm, originLps }, dataType, scaling, emptySlices }: Written,
): Volume {
  return {
    path,
    uid: summary.uid,
    description: summary.description,
    size: [...size],
    spacingMm: [...spacingMm],
    originLps: [...originLps],
    dataType,
    slope: scaling?.slope ?? 1,
    intercept: scaling?.intercept ?? 0,
    emptySlices,
    warnings: [...summary.warnings, ...emptied(emptySlices)],
  };
}

/** Values that are integers as they are need no scaling; else that of the slices, where they share one. */
function scalingsOf({ slices }: SliceStack): Scaling[] {
  const first = slices[0]?.source?.rescale;
  const shared =
    first !== undefined &&
    slices.every(
      ({ source }) => source?.rescale?.slope === first.slope && source.rescale.intercept === first.intercept,
    );
  return [...(shared ? [first] : []), { slope: 1, intercept: 0 }];
}

function emptied(count: number): Warning[] {
  if (count === 0) return [];
  const what = count === 1 ? 'One slice that was' : `${count} slices that were`;
  return [
    {
      code: 'gap',
      message: `A NIfTI cannot hold a gap: ${what} not acquired ${count === 1 ? 'is' : 'are'} written as zeros`,
    },
  ];
}
