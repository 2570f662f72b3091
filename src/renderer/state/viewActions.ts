import { type Grid, gridCentre } from '../../core/volume/grid.ts';
import { addScaled, type Vec3 } from '../../core/volume/vec.ts';
import { stepFocus, type ViewPlane, viewPlanes } from '../viewer/planes.ts';
import { dropVolumes } from '../viewer/volumeCache.ts';
import { presetWindow, WINDOW_PRESETS, type WindowPreset } from '../viewer/windowing.ts';
import { activeCell, type Cell, choiceKey, layoutCells, shownCells } from './cells.ts';
import { allColumns, availableColumns, type Column, columnId, groupOf, originalOf } from './columns.ts';
import { NO_COMPARISON } from './comparison.ts';
import { useSettings } from './settings.ts';
import { useApp } from './store.ts';
import {
  COLOUR_MAPS,
  type ColourMapName,
  type ColumnKind,
  type DisplayWindow,
  GRID_LAYOUTS,
  type GridLayout,
  type Layout,
  type Link,
  type OwnView,
  type PlaneName,
  RESET_VIEW,
  type ShownVolume,
  setView,
  type Tool,
  useView,
  type ViewState,
  type WindowGroup,
} from './view.ts';

/** Forgets every image; layout and habits stay. */
export function forgetVolumes(): void {
  dropVolumes(() => true);
  setView({
    ...RESET_VIEW,
    volumes: {},
    choices: {},
    focusLps: null,
    active: null,
    maximised: null,
    showOriginal: false,
    comparison: { ...useView.getState().comparison, mode: 'off', truth: NO_COMPARISON.truth },
    cine: { ...useView.getState().cine, cell: null },
    labelmap: null,
  });
}

/** Forgets what was made by an enhancement before; the series stay as they are shown. */
export function forgetEnhancedVolumes(): void {
  forgetVolumesWhere((key) => !isOfStudy(key));
}

/** Frees images that are shown nowhere any more. */
export function forgetVolumesWhere(which: (key: string) => boolean): void {
  const { volumes } = useView.getState();
  dropVolumes(which);
  if (!Object.keys(volumes).some(which)) return;
  setView({ volumes: Object.fromEntries(Object.entries(volumes).filter(([key]) => !which(key))) });
}

function isOfStudy(key: string): boolean {
  return key.startsWith('series-') || key.startsWith('labelmap-');
}

export function readyVolume(key: string): ShownVolume | undefined {
  const state = useView.getState().volumes[key];
  return state?.status === 'ready' ? state.volume : undefined;
}

/** The grid that the planes lie along: the target's, or the first that is there. */
export function baseGrid(columns: readonly Column[]): Grid | undefined {
  for (const column of columns) {
    const volume = readyVolume(column.key);
    if (volume !== undefined) return volume.grid;
  }
  return undefined;
}

/** As `baseGrid`, for one cell: while it scrolls by itself, its planes lie along its own image. */
export function cellGrid(column: Column | undefined): Grid | undefined {
  const shared = baseGrid(availableColumns(useApp.getState()));
  const own = column === undefined ? undefined : readyVolume(column.key)?.grid;
  return useView.getState().linked.scroll ? (shared ?? own) : (own ?? shared);
}

/** What a cell shows now: its image, or the image that it was made from while the original is asked for. */
export function displayedColumn(cell: Cell, view: Pick<ViewState, 'showOriginal'>): Column | undefined {
  if (cell.column === undefined || !view.showOriginal) return cell.column;
  return originalOf(cell.column, allColumns(useApp.getState())) ?? cell.column;
}

export function cellFocus(view: ViewState, cell: string): Vec3 | null {
  return (view.linked.scroll ? undefined : view.own[cell]?.focusLps) ?? view.focusLps;
}

export function cellZoom(view: ViewState, cell: string): number {
  return (view.linked.zoom ? undefined : view.own[cell]?.zoom) ?? view.zoom;
}

export function cellPan(view: ViewState, cell: string, plane: PlaneName): readonly [number, number] {
  return (view.linked.pan ? undefined : view.own[cell]?.panMm) ?? view.panMm[plane];
}

