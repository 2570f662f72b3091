import { basename } from 'node:path';
import { TandemError, throwIfCancelled } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { IDENTITY_AFFINE } from '../../../core/volume/affine.ts';
import { type Canvas, ontoCanvas } from '../../../core/volume/canvas.ts';
import { chooseSliceAxis, volumeToStack } from '../../../core/volume/convert.ts';
import { reorientToRas } from '../../../core/volume/reorient.ts';
import { sliceSampler } from '../../../core/volume/resample.ts';
import { NORMALIZED_RANGE, normalized, robustScale } from '../../../core/volume/robustScale.ts';
import { sliceSpacingMm } from '../../../core/volume/sliceStack.ts';
import type { Volume } from '../../../core/volume/volume.ts';
import { contrastFile, findContrast, sha256OfFile } from '../../studies/caseFolder.ts';
import { readNiftiFile } from '../../studies/niftiFile.ts';
import { patientOf } from '../../training/data/pairFiles.ts';

/** One slice on the canvas. */
export interface SegmentationSlice {
  /** Each contrast, normalised (see `normalized`); null where the case has none. Half precision: many fit. */
  readonly images: readonly (Float16Array | null)[];
  /** One byte a pixel: the share of it that is tumour, 0 to 255. */
  readonly truth: Uint8Array;
  readonly hasTumour: boolean;
}

/** The slices of one patient, to learn from or to be tried on. */
export interface SegmentationCase {
  readonly name: string;
  readonly patient: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  readonly slices: readonly SegmentationSlice[];
}

export interface SegmentationNames {
  /** Names of the volumes in the folder; the first is the one that must be there and that the mask lies on. */
  readonly contrasts: readonly [string, ...string[]];
  /** Name of the mask; null for cases that have no tumour. */
  readonly mask: string | null;
}

/** Of stacks with more slices than this, every second, third … is taken: neighbours are alike. */
const MOST_SLICES = 80;
const LEAST_CONTENT = 0.02;

/**
 * A case from its folder: slices normal to the largest spacing, brought onto the canvas, each contrast normalised
 * over its volume; the other contrasts are sampled where their headers say. Throws `not-found`,
 * `nothing-readable` where the first contrast is empty, and what reading throws.
 */
export async function loadSegmentationCase(
  folder: string,
  { contrasts, mask }: SegmentationNames,
  canvas: Canvas,
  job: JobContext,
): Promise<SegmentationCase> {
  const files: { name: string; sha256: string }[] = [];
  const read = async (path: string): Promise<Volume> => {
    files.push({ name: basename(path), sha256: await sha256OfFile(path) });
    return readNiftiFile(path);
  };
  const [first, ...others] = contrasts;
  const volume = reorientToRas(await read(await contrastFile(folder, first)));
  const stack = volumeToStack(volume, chooseSliceAxis(volume.grid));
  const scale = robustScale(stack.slices.map(({ pixels }) => pixels));
  if (scale === undefined) {
    throw new TandemError('nothing-readable', `The ${first} of this case is empty`, { path: folder });
  }
  const beside = await Promise.all(others.map((name) => findContrast(folder, name)));
  const sampled = [];
  for (const path of beside) {
    if (path === undefined) {
      sampled.push(undefined);
      continue;
    }
    const other = await read(path);
    const otherScale = robustScale([Float32Array.from(other.voxels)]);
    const sampler = sliceSampler(other, stack, { slabMm: sliceSpacingMm(stack), transform: IDENTITY_AFFINE });
    sampled.push(otherScale && { sampler, scale: otherScale });
  }
  const truth = mask === null ? undefined : await maskSlices(folder, mask, volume, read);
  const step = Math.ceil(stack.slices.length / MOST_SLICES);
  const slices: SegmentationSlice[] = [];
  for (let n = 0; n < stack.slices.length; n += step) {
    throwIfCancelled(job.signal);
    const { pixels } = stack.slices[n]!;
    const place = (image: Float32Array): Float16Array =>
      new Float16Array(ontoCanvas(image, stack, canvas, NORMALIZED_RANGE[0]));
    const share =
      pixels.reduce((count, value) => count + (value > scale.centre / 2 ? 1 : 0), 0) / pixels.length;
    if (share < LEAST_CONTENT) continue;
    const marked = truth?.[n];
    const tumour =
      marked === undefined ? new Uint8Array(canvas.size ** 2) : onto255(ontoCanvas(marked, stack, canvas));
    slices.push({
      images: [
        place(normalized(pixels, scale)),
        ...sampled.map((other) => (other ? place(normalized(other.sampler(n).pixels, other.scale)) : null)),
      ],
      truth: tumour,
      hasTumour: tumour.some((value) => value > 127),
    });
  }
  const name = basename(folder);
  return { name, patient: patientOf(name), files, slices };
}

async function maskSlices(
  folder: string,
  name: string,
  volume: Volume,
  read: (path: string) => Promise<Volume>,
): Promise<readonly Float32Array[]> {
  const path = await contrastFile(folder, name);
  const mask = reorientToRas(await read(path));
  if (mask.grid.size.some((length, axis) => length !== volume.grid.size[axis])) {
    throw new TandemError('bad-geometry', 'The mask is not of the size of the image that it marks', {
      path,
      hint: 'Draw the mask on that image, or resample it onto its grid.',
    });
  }
  const stack = volumeToStack(mask, chooseSliceAxis(volume.grid));
  return stack.slices.map(({ pixels }) => pixels.map((value) => (value > 0 ? 1 : 0)));
}

function onto255(share: Float32Array): Uint8Array {
  return Uint8Array.from(share, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
}
