import { SEGMENT_MEANINGS, type SegmentMeaning } from '../../core/dicom/derived/segmentCodes.ts';
import { TandemError } from '../../core/errors.ts';
import type { SegmentLabel } from '../../core/segmentation/modelSpec.ts';

/** The codes of a label. Throws `bad-model` where it uses a name that nothing has. */
export function meaningOf({ meaning, name }: Pick<SegmentLabel, 'meaning' | 'name'>): SegmentMeaning {
  if (typeof meaning !== 'string') return meaning;
  const found = Object.hasOwn(SEGMENT_MEANINGS, meaning) ? SEGMENT_MEANINGS[meaning] : undefined;
  if (found !== undefined) return found;
  throw new TandemError('bad-model', `The label ${name} has the meaning “${meaning}”, which has no code`, {
    hint: `Names: ${Object.keys(SEGMENT_MEANINGS).join(', ')}; or category and type as codes.`,
  });
}

/** Throws `bad-model` where a label has no codes. */
export function requireMeanings(labels: readonly SegmentLabel[]): void {
  for (const label of labels) meaningOf(label);
}
