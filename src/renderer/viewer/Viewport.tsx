import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Grid } from '../../core/volume/grid.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import { MeasureLayer } from '../measure/MeasureLayer.tsx';
import type { Cell } from '../state/cells.ts';
import { type Column, columnId, groupOf } from '../state/columns.ts';
import { setView, useView } from '../state/view.ts';
import {
  cellFocus,
  cellGrid,
  cellPan,
  cellZoom,
  columnWindow,
  displayedColumn,
  toggleMaximised,
} from '../state/viewActions.ts';
import { text } from '../text.ts';
import { BrushRing } from './BrushRing.tsx';
import { CellMenu } from './CellMenu.tsx';
import { Compared, comparedColumn, useBlink } from './Compared.tsx';
import { ContourLayer } from './ContourLayer.tsx';
import { Crosshair } from './Crosshair.tsx';
import { planeCamera, type ViewCamera, type ViewportSize } from './camera.ts';
import { onCellKey } from './cellKeys.ts';
import { colourTable } from './colourMaps.ts';
import { GapOverlay } from './GapOverlay.tsx';
import { LabelmapLayer } from './LabelmapLayer.tsx';
import { Labels } from './Labels.tsx';
import { Magnifier } from './Magnifier.tsx';
import { PictureLayer } from './PictureLayer.tsx';
import { sliceAt, type ViewPlane, viewPlanes } from './planes.ts';
import { usePointer } from './usePointer.ts';

interface ViewportProps {
  readonly cell: Cell;
  /** In the first row, where the series are named. */
  readonly top: boolean;
}

/** What a cell shows and from where. */
export interface CellScene {
  readonly cell: Cell;
  readonly column: Column | undefined;
  readonly base: Grid | undefined;
  readonly plane: ViewPlane | undefined;
  readonly focus: Vec3 | null;
  readonly camera: ViewCamera | undefined;
  /** Another image lies over the column's, or the difference of the two. */
  readonly isCompared: boolean;
}

