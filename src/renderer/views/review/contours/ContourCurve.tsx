import { SegmentedControl } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useId } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { goToSlice, nearestSlice } from '../../../state/contourSlices.ts';
import {
  agreementBetween,
  baseOutline,
  isMeasured,
  outlineName,
  setContours,
  useContours,
} from '../../../state/contours.ts';
import { useView } from '../../../state/view.ts';
import { text } from '../../../text.ts';
import { outlineStyle } from '../../../viewer/contourColours.ts';
import { labelPaint } from '../../../viewer/labelColours.ts';
import { curvePath, indexAt, pointX } from '../../align/curveShape.ts';

const WIDTH = 300;
const HEIGHT = 96;
const PAGE = 10;
const words = text.contours;

interface Line {
  readonly key: string;
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly color: string;
  readonly dashes: string | undefined;
}

/** How well the outlines agree, slice by slice; a click or an arrow key goes to the slice. */
export function ContourCurve(): ReactNode {
  const { outlines, compared, curveOfTruth } = useContours(
    useShallow(({ outlines, compared, curveOfTruth }) => ({ outlines, compared, curveOfTruth })),
  );
  const focus = useView((view) => view.focusLps);
  const id = useId();
  const base = baseOutline(outlines);
  if (compared === null || base === undefined) return null;
  const { slices, truthMl } = compared.result;
  const ofTruth = truthMl !== null && curveOfTruth;
  const lines = outlines.flatMap((outline, place): Line[] => {
    if (!ofTruth && (outline.image === base.image || !isMeasured(compared, base))) return [];
    if (!isMeasured(compared, outline)) return [];
    const agreed = agreementBetween(compared, outline.image, ofTruth ? 'truth' : base.image);
    if (agreed === undefined) return [];
    const { color, dashes } = outlineStyle(place);
    const name = outlineName(outline);
    return [
      {
        key: outline.image,
        name,
        values: agreed.curve,
        color: labelPaint(color),
        dashes: dashes.length === 0 ? undefined : dashes.join(' '),
      },
    ];
  });
  if (slices.length === 0 || (lines.length === 0 && truthMl === null)) return null;
  const shown = focus === null ? 0 : nearestSlice(slices, focus);
  const x = pointX(shown, slices.length, WIDTH);
  const value = words.curveValue(
    shown + 1,
    slices.length,
    lines.map(({ name, values }) => words.curveOne(name, values[shown] ?? null)),
  );
  const onKey = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowRight: shown + 1,
      ArrowUp: shown + 1,
      ArrowLeft: shown - 1,
      ArrowDown: shown - 1,
      PageUp: shown + PAGE,
      PageDown: shown - PAGE,
      Home: 0,
      End: slices.length - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    goToSlice(next);
  };
  return (
    <section className="field" aria-label={words.curve}>
      <span className="field-label">{words.curve}</span>
      {truthMl !== null && (
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={words.curveAgainst}
          value={ofTruth ? 'truth' : 'base'}
          data={[
            { value: 'base', label: words.caption(outlineName(base)) },
            { value: 'truth', label: words.caption(words.truthName) },
          ]}
          onChange={(chosen) => setContours({ curveOfTruth: chosen === 'truth' })}
        />
      )}
      <div
        className="curve contour-curve"
        role="slider"
        tabIndex={0}
        aria-label={words.curve}
        aria-valuemin={1}
        aria-valuemax={slices.length}
        aria-valuenow={shown + 1}
        aria-valuetext={value}
        aria-describedby={id}
        onKeyDown={onKey}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          goToSlice(indexAt(event.clientX - box.left, slices.length, box.width));
        }}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {[0.25, 0.5, 0.75].map((share) => (
            <line
              key={share}
              className="curve-grid"
              x1={0}
              x2={WIDTH}
              y1={share * HEIGHT}
              y2={share * HEIGHT}
            />
          ))}
          <line className="curve-now" x1={x} x2={x} y1={0} y2={HEIGHT} />
          {lines.map(({ key, values, color, dashes }) => (
            <g key={key} stroke={color} data-curve={key}>
              <path
                className="contour-curve-line"
                d={curvePath(values, WIDTH, HEIGHT, 1)}
                strokeDasharray={dashes}
              />
              {values.map((dice, n) =>
                // A slice between two without an outline has no line of its own.
                dice === null || values[n - 1] != null || values[n + 1] != null ? null : (
                  <path
                    // biome-ignore lint/suspicious/noArrayIndexKey: it is the n-th slice
                    key={n}
                    className="contour-curve-line dot"
                    d={`M${pointX(n, values.length, WIDTH)} ${HEIGHT * (1 - dice)}h0.01`}
                  />
                ),
              )}
            </g>
          ))}
        </svg>
        <span className="curve-tick top" aria-hidden="true">
          1
        </span>
        <span className="curve-tick bottom" aria-hidden="true">
          0
        </span>
      </div>
      <p className="small numbers" data-slice-values>
        {value}
      </p>
      <p className="dim small" id={id}>
        {words.curveHint}
      </p>
    </section>
  );
}
