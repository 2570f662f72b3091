import { setContours, useContours } from '../state/contours.ts';
import { BRUSH_MM, setBrushMm } from '../state/correcting.ts';
import { CORRECTING_TOOLS, isCorrecting, useView } from '../state/view.ts';
import { setTool } from '../state/viewActions.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';
import { TOOL_KEYS } from './toolKeys.ts';

const hasOutlines = (): boolean => useContours.getState().outlines.length > 0;
const isPainting = (): boolean => hasOutlines() && isCorrecting(useView.getState().tool);

const radius = (id: string, title: string, key: string, factor: number): Command => ({
  id: `contours.${id}`,
  title,
  group: 'contours',
  keys: [key],
  repeats: true,
  when: isPainting,
  run: () => setBrushMm(useContours.getState().brushMm * factor),
});

/** The outlines that were found: hiding and showing, and correcting. */
export const contourCommands: readonly Command[] = [
  ...CORRECTING_TOOLS.map(
    (tool): Command => ({
      id: `tool.${tool}`,
      title: text.review.toolOf(text.review.tools[tool]),
      group: 'contours',
      keys: [TOOL_KEYS[tool]],
      when: hasOutlines,
      run: () => setTool(tool),
    }),
  ),
  {
    id: 'contours.shown',
    title: text.contours.commands.toggle,
    group: 'contours',
    keys: ['Shift+t'],
    when: hasOutlines,
    run: () => setContours({ shown: !useContours.getState().shown }),
  },
  {
    id: 'contours.mode',
    title: text.contours.commands.mode,
    group: 'contours',
    keys: ['Shift+l'],
    when: hasOutlines,
    run: () => setContours({ mode: useContours.getState().mode === 'own' ? 'all' : 'own', shown: true }),
  },
  radius('narrower', text.contours.brush.narrower, '{', 1 / BRUSH_MM.step),
  radius('wider', text.contours.brush.wider, '}', BRUSH_MM.step),
];
