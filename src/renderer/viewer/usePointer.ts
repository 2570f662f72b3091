import { type RefObject, useEffect, useRef } from 'react';
import { norm, subtract, type Vec3 } from '../../core/volume/vec.ts';
import { aimAt, drawTo, finishDraft, isMeasuring, setPoint } from '../measure/measureActions.ts';
import { beginStroke, endStroke, isDrawing, strokeTo } from '../state/correcting.ts';
import { useMeasurements } from '../state/measurements.ts';
import { DEFAULT_SETTINGS, type Settings, useSettings } from '../state/settings.ts';
import { type DisplayWindow, isCorrecting, setView, type Tool, useView } from '../state/view.ts';
import { columnWindow, moveFocus, panBy, scroll, setColumnWindow, zoomBy } from '../state/viewActions.ts';
import { screenToLps } from './camera.ts';
import { pointerPlace, setPointerPlace } from './pointerPlace.ts';
import type { CellScene } from './Viewport.tsx';
import { draggedWindow } from './windowing.ts';

/** A notch of a common mouse wheel; touchpads send smaller pieces, which are added up. */
const WHEEL_STEP = 60;
const PIXELS_PER_ZOOM_DOUBLING = 150;
const PIXELS_PER_SLICE = 6;
/** A press that moves no further than this is a click. */
const CLICK_PX = 4;
const WHEEL_PER_ZOOM_DOUBLING = 300;
/** What lies over an image and is pressed for itself. */
const CONTROLS = '.cell-control, .measurement';

/**
 * Right drags zoom and middle drags pan, unless set otherwise (shift + left pans too, for two-button devices);
 * ctrl + left moves the crosshair; left does what the tool says, and what is set where none was chosen.
 */
export function dragOf(
  event: Pick<PointerEvent, 'button' | 'shiftKey' | 'ctrlKey'>,
  tool: Tool,
  set: Pick<Settings, 'leftDrag' | 'middleDrag' | 'rightDrag'> = DEFAULT_SETTINGS,
): Tool | undefined {
  if (event.button === 1) return set.middleDrag;
  if (event.button === 2) return set.rightDrag;
  if (event.button !== 0) return undefined;
  if (event.shiftKey) return 'pan';
  if (event.ctrlKey) return 'crosshair';
  return tool === 'window' ? set.leftDrag : tool;
}

interface Drag {
  readonly tool: Tool;
  readonly x: number;
  readonly y: number;
  readonly startX: number;
  readonly startY: number;
  readonly window: DisplayWindow | undefined;
  /** Pixels of a scrolling drag that made no whole slice yet. */
  readonly left: number;
}

