import type { RequestInput } from '../../core/contract/operations.ts';
import { seriesName } from '../components/names.ts';
import { text } from '../text.ts';
import { type AppState, seriesByUid } from './store.ts';
import type { ColumnKind, ViewState } from './view.ts';

/** One column of the viewer: which volume, under which name. */
export interface Column {
  readonly kind: ColumnKind;
  /** Names the volume in the viewer's cache; no “:” in it. */
  readonly key: string;
  readonly request: RequestInput<'volume'>;
  readonly title: string;
  /** Second line: what was done to it. */
  readonly note: string | undefined;
}

/** Every column that could be shown now, in order. */
export function availableColumns(state: AppState): Column[] {
  const columns: Column[] = [];
  const series = (kind: 'target' | 'reference', uid: string | null): void => {
    const summary = seriesByUid(state, uid);
    if (summary === undefined || uid === null) return;
    columns.push({
      kind,
      key: cacheKey('series', uid),
      request: { kind: 'series', series: { paths: [...state.paths], series: uid } },
      title: seriesName(summary),
      note: undefined,
    });
  };
  series('target', state.targetUid);
  series('reference', state.referenceUid);
  const { enhanced } = state;
  if (enhanced === null) return columns;
  const { id, model } = enhanced.result;
  const target = seriesByUid(state, enhanced.targetUid);
  const title = target === undefined ? '' : seriesName(target);
  columns.push({
    kind: 'enhanced',
    key: cacheKey('enhanced', id),
    request: { kind: 'enhanced', id },
    title,
    note: text.viewer.enhancedLabel(enhanced.scale, model),
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

export function shownColumns(state: AppState, view: Pick<ViewState, 'hiddenColumns'>): Column[] {
  return availableColumns(state).filter((column) => !view.hiddenColumns.includes(column.kind));
}

// cornerstone takes what stands before a colon for the name of a loader.
function cacheKey(kind: string, id: string): string {
  return `${kind}-${id}`.replaceAll(':', '_');
}
