import { type PointerEvent, type ReactNode, useState } from 'react';
import type { Measurement } from '../../core/volume/measurement.ts';
import { measurementSection } from '../../core/volume/measurementSection.ts';
import { addScaled, dot, subtract, type Vec3 } from '../../core/volume/vec.ts';
import type { Column } from '../state/columns.ts';
import { type Draft, useMeasurements } from '../state/measurements.ts';
import { useView } from '../state/view.ts';
import { readyVolume } from '../state/viewActions.ts';
import { lpsToScreen, screenToLps, type ViewCamera } from '../viewer/camera.ts';
import { axisThrough } from '../viewer/planes.ts';
import { isMeasuring, movePoints, selectMeasurement } from './measureActions.ts';
import { sizeWords, valueWords } from './measuredWords.ts';

interface MeasureLayerProps {
  readonly cell: string;
  readonly camera: ViewCamera;
  readonly column: Column | undefined;
}

/** What was measured, in every cell whose plane goes through it. */
export function MeasureLayer({ cell, camera, column }: MeasureLayerProps): ReactNode {
  const items = useMeasurements((state) => state.items);
  const selected = useMeasurements((state) => state.selected);
  const draft = useMeasurements((state) => (state.draft?.cell === cell ? state.draft : null));
  const showLabels = useView((view) => view.showLabels);
  const selectable = useView((view) => !isMeasuring(view.tool));
  if ((items.length === 0 && draft === null) || !showLabels) return null;
  const { width, height } = camera.size;
  return (
    <svg
      className={selectable ? 'overlay measurements selectable' : 'overlay measurements'}
      width={width}
      height={height}
      aria-hidden="true"
    >
      {items.map((measurement) => (
        <Drawn
          key={measurement.id}
          measurement={measurement}
          camera={camera}
          column={column}
          selected={measurement.id === selected}
        />
      ))}
      {draft !== null && <Drawing draft={draft} camera={camera} />}
    </svg>
  );
}

/** Half the thickness of the slice that a camera shows of an image, mm. */
function reach(column: Column | undefined, camera: ViewCamera): number {
  const grid = column === undefined ? undefined : readyVolume(column.key)?.grid;
  return grid === undefined ? 0.5 : grid.spacingMm[axisThrough(grid, camera.plane)] / 2;
}

function Drawn(props: {
  readonly measurement: Measurement;
  readonly camera: ViewCamera;
  readonly column: Column | undefined;
  readonly selected: boolean;
}): ReactNode {
  const { measurement, camera, column, selected } = props;
  const [moved, setMoved] = useState<readonly Vec3[] | null>(null);
  const shown = moved === null ? measurement : { ...measurement, pointsLps: moved };
  const section = measurementSection(shown, camera.plane.normal, camera.centreLps, reach(column, camera));
  if (section === undefined) return null;
  const screen = (point: Vec3): string => lpsToScreen(camera, point).map(round).join(',');
  const words = [
    measurement.name,
    sizeWords(shown),
    column === undefined || moved !== null ? '' : valueWords(shown, column.key),
  ]
    .filter((part) => part !== '')
    .join('  ');
  // Where a plane only cuts through, words would crowd a few pixels.
  const anchor =
    section.whole || selected
      ? labelPlace([...section.lines.flat(), ...section.dots], camera, words)
      : undefined;
  const select = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.stopPropagation();
    selectMeasurement(measurement.id);
  };
  return (
    <g
      className={`measurement${selected ? ' selected' : ''}${section.whole ? '' : ' cut'}`}
      data-measurement={measurement.name}
      data-whole={section.whole}
    >
      {section.lines.map((line) => {
        const points = line.map(screen).join(' ');
        const Shape = section.closed ? 'polygon' : 'polyline';
        return <Shape key={points} points={points} onPointerDown={select} />;
      })}
      {(measurement.kind === 'probe' ? measurement.pointsLps : section.dots).map((point) => {
        const [x, y] = lpsToScreen(camera, point);
        return (
          <circle
            key={screen(point)}
            className="dot"
            cx={round(x)}
            cy={round(y)}
            r={3}
            onPointerDown={select}
          />
        );
      })}
      {section.whole && selected && (
        <Handles
          points={shown.pointsLps}
          kind={measurement.kind}
          camera={camera}
          onMove={setMoved}
          onEnd={(points) => {
            setMoved(null);
            movePoints(measurement.id, points);
          }}
        />
      )}
      {anchor !== undefined && (
        <text x={anchor[0]} y={anchor[1]} className="measure-text">
          {words}
        </text>
      )}
    </g>
  );
}

