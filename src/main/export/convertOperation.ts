import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Result } from '../../core/contract/operations.ts';
import type { Warning } from '../../core/contract/schemas.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { encodeNifti, exactScaling, type Scaling } from '../../core/nifti/write.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Handler } from '../host/handler.ts';
import { loadSeries } from '../studies/load.ts';
import { regularVolume } from '../studies/regularVolume.ts';
import { scanPaths } from '../studies/scan.ts';
import { seriesVolumes } from '../studies/select.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { appVersion } from '../version.ts';
import { writeFileAtomically } from './atomic.ts';
import { gzipped } from './gzip.ts';

type Volume = Result<'convert'>['volumes'][number];

/**
 * `tandem convert`: the volumes of one DICOM series, each as a NIfTI file of its own with sform and qform
 * where its slices lie. Stored values are kept as 16-bit integers with the series' slope and intercept
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
  const targets = entries.map((entry) => ({ entry, path: pathFor(out, entry, entries.length > 1) }));
  for (const { path } of targets) await requireAbsent(path);
  const volumes: Volume[] = [];
  const refused: { entry: SeriesEntry; error: unknown }[] = [];
  try {
    for (const { entry, path } of targets) {
      try {
        volumes.push(await convertVolume(entry, path, job));
      } catch (error) {
        if (!isAbout(error)) throw error;
        refused.push({ entry, error });
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

/** Whether an error is about one volume of a series and says nothing of the others. */
function isAbout(error: unknown): boolean {
  return error instanceof TandemError && error.code === 'bad-geometry';
}

/** `X.nii.gz`, or `X_e1.nii.gz` for the part `#e1` of a series of several volumes. */
function pathFor(out: string, { summary }: SeriesEntry, isOneOfMany: boolean): string {
  const part = summary.uid.split('#')[1];
  if (!isOneOfMany || part === undefined) return out;
  return out.replace(/(\.nii(\.gz)?)$/i, `_${part.replaceAll(/[^A-Za-z0-9]+/g, '-')}$1`);
}

async function requireAbsent(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  throw new TandemError('output-exists', 'There is a file of this name', {
    path,
    hint: 'Name a new file.',
  });
}

async function convertVolume(entry: SeriesEntry, path: string, job: JobContext): Promise<Volume> {
  const { stack } = await loadSeries(entry, job);
  const volume = regularVolume(stack, entry.summary.path);
  const emptySlices = volume.inventedSlices?.reduce((sum, flag) => sum + flag, 0) ?? 0;
  const scaling = exactScaling(volume.voxels, scalingsOf(stack));
  job.progress({ stage: 'writing', done: 0, total: 1 });
  const bytes = encodeNifti(volume, {
    description: `${emptySlices === 0 ? '' : `${emptySlices} empty slices; `}Tandem MR ${appVersion}; research use only`,
    ...(scaling === undefined ? { dataType: 'float32' } : { scaling }),
  });
  const packed = /\.gz$/i.test(path) ? await gzipped(bytes, job.signal) : bytes;
  throwIfCancelled(job.signal);
  await writeFileAtomically(path, packed);
  const { size, spacingMm, originLps } = volume.grid;
  return {
    path,
    uid: entry.summary.uid,
    description: entry.summary.description,
    size: [...size],
    spacingMm: [...spacingMm],
    originLps: [...originLps],
    dataType: scaling === undefined ? 'float32' : 'int16',
    slope: scaling?.slope ?? 1,
    intercept: scaling?.intercept ?? 0,
    emptySlices,
    warnings: [...entry.summary.warnings, ...emptied(emptySlices)],
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
