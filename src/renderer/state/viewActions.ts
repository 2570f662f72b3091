import { type Grid, gridCentre } from '../../core/volume/grid.ts';
import { addScaled, type Vec3 } from '../../core/volume/vec.ts';
import { stepFocus, type ViewPlane, viewPlanes } from '../viewer/planes.ts';
import { dropVolumes } from '../viewer/volumeCache.ts';
import { presetWindow, WINDOW_PRESETS, type WindowPreset } from '../viewer/windowing.ts';
import { availableColumns, type Column } from './columns.ts';
import { useApp } from './store.ts';
import {
  type ColumnKind,
  INITIAL_VIEW,
  type Layout,
  type PlaneName,
  RESET_VIEW,
  type ShownVolume,
  setView,
  useView,
  type WindowGroup,
  windowGroup,
} from './view.ts';

/** Forgets every image; layout and habits stay. */
export function forgetVolumes(): void {
  dropVolumes(() => true);
  setView({ ...RESET_VIEW, volumes: {}, focusLps: null, active: null });
}

/** Forgets what was made by an enhancement before; the series stay as they are shown. */
export function forgetEnhancedVolumes(): void {
  dropVolumes((key) => !key.startsWith('series-'));
  const volumes = Object.entries(useView.getState().volumes).filter(([key]) => key.startsWith('series-'));
  setView({ volumes: Object.fromEntries(volumes) });
}

export function readyVolume(key: string): ShownVolume | undefined {
  const state = useView.getState().volumes[key];
  return state?.status === 'ready' ? state.volume : undefined;
}

function columnOf(kind: ColumnKind): Column | undefined {
  return availableColumns(useApp.getState()).find((column) => column.kind === kind);
}

/** The grid that the planes lie along: the target's, or the first that is there. */
export function baseGrid(columns: readonly Column[]): Grid | undefined {
  for (const column of columns) {
    const volume = readyVolume(column.key);
    if (volume !== undefined) return volume.grid;
  }
  return undefined;
}

/** Puts the focus into the middle of the first image. */
export function startFocus(grid: Grid): void {
  if (useView.getState().focusLps !== null) return;
  const centre = gridCentre(grid);
  const planes = viewPlanes(grid);
  // On whole slices in all three directions.
  const focus = (['axial', 'sagittal', 'coronal'] as const).reduce<Vec3>(
    (point, name) => stepFocus(grid, planes[name], point, 0),
    centre,
  );
  setView({ focusLps: focus });
}

/** Scrolls by whole slices of one column; the others follow to the same place in the patient. */
export function scroll(kind: ColumnKind, plane: ViewPlane, steps: number): void {
  const { focusLps } = useView.getState();
  const column = columnOf(kind);
  const volume = column === undefined ? undefined : readyVolume(column.key);
  if (focusLps === null || volume === undefined || steps === 0) return;
  setView({ focusLps: stepFocus(volume.grid, plane, focusLps, steps) });
}

export function zoomBy(factor: number): void {
  const { zoom } = useView.getState();
  setView({ zoom: Math.min(Math.max(zoom * factor, 0.25), 32) });
}

export function panBy(plane: PlaneName, rightMm: number, downMm: number): void {
  const { panMm } = useView.getState();
  const [right, down] = panMm[plane];
  setView({ panMm: { ...panMm, [plane]: [right + rightMm, down + downMm] } });
}

export function locate(point: Vec3): void {
  setView({ focusLps: addScaled(point, [0, 0, 0], 0) });
}

/** The window that a group shows now: the user's, or the suggestion of its first image. */
export function groupWindow(group: WindowGroup): { center: number; width: number } | undefined {
  const chosen = useView.getState().windows[group];
  return chosen ?? groupVolume(group)?.window;
}

/** The image that a group's suggestion comes from: the series as acquired before what was made of it. */
export function groupVolume(group: WindowGroup): ShownVolume | undefined {
  for (const column of availableColumns(useApp.getState())) {
    if (windowGroup(column.kind) !== group) continue;
    const volume = readyVolume(column.key);
    if (volume !== undefined) return volume;
  }
  return undefined;
}

export function setGroupWindow(group: WindowGroup, window: { center: number; width: number }): void {
  setView({ windows: { ...useView.getState().windows, [group]: window } });
}

export function applyPreset(preset: WindowPreset, groups: readonly WindowGroup[]): void {
  const windows = { ...useView.getState().windows };
  for (const group of groups) {
    const volume = groupVolume(group);
    if (volume !== undefined) windows[group] = presetWindow(preset, volume.window, volume.range);
  }
  setView({ windows });
}

let lastPreset = 0;

/** The next preset, for the group of the active viewport, or for both. */
export function cyclePreset(): WindowPreset {
  lastPreset = (lastPreset + 1) % WINDOW_PRESETS.length;
  const preset = WINDOW_PRESETS[lastPreset] ?? 'series';
  applyPreset(preset, ['target', 'reference']);
  return preset;
}

export function resetWindows(): void {
  lastPreset = 0;
  setView({ windows: {} });
}

export function resetView(): void {
  lastPreset = 0;
  setView(RESET_VIEW);
}

export function setLayout(layout: Layout): void {
  setView({ layout });
}

export function toggleColumn(kind: ColumnKind): void {
  const { hiddenColumns } = useView.getState();
  setView({
    hiddenColumns: hiddenColumns.includes(kind)
      ? hiddenColumns.filter((other) => other !== kind)
      : [...hiddenColumns, kind],
  });
}

export { INITIAL_VIEW };