const MOST_HANDLES = 12;

function Handles(props: {
  readonly points: readonly Vec3[];
  readonly kind: Measurement['kind'];
  readonly camera: ViewCamera;
  readonly onMove: (points: readonly Vec3[]) => void;
  readonly onEnd: (points: readonly Vec3[]) => void;
}): ReactNode {
  const { points, kind, camera, onMove, onEnd } = props;
  // A freehand outline has too many points to be moved singly: its first moves all of it.
  const together = kind === 'freehand';
  const place = (event: PointerEvent<SVGElement>, index: number): readonly Vec3[] => {
    const box = event.currentTarget.ownerSVGElement?.getBoundingClientRect();
    if (box === undefined) return points;
    const there = screenToLps(camera, event.clientX - box.left, event.clientY - box.top);
    const from = points[index]!;
    const shift = subtract(there, from);
    // The camera's plane may lie a little beside the measurement's own: it stays in its plane.
    const inPlane = addScaled(shift, camera.plane.normal, -dot(shift, camera.plane.normal));
    return points.map((point, n) => (together || n === index ? addScaled(point, inPlane, 1) : point));
  };
  return (
    <>
      {points.slice(0, together ? 1 : MOST_HANDLES).map((point, n) => {
        const [x, y] = lpsToScreen(camera, point);
        return (
          <circle
            // biome-ignore lint/suspicious/noArrayIndexKey: a handle is the n-th point, wherever it is
            key={n}
            className="handle"
            cx={round(x)}
            cy={round(y)}
            r={6}
            data-handle={n}
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              event.stopPropagation();
              event.currentTarget.setPointerCapture(event.pointerId);
            }}
            onPointerMove={(event) => {
              if (event.currentTarget.hasPointerCapture(event.pointerId)) onMove(place(event, n));
            }}
            onPointerUp={(event) => {
              if (event.currentTarget.hasPointerCapture(event.pointerId)) onEnd(place(event, n));
            }}
          />
        );
      })}
    </>
  );
}

/** The measurement as it would be with the next point. */
function Drawing({ draft, camera }: { readonly draft: Draft; readonly camera: ViewCamera }): ReactNode {
  const { kind, plane, pointsLps, nextLps } = draft;
  const measurement: Measurement = { id: '', name: '', kind, plane, pointsLps: [...pointsLps, nextLps] };
  const section = measurementSection(
    measurement,
    camera.plane.normal,
    camera.centreLps,
    Number.POSITIVE_INFINITY,
  );
  const points = (section?.lines[0] ?? [])
    .map((point) => lpsToScreen(camera, point).map(round).join(','))
    .join(' ');
  const words = sizeWords(measurement);
  const anchor = labelPlace(section?.lines[0] ?? [], camera, words);
  return (
    <g className="measurement drawing" data-drawing={kind}>
      <polyline points={points} />
      {pointsLps.length > 0 && kind !== 'freehand' && (
        <circle
          className="dot"
          cx={lpsToScreen(camera, pointsLps[0]!)[0]}
          cy={lpsToScreen(camera, pointsLps[0]!)[1]}
          r={3}
        />
      )}
      {anchor !== undefined && (
        <text x={anchor[0]} y={anchor[1]} className="measure-text">
          {words}
        </text>
      )}
    </g>
  );
}

/** Of the overlays' font, about. */
const LETTER_PX = 6.5;

/** Beside the rightmost point, or as near to it as the words stay in the cell. */
function labelPlace(
  points: readonly Vec3[],
  camera: ViewCamera,
  words: string,
): readonly [number, number] | undefined {
  const places = points.map((point) => lpsToScreen(camera, point));
  if (places.length === 0) return undefined;
  const [x, y] = places.reduce((best, place) => (place[0] > best[0] ? place : best));
  const { width, height } = camera.size;
  const most = Math.max(width - LETTER_PX * words.length - 4, 4);
  return [round(Math.min(x + 8, most)), round(Math.min(Math.max(y - 6, 14), height - 8))];
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}
