import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SeriesSelector } from '../../core/contract/schemas.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { encodeNifti } from '../../core/nifti/write.ts';
import { chooseSliceAxis } from '../../core/volume/convert.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { inputOf } from '../audit/seriesEvidence.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import { gzipped } from '../export/gzip.ts';
import type { Handler } from '../host/handler.ts';
import { loadSeries } from '../studies/load.ts';
import { readNiftiImage } from '../studies/niftiFile.ts';
import { regularVolume } from '../studies/regularVolume.ts';
import { resolveSeries } from '../studies/resolve.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { affineGiven, matrixOf } from './givenTransform.ts';
import { registerRigid } from './registerRigid.ts';
import { resampleOntoGrid } from './resampleOntoGrid.ts';
import { writeTransform } from './transformFile.ts';

/**
 * Registers one series onto another and writes the transform, and the moving image on the fixed grid where
 * that was asked for. An untrusted verdict is a result, not an error: it is in the report.
 */
export const registerOperation: Handler<'register'> = async (request, job) => {
  const started = performance.now();
  const out = await freeOutput(request.out, ['.tfm']);
  const resampled =
    request.resampled === undefined ? null : await freeOutput(request.resampled, ['.nii', '.nii.gz']);

  const start = request.start === undefined ? undefined : await affineGiven(request.start);
  const fixed = await loadVolume(request.fixed, job);
  const moving = await loadVolume(request.moving, job);
  job.evidence?.({ inputs: [inputOf('fixed', fixed.entry), inputOf('moving', moving.entry)] });
  const { report, fixedToMoving } = await registerRigid(fixed.volume, moving.volume, job, start);
  let image: Uint8Array | undefined;
  if (resampled !== null) {
    const options = { transform: fixedToMoving, slabMm: fixed.slabMm };
    const volume = await resampleOntoGrid(moving.volume, fixed.volume.grid, options, job);
    const bytes = encodeNifti(volume, { description: 'Tandem MR: registered; research use only' });
    image = /\.gz$/i.test(resampled) ? await gzipped(bytes, job.signal) : bytes;
  }
  throwIfCancelled(job.signal);
  if (resampled !== null && image !== undefined) await writeFileAtomically(resampled, image);
  await writeTransform(out, fixedToMoving);
  job.evidence?.({ settings: { verdict: report.verdict } });
  return {
    registration: report,
    transform: out,
    resampled,
    matrix: matrixOf(fixedToMoving),
    seconds: (performance.now() - started) / 1000,
  };
};

/** A series as a volume in its file's own order of voxels, and the thickness of its slices. */
async function loadVolume(
  selector: SeriesSelector,
  job: JobContext,
): Promise<{ readonly entry: SeriesEntry; readonly volume: Volume; readonly slabMm: number }> {
  const entry = await resolveSeries(selector, job);
  if (entry.summary.format === 'nifti') {
    const { volume } = await readNiftiImage(entry.files[0]!, job.signal);
    return { entry, volume, slabMm: volume.grid.spacingMm[chooseSliceAxis(volume.grid)] };
  }
  const { stack } = await loadSeries(entry, job);
  const volume = regularVolume(stack, entry.summary.path);
  return { entry, volume, slabMm: stack.sliceThicknessMm ?? volume.grid.spacingMm[2] };
}

/** The absolute path of a file to write, which must not be there yet (or be empty). */
async function freeOutput(path: string, endings: readonly string[]): Promise<string> {
  const absolute = resolve(path);
  if (!endings.some((ending) => absolute.toLowerCase().endsWith(ending))) {
    throw new TandemError('usage', `The name must end in ${endings.join(' or ')}`, { path });
  }
  const found = await stat(absolute).catch(() => undefined);
  if (found !== undefined && (!found.isFile() || found.size > 0)) {
    throw new TandemError('output-exists', 'There is something of this name already', {
      path: absolute,
      hint: 'Choose another name, or move the old file away.',
    });
  }
  return absolute;
}
