import { useEffect } from 'react';
import { layoutCells } from '../state/cells.ts';
import { useApp } from '../state/store.ts';
import { setView, useView } from '../state/view.ts';
import {
  cellFocus,
  cellPlane,
  displayedColumn,
  moveFocus,
  readyVolume,
  scroll,
} from '../state/viewActions.ts';
import { sliceAt, stepFocus } from './planes.ts';

/** More slices than any stack has: a step of so many ends at its end. */
const WHOLE_STACK = 1_000_000;

/**
 * Plays while a cell is set to: by the clock, so that a slow machine drops slices and keeps the pace. Stops when
 * the cell or the page goes out of sight.
 */
export function useCine(): void {
  const playing = useView((view) => view.cine.cell);
  useEffect(() => {
    if (playing === null) return;
    const stop = (): void => setView({ cine: { ...useView.getState().cine, cell: null } });
    let direction: 1 | -1 = 1;
    let last = performance.now();
    let request = 0;
    const frame = (now: number): void => {
      const { cine } = useView.getState();
      const element = document.querySelector(`[data-cell="${playing}"]`);
      if (element === null || element.clientWidth === 0) {
        stop();
        return;
      }
      const steps = Math.floor(((now - last) * cine.slicesPerSecond) / 1000);
      if (steps > 0) {
        last = now;
        direction = advance(playing, steps, direction, cine.bounce);
      }
      request = requestAnimationFrame(frame);
    };
    const onVisibility = (): void => {
      if (document.hidden) stop();
    };
    document.addEventListener('visibilitychange', onVisibility);
    request = requestAnimationFrame(frame);
    return () => {
      cancelAnimationFrame(request);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [playing]);
}

/** Moves on by some slices; at an end it turns round or begins again. Returns the direction to go on in. */
export function advance(id: string, steps: number, direction: 1 | -1, bounce: boolean): 1 | -1 {
  const view = useView.getState();
  const cell = layoutCells(useApp.getState(), view).cells.find((one) => one.id === id);
  const plane = cell === undefined ? undefined : cellPlane(cell);
  const column = cell === undefined ? undefined : displayedColumn(cell, view);
  const volume = column === undefined ? undefined : readyVolume(column.key);
  const focus = cellFocus(view, id);
  if (cell === undefined || plane === undefined || volume === undefined || focus === null) return direction;
  const here = sliceAt(volume.grid, plane, focus).index;
  const there = sliceAt(volume.grid, plane, stepFocus(volume.grid, plane, focus, direction * steps)).index;
  if (Math.abs(there - here) >= 0.5) {
    scroll(cell, plane, direction * steps);
    return direction;
  }
  if (bounce) {
    scroll(cell, plane, -direction * steps);
    return direction === 1 ? -1 : 1;
  }
  moveFocus(id, stepFocus(volume.grid, plane, focus, -direction * WHOLE_STACK));
  return direction;
}
