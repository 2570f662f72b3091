import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, Result } from '../../core/contract/operations.ts';
import { encodeDicomFile } from '../../core/dicom/derived/encode.ts';
import { uidFromDigest } from '../../core/dicom/derived/uids.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { encodeNifti } from '../../core/nifti/write.ts';
import { SEQUENCES } from '../../core/phantom/contrasts.ts';
import { rigidMotion } from '../../core/phantom/geometry.ts';
import { type PhantomOptions, planPhantom } from '../../core/phantom/makePhantom.ts';
import { type PhantomSeriesIdentity, phantomDataSet } from '../../core/phantom/phantomDataSet.ts';
import { stackToVolume } from '../../core/volume/convert.ts';
import type { Slice, SliceStack } from '../../core/volume/sliceStack.ts';
import { writeFolderAtomically } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import { appVersion } from '../version.ts';

/**
 * `tandem phantom`: the digital head as a study. The first contrast is the target, the others are references
 * and carry the motion. DICOM: one folder per series, all in one study and one frame of reference (the
 * patient moved, the scanner did not). NIfTI: `<contrast>.nii.gz`, as `tandem evaluate` wants its cases.
 * The same request writes the same bytes.
 */
export const phantomOperation: Handler<'phantom'> = async (request, job) => {
  checkRequest(request);
  const out = resolve(request.out);
  const series: Result<'phantom'>['series'] = [];
  await writeFolderAtomically(
    out,
    async (folder) => {
      for (const [index, contrast] of request.contrasts.entries()) {
        const options = seriesOptions(request, index);
        const stack = await makeSlices(options, contrast, job);
        const name = request.format === 'nifti' ? `${contrast}.nii.gz` : seriesFolder(request, index);
        const files =
          request.format === 'nifti'
            ? await writeNifti(join(folder, name), stack)
            : await writeDicom(join(folder, name), stack, request, index, job.signal);
        series.push({
          contrast,
          path: join(out, name),
          files,
          size: [
            stack.columns,
            stack.rows,
            request.gapAfter === undefined ? stack.slices.length : stack.slices.length - 1,
          ],
          spacingMm: [...stack.spacingMm, options.sliceStepMm ?? options.sliceThicknessMm],
        });
      }
    },
    { signal: job.signal },
  );
  return { out, series };
};

async function makeSlices(options: PhantomOptions, contrast: string, job: JobContext): Promise<SliceStack> {
  const plan = planPhantom(options);
  const total = plan.positionsLps.length;
  const slices: Slice[] = [];
  for (let n = 0; n < total; n++) {
    // Lets a request to cancel arrive.
    await setImmediate();
    throwIfCancelled(job.signal);
    job.progress({ stage: 'phantom', done: n, total, message: contrast });
    slices.push(plan.slice(n));
  }
  return { ...plan.frame, slices };
}

function checkRequest(request: Request<'phantom'>): void {
  const { contrasts, gapAfter, duplicate } = request;
  const wrong = (message: string) => {
    throw new TandemError('usage', message);
  };
  if (contrasts.length === 0 || new Set(contrasts).size < contrasts.length) {
    wrong('Name at least one contrast, and each only once');
  }
  if (request.format === 'nifti' && (gapAfter !== undefined || duplicate !== undefined)) {
    wrong('A NIfTI is a regular grid and holds neither a gap nor a duplicate slice; ask for DICOM');
  }
  const fewest = Math.min(request.slices, request.referenceSlices ?? request.slices);
  if (gapAfter !== undefined && gapAfter > fewest - 2) {
    wrong(`A gap after slice ${gapAfter} needs at least ${gapAfter + 2} slices`);
  }
  if (duplicate !== undefined && duplicate > fewest) wrong(`There is no slice ${duplicate} to write twice`);
}

function seriesOptions(request: Request<'phantom'>, index: number): PhantomOptions {
  const isReference = index > 0;
  const matrix = (isReference ? request.referenceMatrix : undefined) ?? request.matrix;
  const thickness = (isReference ? request.referenceSliceThicknessMm : undefined) ?? request.sliceThicknessMm;
  return {
    contrast: request.contrasts[index]!,
    columns: matrix,
    rows: matrix,
    slices: (isReference ? request.referenceSlices : undefined) ?? request.slices,
    sliceThicknessMm: thickness,
    sliceStepMm: thickness + request.sliceGapMm,
    orientation: (isReference ? request.referenceOrientation : undefined) ?? request.orientation,
    noise: request.noise,
    seed: request.seed,
    lesions: request.lesions,
    motion: isReference ? rigidMotion(request.motionDeg, request.motionMm) : undefined,
  };
}

function seriesFolder(request: Request<'phantom'>, index: number): string {
  return `series-${index + 1}-${request.contrasts[index]}`;
}

async function writeNifti(path: string, stack: SliceStack): Promise<number> {
  const rounded = {
    ...stack,
    slices: stack.slices.map((slice) => ({ ...slice, pixels: slice.pixels.map(Math.round) })),
  };
  await writeFile(
    path,
    await promisify(gzip)(
      encodeNifti(stackToVolume(rounded), { description: 'Tandem MR digital head phantom' }),
    ),
  );
  return 1;
}

async function writeDicom(
  folder: string,
  stack: SliceStack,
  request: Request<'phantom'>,
  index: number,
  signal: AbortSignal,
): Promise<number> {
  const contrast = request.contrasts[index]!;
  const uid = (...parts: readonly (string | number)[]) => {
    const { out: _, ...asked } = request;
    const hash = createHash('sha256').update(JSON.stringify(['tandem-phantom-1', asked, ...parts]));
    return uidFromDigest(hash.digest());
  };
  const moved = index > 0 && [...request.motionDeg, ...request.motionMm].some((value) => value !== 0);
  const identity: PhantomSeriesIdentity = {
    contrast,
    seriesNumber: index + 1,
    description: `${SEQUENCES[contrast].description}${moved ? ' moved' : ''}`,
    patientId: `PHANTOM-${request.seed}`,
    studyUid: uid('study'),
    seriesUid: uid('series', contrast),
    frameOfReferenceUid: uid('frame of reference'),
    appVersion,
  };
  const instances = stack.slices.map((_, slice) => ({ slice, number: slice + 1 }));
  // The slice that is left out keeps its number: a scanner would have counted it.
  const written = instances.filter(({ slice }) => slice !== request.gapAfter);
  if (request.duplicate !== undefined) {
    written.push({ slice: request.duplicate - 1, number: stack.slices.length + 1 });
  }
  await mkdir(folder);
  for (const { slice, number } of written) {
    throwIfCancelled(signal);
    const dataSet = phantomDataSet(identity, stack, slice, {
      number,
      sopInstanceUid: uid('instance', contrast, number),
    });
    await writeFile(join(folder, `${String(number).padStart(4, '0')}.dcm`), encodeDicomFile(dataSet));
  }
  return written.length;
}
