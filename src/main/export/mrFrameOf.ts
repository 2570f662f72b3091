import type { DicomForm } from '../../core/contract/schemas.ts';
import { groupsOfClassicMr, topOfClassicMr } from '../../core/dicom/derived/classicMrGroups.ts';
import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { mrFrameGroups, topOfEnhancedMr } from '../../core/dicom/derived/mrFrameGroups.ts';
import { reader } from '../../core/dicom/derived/seriesModules.ts';
import { T } from '../../core/dicom/derived/tags.ts';
import { ENHANCED_MR_IMAGE_STORAGE } from '../../core/dicom/derived/uids.ts';
import { TandemError } from '../../core/errors.ts';
import type { SeriesEntry } from '../studies/types.ts';
import type { DicomPlan } from './dicomPlan.ts';
import { sourcePlaces } from './planReferences.ts';
import { type SourceFacts, SourceFiles } from './sourceSlices.ts';

/** A target's slice in the words of an Enhanced MR image. */
export interface MrFrame {
  /** Data set of the file, or of the frame where it is written otherwise than it is. */
  readonly source: DataSet;
  /** What of it is taken over at the top level. */
  readonly top: DataSet;
  /** The frame's functional groups. */
  readonly groups: DataSet;
}

/**
 * Slice n of the target as a frame of an Enhanced MR image: its own functional groups, or those that a classic
 * image can be said in.
 *
 * @throws TandemError `unsupported-format` where a classic image does not say what a frame must
 */
export async function mrFrameOf({ series, target, sources }: DicomPlan, n: number): Promise<MrFrame> {
  const isNeverNegative = () => series.targetStack.slices[n]!.pixels.every((value) => !(value < 0));
  return frameOf(sources, target[n]!, { series: series.target, isNeverNegative });
}

/**
 * Whether a target can be written as Enhanced MR where that is asked for, as far as its first slice says: to be
 * asked before long work begins. Throws as `mrFrameOf`, and as reading does.
 */
export async function checkDicomForm(series: SeriesEntry, as: DicomForm): Promise<void> {
  const [place] = sourcePlaces(series);
  if (as !== 'enhanced' || place === undefined) return;
  const sources = new SourceFiles();
  await frameOf(sources, await sources.factsOf(place), { series, isNeverNegative: () => true });
}

async function frameOf(
  sources: SourceFiles,
  source: SourceFacts,
  { series, isNeverNegative }: { readonly series: SeriesEntry; readonly isNeverNegative: () => boolean },
): Promise<MrFrame> {
  const whole = await sources.wholeOf(source);
  try {
    requireNotInverted(whole);
    if (source.sopClassUid === ENHANCED_MR_IMAGE_STORAGE && source.frame !== undefined) {
      return {
        source: whole,
        top: topOfEnhancedMr(whole, source.frame),
        groups: mrFrameGroups(whole, source.frame),
      };
    }
    const classic = await sources.elementsOf(source);
    const contrast = series.summary.contrast.name;
    return {
      source: classic,
      top: topOfClassicMr(classic),
      groups: groupsOfClassicMr(classic, { contrast, isNeverNegative: isNeverNegative() }),
    };
  } catch (error) {
    if (!(error instanceof TandemError) || error.path !== undefined) throw error;
    throw new TandemError(error.code, error.message, { path: source.path, hint: error.hint, cause: error });
  }
}

function requireNotInverted(source: DataSet): void {
  if (reader(source).string(T.PhotometricInterpretation) !== 'MONOCHROME1') return;
  throw new TandemError(
    'unsupported-format',
    'An Enhanced MR image cannot be shown inverted (MONOCHROME1), as this source is',
    { hint: 'Write it as classic MR images (--as classic).' },
  );
}
