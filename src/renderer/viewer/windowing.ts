import type { DisplayWindow } from '../state/view.ts';

/** A drag over this many pixels doubles the width, or moves the centre by half the width. */
const PIXELS_PER_DOUBLING = 200;

/** Drag right: wider (less contrast); drag down: centre up (darker). */
export function draggedWindow(start: DisplayWindow, dx: number, dy: number): DisplayWindow {
  const width = Math.max(start.width * 2 ** (dx / PIXELS_PER_DOUBLING), 1e-6);
  return { width, center: start.center + (dy / PIXELS_PER_DOUBLING) * start.width * 0.5 };
}

export const WINDOW_PRESETS = ['series', 'full', 'soft', 'hard'] as const;
export type WindowPreset = (typeof WINDOW_PRESETS)[number];

/** A preset made from the series' own suggestion and its range of values. */
export function presetWindow(
  preset: WindowPreset,
  suggested: DisplayWindow,
  range: readonly [number, number],
): DisplayWindow {
  if (preset === 'full') {
    return { center: (range[0] + range[1]) / 2, width: Math.max(range[1] - range[0], 1e-6) };
  }
  const factor = preset === 'soft' ? 1.6 : preset === 'hard' ? 0.6 : 1;
  const lower = suggested.center - suggested.width / 2;
  const width = suggested.width * factor;
  // The dark end stays: what grows or shrinks is where white begins.
  return { center: lower + width / 2, width };
}
