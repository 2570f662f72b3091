import type { AcceptanceMeasures, JudgedCase } from '../../../core/contract/acceptance.ts';
import type { DisturbanceName } from '../../../core/contract/evaluation.ts';
import { TandemError, throwIfCancelled } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { networkNamed } from '../../../core/networks/index.ts';
import { inconsistency } from '../../../core/volume/consistency.ts';
import { edgeMasks, rmsError } from '../../../core/volume/edges.ts';
import { insideForeground } from '../../../core/volume/foreground.ts';
import { degradeStack, zeroFillStack } from '../../../core/volume/kspace.ts';
import type { Slices } from '../../../core/volume/metrics.ts';
import type { SliceStack } from '../../../core/volume/sliceStack.ts';
import {
  disturbReference,
  type OtherPatient,
  type PlacedReference,
} from '../../evaluation/disturbReference.ts';
import { type NamedModel, naming } from '../../evaluation/evaluateCase.ts';
import { FOREGROUND } from '../../evaluation/evaluationCase.ts';
import { comparison, pixelsOf } from '../../evaluation/measureImage.ts';
import type { ChosenDevice } from '../../runtime/devices.ts';
import { enhanceStack } from '../../superres/enhanceStack.ts';
import { type Placing, placeReference } from '../../training/data/placeReference.ts';
import type { JudgedImages } from './judgedImages.ts';

export interface JudgeOptions {
  readonly base: NamedModel;
  readonly tuned: NamedModel;
  readonly scale: 2 | 4;
  readonly device: ChosenDevice;
  readonly placing: Placing;
  /** Whose reference is the wrong one; the own one mirrored where there is none. */
  readonly other: OtherPatient | undefined;
}

/** A slice as each method gives it, kept for the report. */
export interface WorstSlice {
  /** From 1, in the whole stack. */
  readonly slice: number;
  /** PSNR inside, dB: tuned less base, and tuned. */
  readonly difference: number;
  readonly tunedPsnr: number;
  readonly images: Readonly<Record<'truth' | 'zeroFill' | 'base' | 'tuned', Float32Array>>;
}

export type CaseNumbers = Pick<
  JudgedCase,
  'rows' | 'columns' | 'spacingMm' | 'registration' | 'wrongReference' | 'lesionVoxels' | 'methods' | 'slices'
>;

export interface CaseJudgement {
  readonly numbers: CaseNumbers;
  readonly worst: readonly WorstSlice[];
}

/** Slices of one case that are kept for the pictures. */
export const WORST_OF_A_CASE = 6;

/** The disturbed references that are judged, and where their PSNR stands. */
const DISTURBED: Readonly<Partial<Record<DisturbanceName, 'psnrShifted' | 'psnrBlank' | 'psnrWrong'>>> = {
  'shift-2mm': 'psnrShifted',
  blank: 'psnrBlank',
  'other-patient': 'psnrWrong',
  mirrored: 'psnrWrong',
};

/**
 * Zero-filling, the base and the tuned model on one case, degraded by k-space truncation: all that a model's
 * acceptance measures of it. The reference is registered onto the degraded target, as in use.
 *
 * Throws `registration-untrusted`, `nothing-readable` (no inside), what enhancing throws, `cancelled`.
 */
