import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Grid } from '../../core/volume/grid.ts';
import type { Column } from '../state/columns.ts';
import { type PlaneName, setView, useView, windowGroup } from '../state/view.ts';
import { groupVolume, setLayout } from '../state/viewActions.ts';
import { text } from '../text.ts';
import { cornerstoneCamera, planeCamera, type ViewCamera, type ViewportSize } from './camera.ts';
import { createViewport, type ViewportHandle } from './engine.ts';
import { GapOverlay } from './GapOverlay.tsx';
import { Labels } from './Labels.tsx';
import { sliceAt, type ViewPlane } from './planes.ts';
import { usePointer } from './usePointer.ts';

interface ViewportProps {
  readonly column: Column;
  readonly planeName: PlaneName;
  readonly plane: ViewPlane | undefined;
  /** The grid that the planes lie along. */
  readonly base: Grid | undefined;
  /** In the first row, where the series are named. */
  readonly top: boolean;
}

/** One plane of one series. */
export function Viewport({ column, planeName, plane, base, top }: ViewportProps): ReactNode {
  const cell = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  const handle = useRef<ViewportHandle | undefined>(undefined);
  const [size, setSize] = useState<ViewportSize>({ width: 0, height: 0 });
  const state = useView((view) => view.volumes[column.key]);
  const focus = useView((view) => view.focusLps);
  const zoom = useView((view) => view.zoom);
  const pan = useView((view) => view.panMm[planeName]);
  const group = windowGroup(column.kind);
  const chosenWindow = useView((view) => view.windows[group]);
  const smooth = useView((view) => view.smooth);
  const active = useView((view) => view.active?.column === column.kind && view.active.plane === planeName);
  const volume = state?.status === 'ready' ? state.volume : undefined;

  const camera: ViewCamera | undefined =
    plane === undefined || base === undefined || focus === null || size.width < 2 || size.height < 2
      ? undefined
      : planeCamera(base, plane, focus, zoom, pan, size);
  const window = chosenWindow ?? groupVolume(group)?.window ?? volume?.window;

  useEffect(() => {
    const element = picture.current;
    if (element === null) return;
    const viewport = createViewport(`${column.kind}-${planeName}`, element);
    handle.current = viewport;
    const observer = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight });
      viewport.resize();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      viewport.destroy();
      handle.current = undefined;
    };
  }, [column.kind, planeName]);

  useEffect(() => {
    if (camera === undefined || volume === undefined || window === undefined) {
      handle.current?.show(undefined);
      return;
    }
    handle.current?.show({
      key: column.key,
      camera: cornerstoneCamera(camera),
      lower: window.center - window.width / 2,
      upper: window.center + window.width / 2,
      smooth,
    });
  });

  usePointer(cell, column.kind, camera, volume?.grid);

  const slice =
    volume === undefined || plane === undefined || focus === null
      ? undefined
      : sliceAt(volume.grid, plane, focus);
  const sliceText = slice === undefined ? '–' : text.viewer.slice(Math.round(slice.index) + 1, slice.count);
  const name = `${text.columns[column.kind]}, ${column.title}${column.note === undefined ? '' : `, ${column.note}`}`;
  return (
    <div
      ref={cell}
      className={active ? 'viewport active' : 'viewport'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls the focused image
      tabIndex={0}
      role="application"
      aria-label={text.viewer.viewport(name, text.planes[planeName], sliceText)}
      data-column={column.kind}
      data-plane={planeName}
      data-slice={slice === undefined ? '' : Math.round(slice.index) + 1}
      data-ready={volume !== undefined}
      onFocus={() => setView({ active: { column: column.kind, plane: planeName } })}
      onPointerEnter={() => setView({ active: { column: column.kind, plane: planeName } })}
      onDoubleClick={() => setLayout(useView.getState().layout === 'all' ? planeName : 'all')}
    >
      <div ref={picture} className="picture" aria-hidden />
      {volume !== undefined && camera !== undefined && focus !== null && (
        <GapOverlay volume={volume} camera={camera} focus={focus} />
      )}
      {slice !== undefined && !slice.inside && <span className="outside">{text.viewer.outside}</span>}
      <Labels
        column={column}
        plane={plane}
        planeName={planeName}
        sliceText={sliceText}
        top={top}
        window={window}
        focus={focus}
      />
      <Loading state={state} />
    </div>
  );
}

function Loading({
  state,
}: {
  readonly state: ReturnType<typeof useView.getState>['volumes'][string] | undefined;
}): ReactNode {
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