/** Wheel scrolls, ctrl + wheel zooms; drags as `dragOf` says. */
export function usePointer(element: RefObject<HTMLDivElement | null>, scene: CellScene): void {
  const now = useRef(scene);
  now.current = scene;

  // What lies under a pointer that stays where it is changes with the slice.
  useEffect(() => {
    const place = pointerPlace();
    if (place === undefined || place.cell !== scene.cell.id || scene.camera === undefined) return;
    const lps = screenToLps(scene.camera, place.x, place.y);
    if (norm(subtract(lps, place.lps)) > 1e-6) setPointerPlace({ ...place, lps });
  });

  useEffect(() => {
    const cellElement = element.current;
    if (cellElement === null) return;
    let wheel = 0;
    let drag: Drag | undefined;

    const isControl = (event: Event): boolean =>
      event.target instanceof Element && event.target.closest(CONTROLS) !== null;
    const lpsAt = (event: MouseEvent): Vec3 | undefined => {
      const box = cellElement.getBoundingClientRect();
      const { camera, cell } = now.current;
      if (camera === undefined) return undefined;
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      const lps = screenToLps(camera, x, y);
      setPointerPlace({ cell: cell.id, lps, x, y });
      return lps;
    };
    const onWheel = (event: WheelEvent): void => {
      if (event.target instanceof HTMLSelectElement) return;
      event.preventDefault();
      const { plane, cell } = now.current;
      // A stroke stays in the slice that it began in.
      if (plane === undefined || isDrawing()) return;
      if (event.ctrlKey) {
        zoomBy(2 ** (-event.deltaY / WHEEL_PER_ZOOM_DOUBLING), cell.id);
        return;
      }
      wheel += event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * WHEEL_STEP;
      const steps = Math.trunc(wheel / WHEEL_STEP);
      wheel -= steps * WHEEL_STEP;
      scroll(cell, plane, useSettings.getState().wheel === 'down-next' ? steps : -steps);
    };
    const onDown = (event: PointerEvent): void => {
      if (isControl(event)) return;
      const tool = dragOf(event, useView.getState().tool, useSettings.getState());
      const { cell, column, plane, isCompared } = now.current;
      if (tool === undefined || drag !== undefined) return;
      if (event.button === 1) event.preventDefault();
      cellElement.focus({ preventScroll: true });
      cellElement.setPointerCapture(event.pointerId);
      const { clientX: x, clientY: y } = event;
      const window = column === undefined ? undefined : columnWindow(column);
      drag = { tool, x, y, startX: x, startY: y, window, left: 0 };
      setView({ active: cell.id });
      const point = lpsAt(event);
      if (point === undefined || plane === undefined) return;
      if (tool === 'crosshair') moveFocus(cell.id, point);
      if (isMeasuring(tool)) setPoint(tool, cell.id, plane, point);
      if (isCorrecting(tool)) beginStroke(tool, column?.key, plane, point, isCompared);
    };
    const onMove = (event: PointerEvent): void => {
      const { camera, cell, column, plane } = now.current;
      const point = lpsAt(event);
      if (camera === undefined || plane === undefined || point === undefined) return;
      if (drag === undefined) {
        if (useMeasurements.getState().draft?.cell === cell.id) aimAt(point);
        return;
      }
      const dx = event.clientX - drag.x;
      const dy = event.clientY - drag.y;
      drag = { ...drag, x: event.clientX, y: event.clientY };
      if (drag.tool === 'crosshair') moveFocus(cell.id, point);
      else if (drag.tool === 'pan') panBy(cell, dx * camera.mmPerPixel, dy * camera.mmPerPixel);
      else if (drag.tool === 'zoom') zoomBy(2 ** (-dy / PIXELS_PER_ZOOM_DOUBLING), cell.id);
      else if (drag.tool === 'scroll') {
        const steps = Math.trunc((drag.left + dy) / PIXELS_PER_SLICE);
        drag = { ...drag, left: drag.left + dy - steps * PIXELS_PER_SLICE };
        scroll(cell, plane, steps);
      } else if (drag.tool === 'window') {
        if (drag.window === undefined || column === undefined) return;
        setColumnWindow(
          column,
          draggedWindow(drag.window, event.clientX - drag.startX, event.clientY - drag.startY),
        );
      } else if (drag.tool === 'freehand') drawTo(point, camera.mmPerPixel);
      else if (isCorrecting(drag.tool)) strokeTo(point);
      else aimAt(point);
    };
    const onUp = (event: PointerEvent): void => {
      const ended = drag;
      drag = undefined;
      const { cell, plane } = now.current;
      endStroke();
      if (ended === undefined || plane === undefined || !isMeasuring(ended.tool)) return;
      const far = Math.hypot(event.clientX - ended.startX, event.clientY - ended.startY) > CLICK_PX;
      const { draft } = useMeasurements.getState();
      // Pressed, dragged and let go is as good as two clicks.
      if (!far || draft?.cell !== cell.id || draft.kind !== ended.tool) return;
      if (ended.tool === 'freehand') {
        if (draft.pointsLps.length > 2) finishDraft();
        return;
      }
      const point = lpsAt(event);
      if (point !== undefined) setPoint(ended.tool, cell.id, plane, point);
    };
    const onCancel = (): void => {
      drag = undefined;
      endStroke();
    };
    const onLeave = (): void => setPointerPlace(undefined);
    const onDouble = (event: MouseEvent): void => {
      const { tool } = useView.getState();
      if (useMeasurements.getState().draft === null && !isMeasuring(tool) && !isCorrecting(tool)) return;
      // While measuring, a double click ends an outline; two dabs of a brush are two; the cell does not become large.
      event.preventDefault();
      if (useMeasurements.getState().draft?.kind === 'freehand') finishDraft();
    };
    const noMenu = (event: Event): void => event.preventDefault();

    cellElement.addEventListener('wheel', onWheel, { passive: false });
    cellElement.addEventListener('pointerdown', onDown);
    cellElement.addEventListener('pointermove', onMove);
    cellElement.addEventListener('pointerup', onUp);
    cellElement.addEventListener('pointercancel', onCancel);
    cellElement.addEventListener('pointerleave', onLeave);
    cellElement.addEventListener('dblclick', onDouble);
    cellElement.addEventListener('contextmenu', noMenu);
    return () => {
      // What was painted stays, and can be taken back.
      if (drag !== undefined && isCorrecting(drag.tool)) endStroke();
      cellElement.removeEventListener('wheel', onWheel);
      cellElement.removeEventListener('pointerdown', onDown);
      cellElement.removeEventListener('pointermove', onMove);
      cellElement.removeEventListener('pointerup', onUp);
      cellElement.removeEventListener('pointercancel', onCancel);
      cellElement.removeEventListener('pointerleave', onLeave);
      cellElement.removeEventListener('dblclick', onDouble);
      cellElement.removeEventListener('contextmenu', noMenu);
    };
  }, [element]);
}
