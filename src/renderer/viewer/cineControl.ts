import { activeCell } from '../state/cells.ts';
import { useApp } from '../state/store.ts';
import { setView, useView } from '../state/view.ts';

/** Starts playing the slices of the active cell, or stops. */
export function toggleCine(): void {
  const view = useView.getState();
  const cell = view.cine.cell === null ? (activeCell(useApp.getState(), view)?.id ?? null) : null;
  setView({ cine: { ...view.cine, cell } });
}
