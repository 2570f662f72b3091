import { shownColumns } from '../state/columns.ts';
import { useApp } from '../state/store.ts';
import { type Layout, setView, useView } from '../state/view.ts';
import {
  applyPreset,
  baseGrid,
  cyclePreset,
  resetView,
  resetWindows,
  scroll,
  setLayout,
  zoomBy,
} from '../state/viewActions.ts';
import { text } from '../text.ts';
import { viewPlanes } from '../viewer/planes.ts';
import { WINDOW_PRESETS } from '../viewer/windowing.ts';
import type { Command } from './command.ts';

const ZOOM_STEP = 1.25;
const PAGE = 10;
const ALL = 1_000_000;

const hasImages = (): boolean => useApp.getState().targetUid !== null;

/** Scrolls the active viewport, or the first one shown. */
function scrollActive(steps: number): void {
  const view = useView.getState();
  const columns = shownColumns(useApp.getState(), view);
  const grid = baseGrid(columns);
  const [first] = columns;
  if (grid === undefined || first === undefined) return;
  const plane = view.layout === 'all' ? (view.active?.plane ?? 'axial') : view.layout;
  scroll(view.active?.column ?? first.kind, viewPlanes(grid)[plane], steps);
}

const scrolling = (what: keyof typeof text.commands.scroll, steps: number, keys: string[]): Command => ({
  id: `slices.${what}`,
  title: text.commands.scroll[what],
  group: 'slices',
  keys,
  repeats: true,
  when: hasImages,
  run: () => scrollActive(steps),
});

const layout = (value: Layout, key: string): Command => ({
  id: `layout.${value}`,
  title: value === 'all' ? text.review.all : text.commands.onePlane(text.planes[value]),
  group: 'layout',
  keys: [key],
  when: hasImages,
  run: () => setLayout(value),
});

export const reviewCommands: readonly Command[] = [
  scrolling('next', 1, ['ArrowDown', 'ArrowRight']),
  scrolling('previous', -1, ['ArrowUp', 'ArrowLeft']),
  scrolling('tenOn', PAGE, ['PageDown']),
  scrolling('tenBack', -PAGE, ['PageUp']),
  scrolling('first', -ALL, ['Home']),
  scrolling('last', ALL, ['End']),
  layout('axial', 'a'),
  layout('sagittal', 's'),
  layout('coronal', 'c'),
  layout('all', 'q'),
  ...WINDOW_PRESETS.map(
    (preset, index): Command => ({
      id: `window.${preset}`,
      title: text.commands.preset(text.review.presets[preset]),
      group: 'images',
      keys: [String(index + 1)],
      when: hasImages,
      run: () => applyPreset(preset, ['target', 'reference']),
    }),
  ),
  {
    id: 'window.next',
    title: text.commands.nextPreset,
    group: 'images',
    keys: ['Shift+w'],
    when: hasImages,
    run: () => void cyclePreset(),
  },
  {
    id: 'window.reset',
    title: text.commands.resetWindows,
    group: 'images',
    keys: ['w'],
    when: hasImages,
    run: resetWindows,
  },
  {
    id: 'images.zoomIn',
    title: text.commands.zoomIn,
    group: 'images',
    keys: ['+', '='],
    repeats: true,
    when: hasImages,
    run: () => zoomBy(ZOOM_STEP),
  },
  {
    id: 'images.zoomOut',
    title: text.commands.zoomOut,
    group: 'images',
    keys: ['-'],
    repeats: true,
    when: hasImages,
    run: () => zoomBy(1 / ZOOM_STEP),
  },
  {
    id: 'images.reset',
    title: text.review.resetView,
    group: 'images',
    keys: ['r'],
    when: hasImages,
    run: resetView,
  },
  {
    id: 'images.crosshair',
    title: text.review.crosshair,
    group: 'images',
    keys: ['x'],
    when: hasImages,
    run: () => setView({ showCrosshair: !useView.getState().showCrosshair }),
  },
  {
    id: 'images.smooth',
    title: text.review.smooth,
    group: 'images',
    keys: ['i'],
    when: hasImages,
    run: () => setView({ smooth: !useView.getState().smooth }),
  },
  {
    id: 'images.labels',
    title: text.review.labels,
    group: 'images',
    keys: ['l'],
    when: hasImages,
    run: () => setView({ showLabels: !useView.getState().showLabels }),
  },
];
