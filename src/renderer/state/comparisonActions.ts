import { sameGeometry } from '../../core/volume/sameGeometry.ts';
import { allColumns, type Column, columnId } from './columns.ts';
import { COMPARISON_MODES, type Comparison, type ComparisonMode } from './comparison.ts';
import { currentStudy, useApp } from './store.ts';
import { setView, useView } from './view.ts';
import { readyVolume } from './viewActions.ts';

/** Changes what is compared and how; the swipe's edge stays within the cell. */
export function setComparison(change: Partial<Comparison>): void {
  const next = { ...useView.getState().comparison, ...change };
  setView({ comparison: { ...next, swipe: Math.min(Math.max(next.swipe, 0), 1) } });
}

/** Moves the swipe's edge by a share of the cell. */
export function moveSwipe(share: number): void {
  setComparison({ swipe: useView.getState().comparison.swipe + share });
}

/** Begins a way of comparing, with two images that are there. */
export function setComparisonMode(mode: ComparisonMode): void {
  const ids = allColumns(useApp.getState()).map(columnId);
  const { first, second } = useView.getState().comparison;
  const a = ids.includes(first) ? first : (ids[0] ?? first);
  const b = ids.includes(second) && second !== a ? second : (ids.find((id) => id !== a) ?? second);
  setComparison({ mode, first: a, second: b });
}

/** The next way of comparing, off at last. A truth is chosen by hand: the error map is not among them. */
export function cycleComparison(): void {
  const modes = COMPARISON_MODES.filter((mode) => mode !== 'error');
  const at = modes.indexOf(useView.getState().comparison.mode as (typeof modes)[number]);
  setComparisonMode(modes[(at + 1) % modes.length]!);
}

/** Other series of the study that could be the truth for an image: acquired ones of the same matrix and spacing. */
export function possibleTruths(first: string): Column[] {
  const app = useApp.getState();
  const columns = allColumns(app);
  const image = columns.find((column) => columnId(column) === first);
  const grid = image === undefined ? undefined : readyVolume(image.key)?.grid;
  if (grid === undefined) return [];
  return columns.filter(({ key, request }) => {
    if (request.kind !== 'series' || key === image?.key) return false;
    const loaded = readyVolume(key)?.grid;
    if (loaded !== undefined) return sameGeometry(grid, loaded);
    const summary = currentStudy(app)?.series.find(({ uid }) => uid === request.series.series);
    // Gaps make more slices of the grid than were acquired: the rest is told once it is loaded.
    return summary?.size[0] === grid.size[0] && summary.size[1] === grid.size[1];
  });
}
