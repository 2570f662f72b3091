import { type CSSProperties, type ReactNode, useEffect, useState } from 'react';
import { allColumns, type Column, columnId, groupOf } from '../state/columns.ts';
import type { Comparison } from '../state/comparison.ts';
import { useApp } from '../state/store.ts';
import { useView } from '../state/view.ts';
import { columnWindow, readyVolume } from '../state/viewActions.ts';
import { text } from '../text.ts';
import { colourTable } from './colourMaps.ts';
import { DifferenceLayer } from './DifferenceLayer.tsx';
import { PictureLayer } from './PictureLayer.tsx';
import { SwipeEdge } from './SwipeEdge.tsx';
import type { CellScene } from './Viewport.tsx';

interface ComparedProps {
  readonly scene: CellScene;
  readonly comparison: Comparison;
  readonly smooth: boolean;
  /** The second image is the one that is seen, for `blink`. */
  readonly away: boolean;
}

/** The image that a comparison lays over the first: the second, or the truth. */
export function comparedColumn(comparison: Comparison): Column | undefined {
  const { mode, second, truth } = comparison;
  return allColumns(useApp.getState()).find((column) =>
    mode === 'error' ? column.key === truth : columnId(column) === second,
  );
}

/** Lies over a cell's own image: the other image, all of it or parts, or the difference of the two. */
export function Compared({ scene, comparison, smooth, away }: ComparedProps): ReactNode {
  const colourMaps = useView((view) => view.colourMaps);
  const inverted = useView((view) => view.inverted);
  const { mode } = comparison;
  const second = comparedColumn(comparison);
  if (second === undefined) {
    return (
      <div className="compared-missing">
        {text.review.compare.missing[mode === 'error' ? 'truth' : 'second']}
      </div>
    );
  }
  const ready = readyVolume(second.key) !== undefined;
  if (mode === 'difference' || mode === 'error') {
    return ready ? (
      <DifferenceLayer scene={scene} second={second} comparison={comparison} smooth={smooth} />
    ) : null;
  }
  const group = groupOf(second);
  return (
    <>
      <PictureLayer
        id={`${scene.cell.id}-second`}
        volumeKey={ready ? second.key : undefined}
        camera={scene.camera}
        window={columnWindow(second)}
        colours={colourTable(colourMaps[group] ?? 'grey', inverted.includes(group))}
        smooth={smooth}
        style={secondStyle(comparison, away)}
        part="second"
      />
      {mode === 'swipe' && <SwipeEdge comparison={comparison} second={second} />}
      {mode === 'checkerboard' && (
        <div className="label compared-label">
          {text.review.compare.fields(`${text.columns[second.kind]} ${second.title}`)}
        </div>
      )}
    </>
  );
}

/** Which part of the second image is seen. */
function secondStyle(comparison: Comparison, away: boolean): CSSProperties {
  const { mode, swipe, swipeDirection, fieldPx } = comparison;
  if (mode === 'blink') return { visibility: away ? 'visible' : 'hidden' };
  if (mode === 'swipe') {
    const share = `${100 * swipe}%`;
    return { clipPath: swipeDirection === 'horizontal' ? `inset(0 0 0 ${share})` : `inset(${share} 0 0 0)` };
  }
  const mask = 'conic-gradient(#000 25%, transparent 0 50%, #000 0 75%, transparent 0)';
  return { maskImage: mask, maskSize: `${2 * fieldPx}px ${2 * fieldPx}px` };
}

/** Whether the second image of a blinking comparison is to be seen now. */
export function useBlink(comparison: Comparison, here: boolean): boolean {
  const [away, setAway] = useState(false);
  const { mode, blinksPerSecond } = comparison;
  const blinks = here && mode === 'blink';
  useEffect(() => {
    if (!blinks) {
      setAway(false);
      return;
    }
    // A blink is there and back again.
    const timer = setInterval(() => setAway((before) => !before), 500 / blinksPerSecond);
    return () => clearInterval(timer);
  }, [blinks, blinksPerSecond]);
  return blinks && away;
}
