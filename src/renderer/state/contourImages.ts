import type { SegmentedImage } from '../../core/contract/segmenting.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { text } from '../text.ts';
import { allColumns, type Column, columnId } from './columns.ts';
import type { AppState } from './store.ts';
import type { ColumnKind } from './view.ts';

/** An image in which a structure can be looked for. */
export interface ImageChoice {
  /** `columnId` of its column. */
  readonly id: string;
  readonly column: Column;
  readonly image: SegmentedImage;
  readonly name: string;
  /** What was done to it, in full. */
  readonly detail: string;
}

const KINDS: readonly ColumnKind[] = ['target', 'zero-filled', 'enhanced', 'result'];
/** More than one can compare at a time, the workstation forgets. */
export const MOST_IMAGES = 6;

/** The images of the pair: as acquired, zero-filled, enhanced, and its other enhanced series. */
export function imageChoices(state: AppState): ImageChoice[] {
  const columns = allColumns(state);
  return KINDS.flatMap((kind) => columns.filter((column) => column.kind === kind)).flatMap((column) => {
    const image = imageOf(column);
    if (image === undefined) return [];
    return [{ id: columnId(column), column, image, name: nameOf(column, state), detail: detailOf(column) }];
  });
}

/** An image that is still computed has none. */
function imageOf({ request, partial }: Column): SegmentedImage | undefined {
  if (partial !== undefined) return undefined;
  if (request.kind === 'series') return { kind: 'series', series: request.series };
  if (request.kind === 'enhanced' || request.kind === 'zero-filled') {
    return { kind: request.kind, id: request.id };
  }
  return undefined;
}

function nameOf({ kind, key }: Column, { enhanced, results }: AppState): string {
  const names = text.contours.images;
  if (kind === 'target') return names.acquired;
  const scale = enhanced?.scale ?? 1;
  if (kind === 'zero-filled') return names.zeroFilled(scale);
  if (kind === 'enhanced') return names.enhanced(scale, unacceptedMark(enhanced?.result.modelState));
  const other = results.find(({ id }) => key.endsWith(id.replaceAll(':', '_')));
  return names.result(other?.scale ?? 1, other?.model ?? '', unacceptedMark(other?.modelState));
}

function detailOf({ title, note }: Column): string {
  return [title, note].filter(Boolean).join(' · ');
}

/** What is looked at where nothing was chosen: acquired, zero-filled, enhanced. */
export function chosenImages(
  choices: readonly ImageChoice[],
  images: readonly string[] | null,
): ImageChoice[] {
  const chosen =
    images === null
      ? choices.filter(({ column }) => column.kind !== 'result')
      : choices.filter(({ id }) => images.includes(id));
  return chosen.slice(0, MOST_IMAGES);
}
