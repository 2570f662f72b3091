import type { Tool } from '../state/view.ts';

/** As in other viewers where they agree: W windows, T pans, Z zooms, H is the crosshair, D measures a distance. */
export const TOOL_KEYS: Readonly<Record<Tool, string>> = {
  window: 'w',
  scroll: 'Shift+s',
  pan: 't',
  zoom: 'z',
  crosshair: 'h',
  probe: 'v',
  length: 'd',
  angle: 'g',
  rectangle: 'Shift+e',
  ellipse: 'e',
  freehand: 'f',
  profile: 'Shift+d',
  brush: 'u',
  eraser: 'Shift+u',
};
