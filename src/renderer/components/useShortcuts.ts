import { useEffect } from 'react';
import { shownColumns } from '../state/columns.ts';
import { setPacs } from '../state/pacsStore.ts';
import { setApp, useApp } from '../state/store.ts';
import { setView, useView } from '../state/view.ts';
import {
  baseGrid,
  cyclePreset,
  resetView,
  resetWindows,
  scroll,
  setLayout,
  zoomBy,
} from '../state/viewActions.ts';
import { viewPlanes } from '../viewer/planes.ts';

const ZOOM_STEP = 1.25;
const PAGE = 10;
const ALL = 1_000_000;

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

const ACTIONS: Readonly<Record<string, () => void>> = {
  ArrowDown: () => scrollActive(1),
  ArrowRight: () => scrollActive(1),
  ArrowUp: () => scrollActive(-1),
  ArrowLeft: () => scrollActive(-1),
  PageDown: () => scrollActive(PAGE),
  PageUp: () => scrollActive(-PAGE),
  Home: () => scrollActive(-ALL),
  End: () => scrollActive(ALL),
  '1': () => setLayout('axial'),
  '2': () => setLayout('sagittal'),
  '3': () => setLayout('coronal'),
  '4': () => setLayout('all'),
  w: resetWindows,
  W: () => void cyclePreset(),
  '+': () => zoomBy(ZOOM_STEP),
  '=': () => zoomBy(ZOOM_STEP),
  '-': () => zoomBy(1 / ZOOM_STEP),
  r: resetView,
  x: () => setView({ showCrosshair: !useView.getState().showCrosshair }),
  i: () => setView({ smooth: !useView.getState().smooth }),
  l: () => setView({ showLabels: !useView.getState().showLabels }),
  b: () => setApp({ panelOpen: !useApp.getState().panelOpen }),
  p: () => setPacs({ page: 'find' }),
  '?': () => setApp({ helpOpen: !useApp.getState().helpOpen }),
};

/** Keys that mean something to these controls stay with them. */
const OWN_KEYS = 'input, textarea, select, [contenteditable="true"]';
const SCROLLING = /^(Arrow|Page|Home|End)/;

/** The window's shortcuts; off while the user types or a dialog is open. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target } = event;
      if (target instanceof Element) {
        if (target.closest(OWN_KEYS) !== null) return;
        if (event.key !== '?' && target.closest('[role="dialog"]') !== null) return;
        // In the side panel these keys scroll the panel.
        if (SCROLLING.test(event.key) && target.closest('.panel') !== null) return;
      }
      const action = ACTIONS[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