export async function judgeCase(
  images: JudgedImages,
  options: JudgeOptions,
  job: JobContext,
): Promise<CaseJudgement> {
  const { truth, lesion } = images;
  const { rows, columns, spacingMm } = truth;
  const { scale, device, base, tuned } = options;
  const degraded = degradeStack(truth, scale);
  const guided = [base, tuned].some(({ network }) => networkNamed(network).usesReference);
  if (guided && images.reference === undefined) {
    throw new TandemError('no-reference', 'The case has no reference, which the model needs');
  }
  const placed = guided ? await place(images, options.placing, job) : undefined;
  const measure = measuring(truth, degraded, lesion, scale);

  const enhance = async (
    model: NamedModel,
    reference: PlacedReference | undefined,
    words: string,
  ): Promise<Slices> => {
    const named = naming(job, `${model.id}${words}`);
    const { stack } = await enhanceStack({ target: degraded, reference, model, device }, named);
    return pixelsOf(stack);
  };
  const found = {
    zeroFill: pixelsOf(zeroFillStack(degraded, scale)),
    base: await enhance(base, placed?.reference, ''),
    tuned: await enhance(tuned, placed?.reference, ''),
  };
  const slices = {
    zeroFill: measure.slices(found.zeroFill),
    base: measure.slices(found.base),
    tuned: measure.slices(found.tuned),
  };
  const methods = {
    zeroFill: measure.volume(found.zeroFill),
    base: measure.volume(found.base),
    tuned: measure.volume(found.tuned),
  };
  const { psnrInside } = methods.zeroFill;
  Object.assign(methods.zeroFill, { psnrShifted: psnrInside, psnrBlank: psnrInside, psnrWrong: psnrInside });
  const worst = worstOf(images, found, slices);

  let wrongReference: string | null = null;
  for (const wrong of placed === undefined ? [] : disturbReference(truth, placed.reference, options.other)) {
    const quantity = DISTURBED[wrong.disturbance];
    if (quantity === undefined) continue;
    if (quantity === 'psnrWrong') wrongReference = wrong.note;
    for (const [name, model] of [
      ['base', base],
      ['tuned', tuned],
    ] as const) {
      throwIfCancelled(job.signal);
      if (!networkNamed(model.network).usesReference) continue;
      const image = await enhance(model, wrong, `, reference ${wrong.note}`).catch((error: unknown) => {
        // A reference that lies beside the target leaves the zero-filled image, as in use.
        if (error instanceof TandemError && error.code === 'no-overlap') return found.zeroFill;
        throw error;
      });
      methods[name][quantity] = measure.psnrInside(image);
    }
  }
  return {
    numbers: {
      rows,
      columns,
      spacingMm: [...spacingMm],
      registration: placed?.words ?? null,
      wrongReference,
      lesionVoxels: lesion === undefined ? null : voxelsOf(lesion),
      methods,
      slices: images.places.map((slice, s) => ({
        slice,
        psnrInside: perMethod((name) => finite(slices[name][s]!.psnrInside)),
        ssimInside: perMethod((name) => finite(slices[name][s]!.ssimInside)),
      })),
    },
    worst,
  };
}

async function place(
  images: JudgedImages,
  placing: Placing,
  job: JobContext,
): Promise<{ readonly reference: PlacedReference; readonly words: string }> {
  const volume = images.reference!;
  const { transform, words } = await placeReference(images.degradedVolume, volume, placing, job);
  return { reference: { volume, transform }, words };
}

function measuring(
  truth: SliceStack,
  degraded: SliceStack,
  lesion: readonly Uint8Array[] | undefined,
  scale: 2 | 4,
) {
  const { rows, columns, spacingMm } = truth;
  const slices = pixelsOf(truth);
  const measure = comparison(truth);
  const inside = slices.map((pixels) => insideForeground(pixels, rows, columns, { threshold: FOREGROUND }));
  const edges = edgeMasks(slices, inside, rows, columns, spacingMm);
  return {
    slices: measure.slices,
    psnrInside: (image: Slices) => finite(measure.volume(image).psnrInside),
    volume: (image: Slices): AcceptanceMeasures => {
      const { psnr, ssim, psnrInside, ssimInside } = measure.volume(image);
      return {
        psnr: finite(psnr),
        ssim: finite(ssim),
        psnrInside: finite(psnrInside),
        ssimInside: finite(ssimInside),
        edgeError: finite(rmsError(slices, image, edges)),
        lesionError: lesion === undefined ? null : finite(rmsError(slices, image, lesion)),
        consistencyError: finite(inconsistency(degraded, image, scale)),
        psnrShifted: null,
        psnrBlank: null,
        psnrWrong: null,
      };
    },
  };
}

type Method = 'zeroFill' | 'base' | 'tuned';

function worstOf(
  { truth, places }: JudgedImages,
  found: Readonly<Record<Method, Slices>>,
  slices: Readonly<Record<Method, readonly { readonly psnrInside: number }[]>>,
): WorstSlice[] {
  return places
    .map((slice, s) => ({
      s,
      slice,
      difference: slices.tuned[s]!.psnrInside - slices.base[s]!.psnrInside,
      tunedPsnr: slices.tuned[s]!.psnrInside,
    }))
    .filter(({ difference, tunedPsnr }) => Number.isFinite(difference) && Number.isFinite(tunedPsnr))
    .sort((a, b) => a.difference - b.difference)
    .slice(0, WORST_OF_A_CASE)
    .map(({ s, ...one }) => ({
      ...one,
      images: {
        truth: truth.slices[s]!.pixels,
        ...perMethod((name) => found[name][s]!.slice()),
      },
    }));
}

function perMethod<T>(value: (name: Method) => T): Record<Method, T> {
  return { zeroFill: value('zeroFill'), base: value('base'), tuned: value('tuned') };
}

function voxelsOf(masks: readonly Uint8Array[]): number {
  return masks.reduce((sum, mask) => sum + mask.reduce((count, flag) => count + flag, 0), 0);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
