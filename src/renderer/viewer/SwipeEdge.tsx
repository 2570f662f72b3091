import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react';
import type { Column } from '../state/columns.ts';
import type { Comparison } from '../state/comparison.ts';
import { setComparison } from '../state/comparisonActions.ts';
import { text } from '../text.ts';

const KEY_STEP = 0.02;
const KEY_PAGE = 0.1;

/** The edge between two images in one cell: dragged, or moved with the arrow keys. */
export function SwipeEdge(props: { readonly comparison: Comparison; readonly second: Column }): ReactNode {
  const { comparison, second } = props;
  const edge = useRef<HTMLDivElement>(null);
  const { swipe, swipeDirection } = comparison;
  const lies = swipeDirection === 'horizontal';

  const onMove = (event: PointerEvent<HTMLDivElement>): void => {
    const cell = edge.current?.parentElement;
    if (!edge.current?.hasPointerCapture(event.pointerId) || cell == null) return;
    const box = cell.getBoundingClientRect();
    const share = lies ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
    setComparison({ swipe: share });
  };
  const onKey = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -KEY_STEP,
      ArrowUp: -KEY_STEP,
      ArrowRight: KEY_STEP,
      ArrowDown: KEY_STEP,
      PageUp: -KEY_PAGE,
      PageDown: KEY_PAGE,
      Home: -1,
      End: 1,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    setComparison({ swipe: swipe + step });
  };
  return (
    <div
      ref={edge}
      className={`swipe-edge cell-control ${swipeDirection}`}
      style={lies ? { left: `${100 * swipe}%` } : { top: `${100 * swipe}%` }}
      role="slider"
      tabIndex={0}
      aria-label={text.review.compare.edge}
      aria-orientation={swipeDirection}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * swipe)}
      onPointerDown={(event) => {
        event.stopPropagation();
        edge.current?.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onMove}
      onKeyDown={onKey}
    >
      <span className="swipe-name">{`${text.columns[second.kind]} ${second.title}`}</span>
    </div>
  );
}
