import { type RefObject, useEffect, useRef } from 'react';
import type { Grid } from '../../core/volume/grid.ts';
import { type ColumnKind, type DisplayWindow, windowGroup } from '../state/view.ts';
import { groupWindow, locate, panBy, scroll, setGroupWindow, zoomBy } from '../state/viewActions.ts';
import { screenToLps, type ViewCamera } from './camera.ts';
import { draggedWindow } from './windowing.ts';

type Drag = 'window' | 'pan' | 'zoom' | 'locate';

/** A notch of a common mouse wheel; touchpads send smaller pieces, which are added up. */
const WHEEL_STEP = 60;
const PIXELS_PER_ZOOM_DOUBLING = 150;

function dragOf(event: PointerEvent): Drag | undefined {
  if (event.button === 0) return event.shiftKey ? 'locate' : event.ctrlKey ? 'zoom' : 'window';
  if (event.button === 1) return 'pan';
  if (event.button === 2) return 'zoom';
  return undefined;
}

/** Wheel scrolls, left drag windows, middle pans, right zooms, shift + left moves the crosshair. */
export function usePointer(
  cell: RefObject<HTMLDivElement | null>,
  kind: ColumnKind,
  camera: ViewCamera | undefined,
  grid: Grid | undefined,
): void {
  const now = useRef({ camera, grid });
  now.current = { camera, grid };

  useEffect(() => {
    const element = cell.current;
    if (element === null) return;
    let wheel = 0;
    let drag:
      | {
          kind: Drag;
          x: number;
          y: number;
          startX: number;
          startY: number;
          window: DisplayWindow | undefined;
        }
      | undefined;

    const locateAt = (event: PointerEvent): void => {
      const box = element.getBoundingClientRect();
      if (now.current.camera !== undefined) {
        locate(screenToLps(now.current.camera, event.clientX - box.left, event.clientY - box.top));
      }
    };
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const { camera: shown } = now.current;
      if (shown === undefined) return;
      if (event.ctrlKey) {
        zoomBy(2 ** (-event.deltaY / 300));
        return;
      }
      wheel += event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * WHEEL_STEP;
      const steps = Math.trunc(wheel / WHEEL_STEP);
      wheel -= steps * WHEEL_STEP;
      scroll(kind, shown.plane, steps);
    };
    const onDown = (event: PointerEvent): void => {
      const chosen = dragOf(event);
      if (chosen === undefined || drag !== undefined) return;
      if (event.button === 1) event.preventDefault();
      element.focus({ preventScroll: true });
      element.setPointerCapture(event.pointerId);
      const { clientX: x, clientY: y } = event;
      drag = { kind: chosen, x, y, startX: x, startY: y, window: groupWindow(windowGroup(kind)) };
      if (chosen === 'locate') locateAt(event);
    };
    const onMove = (event: PointerEvent): void => {
      const shown = now.current.camera;
      if (drag === undefined || shown === undefined) return;
      const dx = event.clientX - drag.x;
      const dy = event.clientY - drag.y;
      drag = { ...drag, x: event.clientX, y: event.clientY };
      if (drag.kind === 'locate') locateAt(event);
      else if (drag.kind === 'pan') panBy(shown.plane.name, dx * shown.mmPerPixel, dy * shown.mmPerPixel);
      else if (drag.kind === 'zoom') zoomBy(2 ** (-dy / PIXELS_PER_ZOOM_DOUBLING));
      else if (drag.window !== undefined) {
        const moved = draggedWindow(drag.window, event.clientX - drag.startX, event.clientY - drag.startY);
        setGroupWindow(windowGroup(kind), moved);
      }
    };
    const onUp = (): void => {
      drag = undefined;
    };
    const noMenu = (event: Event): void => event.preventDefault();

    element.addEventListener('wheel', onWheel, { passive: false });
    element.addEventListener('pointerdown', onDown);
    element.addEventListener('pointermove', onMove);
    element.addEventListener('pointerup', onUp);
    element.addEventListener('pointercancel', onUp);
    element.addEventListener('contextmenu', noMenu);
    return () => {
      element.removeEventListener('wheel', onWheel);
      element.removeEventListener('pointerdown', onDown);
      element.removeEventListener('pointermove', onMove);
      element.removeEventListener('pointerup', onUp);
      element.removeEventListener('pointercancel', onUp);
      element.removeEventListener('contextmenu', noMenu);
    };
  }, [cell, kind]);
}