/** One plane of one series. */
export function Viewport({ cell, top }: ViewportProps): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  const view = useView(
    useShallow((state) => ({
      showOriginal: state.showOriginal,
      focus: cellFocus(state, cell.id),
      zoom: cellZoom(state, cell.id),
      pan: cellPan(state, cell.id, cell.plane),
      linked: state.linked,
      smooth: state.smooth,
      windows: state.windows,
      colourMaps: state.colourMaps,
      inverted: state.inverted,
      volumes: state.volumes,
      magnifier: state.magnifier,
      labelmap: state.labelmap,
      comparison: state.comparison,
    })),
  );
  const active = useView((state) => state.active === cell.id);
  const column = displayedColumn(cell, view);
  const state = column === undefined ? undefined : view.volumes[column.key];
  const volume = state?.status === 'ready' ? state.volume : undefined;
  const base = cellGrid(column);
  const plane = base === undefined ? undefined : viewPlanes(base)[cell.plane];
  const camera =
    plane === undefined || base === undefined || view.focus === null || size.width < 2 || size.height < 2
      ? undefined
      : planeCamera(base, plane, view.focus, view.zoom, view.pan, size);
  const isCompared =
    column !== undefined &&
    !view.showOriginal &&
    view.comparison.mode !== 'off' &&
    columnId(column) === view.comparison.first;
  const scene: CellScene = { cell, column, base, plane, focus: view.focus, camera, isCompared };
  const window = column === undefined ? undefined : columnWindow(column);
  const group = column === undefined ? '' : groupOf(column);
  const colours = colourTable(view.colourMaps[group] ?? 'grey', view.inverted.includes(group));
  usePointer(element, scene);

  const slice =
    volume === undefined || plane === undefined || view.focus === null
      ? undefined
      : sliceAt(volume.grid, plane, view.focus);
  const sliceNumber = slice === undefined ? undefined : Math.round(slice.index) + 1;
  const sliceText =
    slice === undefined || sliceNumber === undefined ? '–' : text.viewer.slice(sliceNumber, slice.count);
  const away = useBlink(view.comparison, isCompared);
  // The words follow what is seen.
  const named = away ? comparedColumn(view.comparison) : column;
  // Blinking shows one image at a time, every other comparison parts of two, or both in one.
  const beside = isCompared && view.comparison.mode !== 'blink' ? comparedColumn(view.comparison) : undefined;
  const name =
    named === undefined
      ? text.viewer.emptyCell
      : `${text.columns[named.kind]}, ${named.title}${named.note === undefined ? '' : `, ${named.note}`}`;
  return (
    <div
      ref={element}
      className={active ? 'viewport active' : 'viewport'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls the focused image
      tabIndex={0}
      role="application"
      aria-label={text.viewer.viewport(name, text.planes[cell.plane], sliceText)}
      data-cell={cell.id}
      data-column={cell.column?.kind}
      data-shown={named?.kind}
      data-plane={cell.plane}
      data-slice={sliceNumber ?? ''}
      data-ready={volume !== undefined}
      onFocus={() => setView({ active: cell.id })}
      onPointerEnter={() => setView({ active: cell.id })}
      onKeyDown={(event) => onCellKey(event, scene)}
      onDoubleClick={(event) => {
        if (event.target instanceof Element && event.target.closest('.cell-control') !== null) return;
        if (!event.defaultPrevented) toggleMaximised(cell.id);
      }}
    >
      <PictureLayer
        id={`${cell.id}-first`}
        volumeKey={volume === undefined ? undefined : column?.key}
        camera={camera}
        window={window}
        colours={colours}
        smooth={view.smooth}
      />
      {isCompared && <Compared scene={scene} comparison={view.comparison} smooth={view.smooth} away={away} />}
      {view.labelmap !== null && camera !== undefined && (
        <LabelmapLayer labelmap={view.labelmap} camera={camera} />
      )}
      {camera !== undefined && (
        <ContourLayer column={named} beside={beside} camera={camera} focus={view.focus} />
      )}
      {volume !== undefined && camera !== undefined && <GapOverlay volume={volume} camera={camera} />}
      {camera !== undefined && view.focus !== null && (
        <Crosshair cell={cell.id} camera={camera} focus={view.focus} />
      )}
      {camera !== undefined && <MeasureLayer cell={cell.id} camera={camera} column={named} />}
      {camera !== undefined && <BrushRing cell={cell.id} camera={camera} />}
      {slice !== undefined && !slice.inside && <span className="outside">{text.viewer.outside}</span>}
      {/* Below the labels: what says that an image is enhanced is never covered. */}
      {view.magnifier && camera !== undefined && volume !== undefined && window !== undefined && (
        <Magnifier scene={scene} window={window} colours={colours} />
      )}
      <Labels
        scene={scene}
        column={named}
        beside={beside}
        sliceText={sliceText}
        top={top}
        window={named === undefined ? undefined : columnWindow(named)}
      />
      <CellMenu cell={cell} />
      <Loading state={state} empty={column === undefined} />
    </div>
  );
}

function useSize(element: { readonly current: HTMLDivElement | null }): ViewportSize {
  const [size, setSize] = useState<ViewportSize>({ width: 0, height: 0 });
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      setSize({ width: current.clientWidth, height: current.clientHeight });
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

function Loading(props: {
  readonly state: ReturnType<typeof useView.getState>['volumes'][string] | undefined;
  readonly empty: boolean;
}): ReactNode {
  const { state, empty } = props;
  if (empty) return <div className="viewport-note dim">{text.viewer.emptyCell}</div>;
  if (state?.status === 'failed') {
    return (
      <div className="viewport-note" role="alert">
        {state.error.message}
        {state.error.hint !== undefined && <span className="dim"> {state.error.hint}</span>}
      </div>
    );
  }
  if (state?.status === 'ready') return null;
  const share =
    state?.status === 'loading' && state.total > 0
      ? ` ${Math.round((100 * state.done) / state.total)} %`
      : '';
  return <div className="viewport-note dim">{`${text.viewer.loading}${share}`}</div>;
}
