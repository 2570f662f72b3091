import type { Request } from '../../core/contract/operations.ts';
import type { UnacceptedMark } from '../../core/dicom/derived/markOfImage.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import { loadSeries } from '../studies/load.ts';
import { resolveSeries } from '../studies/resolve.ts';
import type { LoadedSeries, SeriesEntry } from '../studies/types.ts';
import { openEnhanced } from '../superres/openEnhanced.ts';
import { prepareStack } from '../superres/prepareStack.ts';
import type { StoredSeries } from '../superres/store.ts';

/** What a request to segment names. */
export interface ImageToSegment {
  readonly stack: SliceStack;
  /** The acquired series that the masks belong to. */
  readonly source: LoadedSeries;
  /** What an enhanced series was made with. */
  readonly enhanced: StoredSeries | undefined;
  /** In words: `acquired`, `zero-filled x4`, `enhanced x4 by glmamba-flair-x4`. */
  readonly words: string;
  /** Of the model that made the image, where no one has accepted it. */
  readonly mark?: UnacceptedMark | undefined;
}

/** What is known of an image when its pixels are let go. */
export interface ImageFacts {
  /** The acquired series that the masks belong to. */
  readonly entry: SeriesEntry;
  /** The image's own grid. */
  readonly geometry: Omit<SliceStack, 'slices'>;
  readonly positionsLps: readonly Vec3[];
  /** Not the series itself: enhanced, or interpolated onto that grid. */
  readonly isDerived: boolean;
  readonly words: string;
  readonly mark: UnacceptedMark | undefined;
}

export function imageFacts({ stack, source, enhanced, words, mark }: ImageToSegment): ImageFacts {
  const { slices, ...geometry } = stack;
  const positionsLps = slices.map(({ positionLps }) => positionLps);
  return { entry: source.entry, geometry, positionsLps, isDerived: enhanced !== undefined, words, mark };
}

/** The image that a request names. Throws as reading a series, or opening an enhanced one, does. */
export async function imageToSegment(
  asked: Request<'segment'>['image'],
  job: JobContext,
): Promise<ImageToSegment> {
  if (asked.kind === 'series') {
    const source = await loadSeries(await resolveSeries(asked.series, job), job);
    return { stack: source.stack, source, enhanced: undefined, words: 'acquired' };
  }
  const stored = await openEnhanced(asked.id, job);
  const { target, targetStack, stack, provenance } = stored.series;
  const source = { entry: target, stack: targetStack };
  const { scale, model } = provenance;
  if (asked.kind === 'zero-filled') {
    const filled = await prepareStack('zero-filled', targetStack, scale, undefined, job);
    return { stack: filled, source, enhanced: stored, words: `zero-filled x${scale}` };
  }
  const mark = unacceptedMark(model.state);
  // The mark before the name: where a text is cut short, it stays.
  const words = `enhanced x${scale} by ${mark === undefined ? '' : `${mark} `}${model.id}`;
  // Slices of a large one lie in a file: they are read once.
  const slices = stack.slices.map((slice) => ({ ...slice, pixels: slice.pixels }));
  return { stack: { ...stack, slices }, source, enhanced: stored, words, mark };
}

/** Whether headers alone say where a reference lies on a series: one frame of reference, or NIfTI. */
export function shareFrame(series: SeriesEntry, reference: SeriesEntry): boolean {
  if (series.summary.format === 'nifti' || reference.summary.format === 'nifti') {
    return series.summary.format === reference.summary.format;
  }
  return (
    series.frameOfReferenceUid !== undefined && series.frameOfReferenceUid === reference.frameOfReferenceUid
  );
}

/** Throws `usage` where a series is to be its own reference. */
export function refuseItself(series: SeriesEntry, reference: SeriesEntry): void {
  if (series.summary.uid !== reference.summary.uid) return;
  throw new TandemError('usage', 'The reference is the series itself', {
    hint: 'Name a series of another contrast as the reference, or none.',
  });
}
