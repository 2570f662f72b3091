import { type RefObject, useEffect, useRef } from 'react';
import { type Grid, gridCentre } from '../../../core/volume/grid.ts';
import type { SixDegrees } from '../../../core/volume/sixDegrees.ts';
import { addScaled, scale } from '../../../core/volume/vec.ts';
import { setAlign, useAlign } from '../../state/align.ts';
import { moveTo, shifted, turned } from '../../state/alignActions.ts';
import { alignCell } from '../../state/cells.ts';
import { availableColumns } from '../../state/columns.ts';
import { useApp } from '../../state/store.ts';
import { locate, panBy, scroll, zoomBy } from '../../state/viewActions.ts';
import { screenToLps, type ViewCamera } from '../../viewer/camera.ts';
import { RING_REACH_PX, ringOf } from './MoveHandles.tsx';

interface Drag {
  readonly kind: 'move' | 'turn' | 'swipe' | 'locate' | 'pan' | 'zoom';
  /** Where the reference was when it began. */
  readonly from: SixDegrees;
  /** Its movements are taken back together. */
  readonly name: string;
}

const WHEEL_STEP = 60;
const PIXELS_PER_ZOOM_DOUBLING = 150;

let drags = 0;

/**
 * Wheel scrolls, middle drag pans, right drag zooms; left drag moves the reference while it is being adjusted
 * (on the ring: turns it), else the swipe's border, else the place that all planes go through.
 *
 * @param onMoving whether a drag that changes the picture is under way: it is drawn coarser then
 */
export function useAlignPointer(
  cell: RefObject<HTMLDivElement | null>,
  camera: ViewCamera | undefined,
  base: Grid,
  onMoving: (moving: boolean) => void,
): void {
  const now = useRef({ camera, base });
  now.current = { camera, base };

  useEffect(() => {
    const element = cell.current;
    if (element === null) return;
    let wheel = 0;
    let drag: (Drag & { readonly startX: number; readonly startY: number; x: number; y: number }) | undefined;
    const at = (event: PointerEvent): readonly [number, number] => {
      const box = element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const begin = (event: PointerEvent, shown: ViewCamera): Drag | undefined => {
      const { adjusting, overlay, position } = useAlign.getState();
      const made = (kind: Drag['kind']): Drag => ({
        kind,
        from: position.motion,
        name: `drag ${++drags}`,
      });
      if (event.button === 1) return made('pan');
      if (event.button === 2) return made('zoom');
      if (event.button !== 0) return undefined;
      if (adjusting && !event.shiftKey) {
        const ring = ringOf(shown, gridCentre(now.current.base));
        const [x, y] = at(event);
        const off = Math.abs(Math.hypot(x - ring.x, y - ring.y) - ring.radius);
        return made(off <= RING_REACH_PX ? 'turn' : 'move');
      }
      return made(overlay === 'swipe' && !event.shiftKey ? 'swipe' : 'locate');
    };
    const follow = (event: PointerEvent): void => {
      const { camera: shown, base: grid } = now.current;
      if (drag === undefined || shown === undefined) return;
      const [x, y] = at(event);
      const [dx, dy] = [x - drag.x, y - drag.y];
      drag = { ...drag, x, y };
      const { plane, mmPerPixel } = shown;
      if (drag.kind === 'pan') panBy(alignCell(plane.name, undefined), dx * mmPerPixel, dy * mmPerPixel);
      else if (drag.kind === 'zoom') zoomBy(2 ** (-dy / PIXELS_PER_ZOOM_DOUBLING));
      else if (drag.kind === 'locate') locate(screenToLps(shown, x, y));
      else if (drag.kind === 'swipe') setAlign({ swipe: Math.min(1, Math.max(0, x / shown.size.width)) });
      else if (drag.kind === 'move') {
        const way = addScaled(
          scale(plane.right, (x - drag.startX) * mmPerPixel),
          plane.down,
          (y - drag.startY) * mmPerPixel,
        );
        moveTo(shifted(drag.from, way, 1), drag.name);
      } else {
        const centre = gridCentre(grid);
        const ring = ringOf(shown, centre);
        const angle = (px: number, py: number): number => Math.atan2(ring.y - py, px - ring.x);
        const by = angle(x, y) - angle(drag.startX, drag.startY);
        moveTo(turned(drag.from, plane.normal, (by * 180) / Math.PI, centre), drag.name);
      }
    };
    const onDown = (event: PointerEvent): void => {
      const shown = now.current.camera;
      if (shown === undefined || drag !== undefined) return;
      const chosen = begin(event, shown);
      if (chosen === undefined) return;
      if (event.button === 1) event.preventDefault();
      element.focus({ preventScroll: true });
      element.setPointerCapture(event.pointerId);
      const [x, y] = at(event);
      drag = { ...chosen, startX: x, startY: y, x, y };
      onMoving(true);
      if (chosen.kind === 'locate' || chosen.kind === 'swipe') follow(event);
    };
    const onUp = (): void => {
      drag = undefined;
      onMoving(false);
    };
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const shown = now.current.camera;
      if (shown === undefined) return;
      if (event.ctrlKey) {
        zoomBy(2 ** (-event.deltaY / 300));
        return;
      }
      wheel += event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * WHEEL_STEP;
      const steps = Math.trunc(wheel / WHEEL_STEP);
      wheel -= steps * WHEEL_STEP;
      const [target] = availableColumns(useApp.getState());
      scroll(alignCell(shown.plane.name, target), shown.plane, steps);
    };
    const noMenu = (event: Event): void => event.preventDefault();
    element.addEventListener('wheel', onWheel, { passive: false });
    element.addEventListener('pointerdown', onDown);
    element.addEventListener('pointermove', follow);
    element.addEventListener('pointerup', onUp);
    element.addEventListener('pointercancel', onUp);
    element.addEventListener('contextmenu', noMenu);
    return () => {
      element.removeEventListener('wheel', onWheel);
      element.removeEventListener('pointerdown', onDown);
      element.removeEventListener('pointermove', follow);
      element.removeEventListener('pointerup', onUp);
      element.removeEventListener('pointercancel', onUp);
      element.removeEventListener('contextmenu', noMenu);
    };
  }, [cell, onMoving]);
}
