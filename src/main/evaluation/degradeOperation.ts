import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import { encodeNifti } from '../../core/nifti/write.ts';
import { chooseSliceAxis } from '../../core/volume/convert.ts';
import { degradeVolume } from '../../core/volume/degrade.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import { readNiftiImage } from '../studies/niftiFile.ts';

/**
 * `tandem degrade`: a NIfTI image made low-resolution by k-space truncation of its slices (normal to the
 * largest spacing, or as `plane` says). The axes of the file are kept, voxel (0, 0, 0) stays where it is.
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

  const { volume } = image;
  const axis = chooseSliceAxis(volume.grid, request.plane);
  const low = degradeVolume(volume, axis, request.scale, (done, total) => {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'degrading', done, total });
  });
  job.progress({ stage: 'writing', done: 0, total: 1 });
  const bytes = encodeNifti(low, {
    dataType: 'float32',
    description: `k-space truncation x${request.scale}; research use only`,
  });
  const packed = /\.gz$/i.test(out) ? await promisify(gzip)(bytes) : bytes;
  throwIfCancelled(job.signal);
  await writeFileAtomically(out, packed);
  return {
    path: out,
    size: [...low.grid.size],
    spacingMm: [...low.grid.spacingMm],
    originLps: [...low.grid.originLps],
  };
};
