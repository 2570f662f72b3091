import type { RememberedView } from '../../core/contract/remembering.ts';
import { INITIAL_VIEW, isCorrecting, setView, type ViewState } from './view.ts';

/** What of the view belongs to one visit only (images in memory, the cell under the pointer) or to the settings. */
const PASSING = new Set<string>([
  'volumes',
  'active',
  'showOriginal',
  'cine',
  'labelmap',
  'maximised',
  'smooth',
]);

/** The view as plain data: slices, zoom, windows, layout and habits. */
export function rememberableView(view: ViewState): RememberedView {
  const kept = Object.fromEntries(Object.entries(view).filter(([key]) => !PASSING.has(key)));
  // The outlines that it corrects are not kept.
  return isCorrecting(view.tool) ? { ...kept, tool: INITIAL_VIEW.tool } : kept;
}

/**
 * Takes up a remembered view. What another version wrote is taken key by key, and only where it is of the same
 * kind as what this one has there.
 */
export function recallView(remembered: RememberedView | null): void {
  if (remembered === null) return;
  const known = INITIAL_VIEW as unknown as Record<string, unknown>;
  const fitting = Object.entries(remembered).filter(
    ([key, value]) => key in known && !PASSING.has(key) && isAlike(value, known[key], key),
  );
  setView(Object.fromEntries(fitting) as Partial<ViewState>);
}

function isAlike(value: unknown, known: unknown, key: string): boolean {
  if (key === 'focusLps') {
    return Array.isArray(value) && value.length === 3 && value.every((one) => Number.isFinite(one));
  }
  if (known === null || value === null) return known === value;
  if (Array.isArray(known)) return Array.isArray(value);
  if (typeof known === 'number') return Number.isFinite(value);
  return typeof value === typeof known && !Array.isArray(value);
}
