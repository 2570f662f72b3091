import { type Grid, lpsToIndex } from '../../core/volume/grid.ts';
import { addScaled, norm, scale, subtract, type Vec3 } from '../../core/volume/vec.ts';
import {
  aimAt,
  cancelDraft,
  deleteSelected,
  finishDraft,
  isMeasuring,
  selectMeasurement,
  setPoint,
} from '../measure/measureActions.ts';
import { beginStroke, endStroke, isDrawing } from '../state/correcting.ts';
import { useMeasurements } from '../state/measurements.ts';
import { isCorrecting, setView, useView } from '../state/view.ts';
import { moveFocus, readyVolume } from '../state/viewActions.ts';
import type { ViewPlane } from './planes.ts';
import type { CellScene } from './Viewport.tsx';

interface CellKey {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly target: EventTarget | null;
  readonly currentTarget: EventTarget | null;
  preventDefault(): void;
  stopPropagation(): void;
}

/**
 * The keys of the cell that has the focus: shift + arrows move the crosshair in its plane by a voxel, Enter sets
 * a point of a measurement there (of a freehand outline, shift + Enter the last) or a dab of the brush, Escape gives
 * a measurement up, Delete takes the selected one away.
 */
export function onCellKey(event: CellKey, scene: CellScene): void {
  // Keys of the lists and edges in the cell are their own.
  if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) return;
  if (!act(event, scene)) return;
  event.preventDefault();
  event.stopPropagation();
}

function act({ key, shiftKey }: CellKey, scene: CellScene): boolean {
  const { cell, plane, focus, column, isCompared } = scene;
  if (plane === undefined || focus === null) return false;
  const arrow = shiftKey ? arrowDirection(key, plane) : undefined;
  if (arrow !== undefined) {
    // A stroke stays in the slice that it began in.
    if (isDrawing()) return true;
    const grid = column === undefined ? undefined : readyVolume(column.key)?.grid;
    if (grid === undefined) return true;
    const next = addScaled(focus, arrow, voxelStep(grid, arrow));
    moveFocus(cell.id, next);
    setView({ showCrosshair: true });
    aimAt(next);
    return true;
  }
  const { draft, selected } = useMeasurements.getState();
  const { tool } = useView.getState();
  if (key === 'Enter' && isMeasuring(tool)) {
    setView({ showCrosshair: true });
    setPoint(tool, cell.id, plane, focus);
    if (tool === 'freehand' && shiftKey) finishDraft();
    return true;
  }
  if (key === 'Enter' && isCorrecting(tool)) {
    setView({ showCrosshair: true });
    beginStroke(tool, column?.key, plane, focus, isCompared);
    endStroke();
    return true;
  }
  if (key === 'Escape' && (draft !== null || selected !== null)) {
    if (draft !== null) cancelDraft();
    else selectMeasurement(null);
    return true;
  }
  if ((key === 'Delete' || key === 'Backspace') && selected !== null) {
    deleteSelected();
    return true;
  }
  return false;
}

function arrowDirection(key: string, plane: ViewPlane): Vec3 | undefined {
  switch (key) {
    case 'ArrowRight':
      return plane.right;
    case 'ArrowLeft':
      return scale(plane.right, -1);
    case 'ArrowDown':
      return plane.down;
    case 'ArrowUp':
      return scale(plane.down, -1);
    default:
      return undefined;
  }
}

/** How far a direction leads to the next voxel of a grid, mm. */
export function voxelStep(grid: Grid, direction: Vec3): number {
  const voxels = norm(subtract(lpsToIndex(grid, addScaled(grid.originLps, direction, 1)), [0, 0, 0]));
  return 1 / Math.max(voxels, 1e-9);
}
