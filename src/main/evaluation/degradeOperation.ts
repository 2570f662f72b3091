import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { encodeNifti } from '../../core/nifti/write.ts';
import { chooseSliceAxis } from '../../core/volume/convert.ts';
import { degradeSliceBySlice } from '../../core/volume/degrade.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { sha256 } from '../audit/entry.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import { gzipped } from '../export/gzip.ts';
import type { Handler } from '../host/handler.ts';
import { sha256OfFile } from '../studies/caseFolder.ts';
import { readNiftiImage } from '../studies/niftiFile.ts';

/**
 * `tandem degrade`: a NIfTI image made low-resolution by k-space truncation of its slices (normal to the
 * largest spacing, or as `plane` says; see `chooseSliceAxis`). The axes of the file are kept, voxel (0, 0, 0) stays where it is.
 * Throws what reading and writing throw, `usage` for a name that is not .nii or .nii.gz, `output-exists`.
 */
export const degradeOperation: Handler<'degrade'> = async (request, job) => {
  const out = resolve(request.out);
  if (!/\.nii(\.gz)?$/i.test(out)) {
    throw new TandemError('usage', 'The degraded image is written as NIfTI', {
      path: out,
      hint: 'Name a file that ends in .nii or .nii.gz.',
    });
  }
  if ((await stat(out).catch(() => undefined)) !== undefined) {
    throw new TandemError('output-exists', 'There is a file of this name', {
      path: out,
      hint: 'Name a new file.',
    });
  }
  const image = await readNiftiImage(resolve(request.input), job.signal);
  for (const { message } of image.warnings) job.progress({ stage: 'reading', done: 1, total: 1, message });

  job.evidence?.({ inputs: [{ role: 'image', sha256: await sha256OfFile(resolve(request.input)) }] });

  const { volume } = image;
  const axis = chooseSliceAxis(volume.grid, request.plane);
  const low = await degraded(volume, axis, request.scale, job);
  job.progress({ stage: 'writing', done: 0, total: 1 });
  const bytes = encodeNifti(low, {
    dataType: 'float32',
    description: `k-space truncation x${request.scale}; research use only`,
  });
  const packed = /\.gz$/i.test(out) ? await gzipped(bytes, job.signal) : bytes;
  throwIfCancelled(job.signal);
  await writeFileAtomically(out, packed);
  job.evidence?.({ outputs: { image: sha256(packed) } });
  return {
    path: out,
    size: [...low.grid.size],
    spacingMm: [...low.grid.spacingMm],
    originLps: [...low.grid.originLps],
  };
};

/** How long others may wait for an answer while slices are degraded. */
const PAUSE_EVERY_MS = 100;

/** The volume degraded, giving way to other work, the signal of the job included. */
async function degraded(volume: Volume, axis: 0 | 1 | 2, scale: number, job: JobContext): Promise<Volume> {
  const total = volume.grid.size[axis];
  const steps = degradeSliceBySlice(volume, axis, scale);
  let lastPause = performance.now();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    job.progress({ stage: 'degrading', done: step.value, total });
    if (performance.now() - lastPause < PAUSE_EVERY_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    throwIfCancelled(job.signal);
    lastPause = performance.now();
  }
}