function setOwn(cell: string, change: OwnView): void {
  const { own } = useView.getState();
  setView({ own: { ...own, [cell]: { ...own[cell], ...change } } });
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

/** Scrolls by whole slices of a cell's image; the others follow to the same place in the patient. */
export function scroll(cell: Cell, plane: ViewPlane, steps: number): void {
  const view = useView.getState();
  const column = displayedColumn(cell, view);
  const volume = column === undefined ? undefined : readyVolume(column.key);
  const focus = cellFocus(view, cell.id);
  if (focus === null || volume === undefined || steps === 0) return;
  moveFocus(cell.id, stepFocus(volume.grid, plane, focus, steps));
}

/** Moves a cell's planes to a point of the patient, and the others with it where they are linked. */
export function moveFocus(cell: string, point: Vec3): void {
  if (useView.getState().linked.scroll) setView({ focusLps: point });
  else setOwn(cell, { focusLps: point });
}

/** Scrolls the active cell. */
export function scrollActive(steps: number): void {
  const cell = activeCell(useApp.getState(), useView.getState());
  const plane = cell === undefined ? undefined : cellPlane(cell);
  if (cell !== undefined && plane !== undefined) scroll(cell, plane, steps);
}

/** The plane of a cell, in patient space. */
export function cellPlane(cell: Cell): ViewPlane | undefined {
  const grid = cellGrid(displayedColumn(cell, useView.getState()));
  return grid === undefined ? undefined : viewPlanes(grid)[cell.plane];
}

const MOST_ZOOM = 32;
const LEAST_ZOOM = 0.25;

/** @param cell whose zoom it is where zooms are not linked; the active one where absent */
export function zoomBy(factor: number, cell?: string): void {
  const view = useView.getState();
  const id = cell ?? activeCell(useApp.getState(), view)?.id;
  const zoom = Math.min(
    Math.max((id === undefined ? view.zoom : cellZoom(view, id)) * factor, LEAST_ZOOM),
    MOST_ZOOM,
  );
  if (view.linked.zoom || id === undefined) setView({ zoom });
  else setOwn(id, { zoom });
}

export function panBy(cell: Pick<Cell, 'id' | 'plane'>, rightMm: number, downMm: number): void {
  const view = useView.getState();
  const [right, down] = cellPan(view, cell.id, cell.plane);
  const moved = [right + rightMm, down + downMm] as const;
  if (view.linked.pan) setView({ panMm: { ...view.panMm, [cell.plane]: moved } });
  else setOwn(cell.id, { panMm: moved });
}

/** Shows a point of the patient in every linked cell. */
export function locate(point: Vec3): void {
  setView({ focusLps: addScaled(point, [0, 0, 0], 0) });
}

/** Links cells, taking over what the active cell has, or lets each go its own way from where it is. */
export function setLinked(link: Link, linked: boolean): void {
  const view = useView.getState();
  const cell = activeCell(useApp.getState(), view);
  const change: { -readonly [K in keyof ViewState]?: ViewState[K] } = {
    linked: { ...view.linked, [link]: linked },
  };
  if (linked && cell !== undefined) {
    if (link === 'scroll') change.focusLps = cellFocus(view, cell.id);
    if (link === 'zoom') change.zoom = cellZoom(view, cell.id);
    if (link === 'pan') change.panMm = { ...view.panMm, [cell.plane]: cellPan(view, cell.id, cell.plane) };
    if (link === 'window' && cell.column !== undefined) {
      const window = view.windows[cell.column.key];
      if (window !== undefined) change.windows = { ...view.windows, [groupOf(cell.column)]: window };
    }
  }
  setView(change);
}

/** Links everything, or nothing. */
export function toggleLinked(): void {
  const { linked } = useView.getState();
  const any = linked.scroll || linked.zoom || linked.pan || linked.window;
  for (const link of ['scroll', 'zoom', 'pan', 'window'] as const) setLinked(link, !any);
}

/** Under which name the window of a column is kept. */
function windowKey(column: Column): string {
  return useView.getState().linked.window ? groupOf(column) : column.key;
}

/** The window of a column: the user's, or the suggestion of its group's first image. */
export function columnWindow(column: Column): DisplayWindow | undefined {
  const { windows } = useView.getState();
  const group = groupOf(column);
  return windows[windowKey(column)] ?? windows[group] ?? startWindow(groupVolume(group));
}

/** What a group shows before it is changed: the suggestion of its image, or the range that it was set to. */
function startWindow(volume: ShownVolume | undefined): DisplayWindow | undefined {
  return volume === undefined
    ? undefined
    : presetWindow(useSettings.getState().window, volume.window, volume.range);
}

export function setColumnWindow(column: Column, window: DisplayWindow): void {
  setView({ windows: { ...useView.getState().windows, [windowKey(column)]: window } });
}

/** The window that a group shows now: the user's, or the suggestion of its first image. */
export function groupWindow(group: WindowGroup): DisplayWindow | undefined {
  return useView.getState().windows[group] ?? startWindow(groupVolume(group));
}

/** The image that a group's suggestion comes from: the series as acquired before what was made of it. */
export function groupVolume(group: WindowGroup): ShownVolume | undefined {
  for (const column of allColumns(useApp.getState())) {
    if (groupOf(column) !== group) continue;
    const volume = readyVolume(column.key);
    if (volume !== undefined) return volume;
  }
  return undefined;
}

export function setGroupWindow(group: WindowGroup, window: DisplayWindow): void {
  setView({ windows: { ...useView.getState().windows, [group]: window } });
}

/** The groups of what is on the screen. */
export function shownGroups(): WindowGroup[] {
  const { cells } = shownCells(useApp.getState(), useView.getState());
  return [...new Set(cells.flatMap(({ column }) => (column === undefined ? [] : [groupOf(column)])))];
}

export function applyPreset(preset: WindowPreset, groups: readonly WindowGroup[] = shownGroups()): void {
  const windows = { ...useView.getState().windows };
  for (const group of groups) {
    const volume = groupVolume(group);
    if (volume === undefined) continue;
    windows[group] = presetWindow(preset, volume.window, volume.range);
    for (const column of allColumns(useApp.getState())) {
      if (groupOf(column) === group && column.key !== group) delete windows[column.key];
    }
  }
  setView({ windows });
}

let lastPreset = 0;

/** The next preset, for all that is shown. */
export function cyclePreset(): WindowPreset {
  lastPreset = (lastPreset + 1) % WINDOW_PRESETS.length;
  const preset = WINDOW_PRESETS[lastPreset] ?? 'series';
  applyPreset(preset);
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
  setView({ layout, maximised: null });
}

/** A cell fills the viewer, or all come back. */
export function toggleMaximised(cell: string): void {
  setView({ maximised: useView.getState().maximised === null ? cell : null, active: cell });
}

/** Puts another image or plane into a cell. */
export function chooseForCell(cell: string, change: { column?: string; plane?: PlaneName }): void {
  const { layout, choices } = useView.getState();
  const key = choiceKey(layout, cell);
  setView({ choices: { ...choices, [key]: { ...choices[key], ...change } } });
}

export function toggleColumn(kind: ColumnKind): void {
  const { hiddenColumns } = useView.getState();
  setView({
    hiddenColumns: hiddenColumns.includes(kind)
      ? hiddenColumns.filter((other) => other !== kind)
      : [...hiddenColumns, kind],
  });
}

export function setTool(tool: Tool): void {
  setView({ tool });
}

export function setColourMap(group: WindowGroup, colourMap: ColourMapName): void {
  setView({ colourMaps: { ...useView.getState().colourMaps, [group]: colourMap } });
}

/** The next colours for what the active cell shows. */
export function cycleColourMap(): void {
  const group = activeGroup();
  if (group === undefined) return;
  const at = COLOUR_MAPS.indexOf(useView.getState().colourMaps[group] ?? 'grey');
  setColourMap(group, COLOUR_MAPS[(at + 1) % COLOUR_MAPS.length]!);
}

export function setInverted(group: WindowGroup, inverted: boolean): void {
  const others = useView.getState().inverted.filter((other) => other !== group);
  setView({ inverted: inverted ? [...others, group] : others });
}

/** Inverts what the active cell shows, and its group. */
export function toggleInverted(): void {
  const group = activeGroup();
  if (group !== undefined) setInverted(group, !useView.getState().inverted.includes(group));
}

function activeGroup(): WindowGroup | undefined {
  const column = activeCell(useApp.getState(), useView.getState())?.column;
  return column === undefined ? undefined : groupOf(column);
}

/** 1 × 1, 1 × 2, 1 × 3, 2 × 2 and again. */
export function nextGridLayout(): void {
  const at = GRID_LAYOUTS.indexOf(useView.getState().layout as GridLayout);
  setLayout(GRID_LAYOUTS[(at + 1) % GRID_LAYOUTS.length]!);
}

export function toggleActiveMaximised(): void {
  const cell = activeCell(useApp.getState(), useView.getState());
  if (cell !== undefined) toggleMaximised(cell.id);
}

export function toggleOriginal(): void {
  setShowOriginal(!useView.getState().showOriginal);
}

export function setShowOriginal(showOriginal: boolean): void {
  setView({ showOriginal });
}

/** Columns whose volumes the screen needs, in the order to load them. */
export function neededColumns(): Column[] {
  const app = useApp.getState();
  const view = useView.getState();
  const known = allColumns(app);
  const needed: Column[] = [];
  const need = (column: Column | undefined): void => {
    if (column !== undefined && !needed.some(({ key }) => key === column.key)) needed.push(column);
  };
  if (app.task === 'align') {
    for (const column of known) if (column.kind === 'target' || column.kind === 'reference') need(column);
    return needed;
  }
  // All cells of the layout, not only the one that fills it: the others come back with one key.
  for (const cell of layoutCells(app, view).cells) need(cell.column);
  // The original is one key away: it must be there already.
  for (const column of [...needed]) need(originalOf(column, known));
  const { mode, first, second, truth } = view.comparison;
  if (mode !== 'off' && needed.some((column) => columnId(column) === first)) {
    need(known.find((column) => (mode === 'error' ? column.key === truth : columnId(column) === second)));
  }
  return needed;
}
