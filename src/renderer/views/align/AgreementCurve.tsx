import type { KeyboardEvent, ReactNode } from 'react';
import { type Grid, gridCentre } from '../../../core/volume/grid.ts';
import { stackNormal } from '../../../core/volume/sliceStack.ts';
import { addScaled, dot, type Vec3 } from '../../../core/volume/vec.ts';
import { useAlign } from '../../state/align.ts';
import { availableColumns } from '../../state/columns.ts';
import { useApp } from '../../state/store.ts';
import { setView, useView } from '../../state/view.ts';
import { readyVolume } from '../../state/viewActions.ts';
import { text } from '../../text.ts';
import { curvePath, indexAt, pointX, scaleTop } from './curveShape.ts';

const WIDTH = 300;
const HEIGHT = 84;

/** How well each slice of the target agrees with the reference; a click goes to the slice. */
export function AgreementCurve(): ReactNode {
  const verdict = useAlign((state) => state.position.verdict);
  const focus = useView((view) => view.focusLps);
  useView((view) => view.volumes);
  if (verdict === undefined || verdict.slices.length === 0) return null;
  const { slices, outOfLine } = verdict;
  const grid = targetGrid();
  const values = slices.map(({ agreement }) => agreement);
  const top = scaleTop(values);
  const shown = grid === undefined || focus === null ? 0 : nearest(slices, dot(focus, sliceNormal(grid)));
  const go = (n: number): void => {
    const slice = slices[Math.min(slices.length - 1, Math.max(0, n))];
    if (slice === undefined || grid === undefined) return;
    const point = useView.getState().focusLps ?? gridCentre(grid);
    const normal = sliceNormal(grid);
    setView({ focusLps: addScaled(point, normal, slice.positionMm - dot(point, normal)) });
  };
  const onKey = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowRight: shown + 1,
      ArrowUp: shown + 1,
      ArrowLeft: shown - 1,
      ArrowDown: shown - 1,
      PageUp: shown + 10,
      PageDown: shown - 10,
      Home: 0,
      End: slices.length - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    go(next);
  };
  const x = pointX(shown, slices.length, WIDTH);
  const value = text.align.curveValue(shown + 1, slices.length, values[shown] ?? null);
  return (
    <section className="field" aria-label={text.align.curve}>
      <div className="row">
        <span className="field-label grow">{text.align.curve}</span>
        <span className="dim small numbers">{value}</span>
      </div>
      <div
        className="curve"
        role="slider"
        tabIndex={0}
        aria-label={text.align.curve}
        aria-valuemin={1}
        aria-valuemax={slices.length}
        aria-valuenow={shown + 1}
        aria-valuetext={value}
        onKeyDown={onKey}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          go(indexAt(event.clientX - box.left, slices.length, box.width));
        }}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {outOfLine.map((slice) => (
            <rect
              key={slice}
              className="curve-low"
              x={pointX(slice - 1, slices.length, WIDTH) - WIDTH / slices.length / 2}
              width={WIDTH / slices.length}
              y={0}
              height={HEIGHT}
            />
          ))}
          <line className="curve-now" x1={x} x2={x} y1={0} y2={HEIGHT} />
          <path className="curve-line" d={curvePath(values, WIDTH, HEIGHT, top)} />
        </svg>
      </div>
      {outOfLine.length > 0 && <p className="small warn">{text.align.outOfLine(outOfLine)}</p>}
      <p className="dim small">{text.align.curveHint}</p>
    </section>
  );
}

function targetGrid(): Grid | undefined {
  const target = availableColumns(useApp.getState()).find(({ kind }) => kind === 'target');
  return target === undefined ? undefined : readyVolume(target.key)?.grid;
}

/** Positions of slices are counted along it. */
function sliceNormal({ axesLps: [i, j] }: Grid): Vec3 {
  return stackNormal({ iAxisLps: i, jAxisLps: j });
}

/** The slice nearest to a position along the normal. */
function nearest(slices: readonly { readonly positionMm: number }[], along: number): number {
  let best = 0;
  slices.forEach(({ positionMm }, n) => {
    if (Math.abs(positionMm - along) < Math.abs(slices[best]!.positionMm - along)) best = n;
  });
  return best;
}
