import type { RequestInput } from '../../core/contract/operations.ts';
import { seriesName } from '../components/names.ts';
import { text } from '../text.ts';
import { type AppState, currentStudy, seriesByUid } from './store.ts';
import { type ColumnKind, type ViewState, type WindowGroup, windowGroup } from './view.ts';

/** One image of the viewer: which volume, under which name. */
export interface Column {
  readonly kind: ColumnKind;
  /** Names the volume in the viewer's cache; no “:” in it. */
  readonly key: string;
  readonly request: RequestInput<'volume'>;
  readonly title: string;
  /** Second line: what was done to it. It stays where the labels are switched off. */
  readonly note: string | undefined;
  /** The run whose slices it shows as they are computed; absent for an image that is whole. */
  readonly partial?: string;
}

/** Every image of the pair that could be shown now, in order. */
export function availableColumns(state: AppState): Column[] {
  const columns: Column[] = [];
  const series = (kind: 'target' | 'reference', uid: string | null): void => {
    if (uid === null) return;
    const column = seriesColumn(state, uid, kind);
    if (column !== undefined) columns.push(column);
  };
  series('target', state.targetUid);
  series('reference', state.referenceUid);
  const { enhanced, computing } = state;
  const shownTarget = seriesByUid(state, state.targetUid);
  if (computing !== null && shownTarget !== undefined) {
    columns.push({
      kind: 'enhanced',
      key: cacheKey('computing', computing.resultId),
      request: { kind: 'enhanced', id: computing.resultId },
      title: seriesName(shownTarget),
      note: text.viewer.computingLabel(computing.scale, computing.model, computing.modelState),
      partial: computing.resultId,
    });
    return columns;
  }
  if (enhanced === null) return columns;
  const { id, model, modelState } = enhanced.result;
  const target = seriesByUid(state, enhanced.targetUid);
  const title = target === undefined ? '' : seriesName(target);
  columns.push({
    kind: 'enhanced',
    key: cacheKey('enhanced', id),
    request: { kind: 'enhanced', id },
    title,
    note: text.viewer.enhancedLabel(enhanced.scale, model, modelState),
  });
  columns.push({
    kind: 'zero-filled',
    key: cacheKey('zero-filled', id),
    request: { kind: 'zero-filled', id },
    title,
    note: text.viewer.zeroFilledLabel(enhanced.scale),
  });
  const reference = seriesByUid(state, enhanced.referenceUid);
  if (reference !== undefined) {
    columns.push({
      kind: 'aligned-reference',
      key: cacheKey('aligned-reference', id),
      request: { kind: 'aligned-reference', id },
      title: seriesName(reference),
      note: text.viewer.alignedLabel,
    });
  }
  return columns;
}

/** The images of the pair, every other enhanced series of it, and every other series of the study. */
export function allColumns(state: AppState): Column[] {
  const others = (currentStudy(state)?.series ?? [])
    .filter(({ uid }) => uid !== state.targetUid && uid !== state.referenceUid)
    .map(({ uid }) => seriesColumn(state, uid, 'series'))
    .filter((column) => column !== undefined);
  return [...availableColumns(state), ...otherResults(state), ...others];
}

/** Enhanced series of the pair beside the one that is chosen: named by scale and model, to be told apart in lists. */
function otherResults(state: AppState): Column[] {
  const target = seriesByUid(state, state.targetUid);
  return state.results
    .filter(({ id, targetUid }) => id !== state.enhanced?.result.id && targetUid === state.targetUid)
    .map(({ id, scale, model, modelState }) => ({
      kind: 'result',
      key: cacheKey('enhanced', id),
      request: { kind: 'enhanced', id },
      title: `${text.enhance.result(scale, model, modelState)} · ${target === undefined ? '' : seriesName(target)}`,
      note: text.viewer.enhancedLabel(scale, model, modelState),
    }));
}

function seriesColumn(
  state: AppState,
  uid: string,
  kind: 'target' | 'reference' | 'series',
): Column | undefined {
  const summary = seriesByUid(state, uid);
  if (summary === undefined) return undefined;
  return {
    kind,
    key: cacheKey('series', uid),
    request: { kind: 'series', series: { paths: [...state.paths], series: uid } },
    title: seriesName(summary),
    note: undefined,
  };
}

/** How an image is named in layouts and comparisons: by its part in the pair, else by its series. */
export function columnId(column: Pick<Column, 'kind' | 'key'>): string {
  return column.kind === 'series' || column.kind === 'result' ? column.key : column.kind;
}

/** The group that a column shares window and colours with. */
export function groupOf(column: Pick<Column, 'kind' | 'key'>): WindowGroup {
  return column.kind === 'series' ? column.key : windowGroup(column.kind);
}

/** What an image was made from; undefined for what was acquired. */
export function originalOf(column: Column, columns: readonly Column[]): Column | undefined {
  const kind =
    column.kind === 'enhanced' || column.kind === 'result' || column.kind === 'zero-filled'
      ? 'target'
      : column.kind === 'aligned-reference'
        ? 'reference'
        : undefined;
  return kind === undefined ? undefined : columns.find((other) => other.kind === kind);
}

export function shownColumns(state: AppState, view: Pick<ViewState, 'hiddenColumns'>): Column[] {
  return availableColumns(state).filter((column) => !view.hiddenColumns.includes(column.kind));
}

// cornerstone takes what stands before a colon for the name of a loader.
function cacheKey(kind: string, id: string): string {
  return `${kind}-${id}`.replaceAll(':', '_');
}
