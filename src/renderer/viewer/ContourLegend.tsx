import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Column } from '../state/columns.ts';
import { modelName, useContours } from '../state/contours.ts';
import { text } from '../text.ts';
import { drawnOutlines } from './drawnOutlines.ts';
import { labelPaint } from './labelColours.ts';

/** Wherever outlines are drawn, and whatever else is switched off: that they are a preview, and whose each is. */
export function ContourLegend(props: {
  readonly column: Column | undefined;
  /** The image that is seen with it, where two are compared. */
  readonly beside: Column | undefined;
}): ReactNode {
  const { column, beside } = props;
  const state = useContours(
    useShallow(({ outlines, shown, mode, label }) => ({ outlines, shown, mode, label })),
  );
  const drawn = drawnOutlines(state, column, beside);
  const [first] = drawn;
  if (first === undefined || column === undefined) return null;
  return (
    <>
      <span className="contour-mark">{text.contours.mark(modelName(first.outline))}</span>
      {drawn.flatMap(({ outline, words }) =>
        words.map(({ text: name, color }) => (
          <span
            key={`${outline.image} ${name}`}
            className="contour-mark contour-name"
            style={{ color: labelPaint(color) }}
          >
            {name}
          </span>
        )),
      )}
      {state.mode === 'all' && (column.kind === 'reference' || column.kind === 'series') && (
        <span className="contour-mark">{text.contours.byHeaders}</span>
      )}
    </>
  );
}
