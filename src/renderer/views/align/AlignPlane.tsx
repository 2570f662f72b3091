import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Grid, gridCentre } from '../../../core/volume/grid.ts';
import { scale } from '../../../core/volume/vec.ts';
import { useAlign } from '../../state/align.ts';
import { transformOfPosition } from '../../state/alignActions.ts';
import { type DisplayWindow, setView, useView } from '../../state/view.ts';
import { groupWindow, readyVolume } from '../../state/viewActions.ts';
import { text } from '../../text.ts';
import { planeCamera, type ViewportSize } from '../../viewer/camera.ts';
import { orientationLetters, planePosition, sliceAt, type ViewPlane } from '../../viewer/planes.ts';
import { voxelsOf } from '../../viewer/voxelStore.ts';
import { sampleLayers } from './layers.ts';
import { MoveHandles } from './MoveHandles.tsx';
import { drawOverlay, parseColour } from './overlayPicture.ts';
import { useAlignPointer } from './useAlignPointer.ts';

interface AlignPlaneProps {
  readonly plane: ViewPlane;
  /** The target's. */
  readonly base: Grid;
  readonly targetKey: string;
  readonly referenceKey: string;
  readonly names: { readonly target: string; readonly reference: string };
}

/** Pixels of a picture at most, across: the processor draws it, at every step of a drag. */
const MOST_COLUMNS = 480;
const COLUMNS_WHILE_MOVING = 220;

/** One plane of the overlay. */
export function AlignPlane({ plane, base, targetKey, referenceKey, names }: AlignPlaneProps): ReactNode {
  const cell = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<ViewportSize>({ width: 0, height: 0 });
  const [moving, setMoving] = useState(false);
  const focus = useView((view) => view.focusLps);
  const zoom = useView((view) => view.zoom);
  const pan = useView((view) => view.panMm[plane.name]);
  const windows = useView((view) => view.windows);
  const active = useView((view) => view.active === `align-${plane.name}`);
  const align = useAlign();
  const camera =
    focus === null || size.width < 2 || size.height < 2
      ? undefined
      : planeCamera(base, plane, focus, zoom, pan, size);

  useEffect(() => {
    const element = cell.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    const target = voxelsOf(targetKey);
    const reference = voxelsOf(referenceKey);
    if (element === null || camera === undefined || target === undefined || reference === undefined) return;
    const draw = (): void => {
      const most = moving ? COLUMNS_WHILE_MOVING : MOST_COLUMNS;
      const columns = Math.max(1, Math.min(most, Math.round(camera.size.width)));
      const transform = transformOfPosition(align.position, gridCentre(base));
      const layers = sampleLayers(target, reference, transform, camera, columns);
      element.width = layers.columns;
      element.height = layers.rows;
      const context = element.getContext('2d');
      if (context === null) return;
      const image = context.createImageData(layers.columns, layers.rows);
      const style = getComputedStyle(element);
      const colour = (name: string) => parseColour(style.getPropertyValue(name));
      const mmPerPixel = (camera.mmPerPixel * camera.size.width) / columns;
      const shown = {
        target: limits(windows.target ?? groupWindow('target') ?? readyVolume(targetKey)?.window),
        reference: limits(windows.reference ?? groupWindow('reference') ?? readyVolume(referenceKey)?.window),
      };
      const options = {
        overlay: align.overlay,
        blend: align.blend,
        swipe: align.swipe,
        fieldPx: Math.max(2, align.fieldMm / mmPerPixel),
        edgesOf: align.edgesOf,
        colours: align.coloured
          ? { target: colour('--tm-overlay-target'), reference: colour('--tm-overlay-reference') }
          : undefined,
        edgeColour: colour('--tm-overlay-edge'),
      };
      drawOverlay(layers, shown, options, image.data);
      context.putImageData(image, 0, 0);
    };
    // Several changes before the next frame are one picture.
    const frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  });

  useAlignPointer(cell, camera, base, setMoving);

  const slice = focus === null ? undefined : sliceAt(base, plane, focus);
  const sliceText = slice === undefined ? '–' : text.viewer.slice(Math.round(slice.index) + 1, slice.count);
  const place = focus === null ? undefined : planePosition(plane, focus);
  return (
    <div
      ref={cell}
      className={active ? 'viewport active' : 'viewport'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll and move what is shown in the focused plane
      tabIndex={0}
      role="application"
      aria-label={text.align.plane(text.planes[plane.name], sliceText, names.target, names.reference)}
      data-align-plane={plane.name}
      data-slice={slice === undefined ? '' : Math.round(slice.index) + 1}
      onFocus={() => setView({ active: `align-${plane.name}` })}
      onPointerEnter={() => setView({ active: `align-${plane.name}` })}
    >
      <canvas ref={canvas} className="align-picture" aria-hidden />
      {camera !== undefined && align.overlay === 'swipe' && (
        <div className="align-swipe" style={{ left: `${100 * align.swipe}%` }} aria-hidden />
      )}
      {camera !== undefined && align.adjusting && <MoveHandles camera={camera} centre={gridCentre(base)} />}
      <div className="labels" aria-hidden>
        <div className="label top-left">
          <span className="label-title">
            <span className="role target">{text.columns.target}</span>
            <span className="label-series">{names.target}</span>
          </span>
          <span className="label-title">
            <span className="role reference">{text.columns.reference}</span>
            <span className="label-series">{names.reference}</span>
          </span>
        </div>
        <span className="letter letter-left">{orientationLetters(scale(plane.right, -1))}</span>
        <span className="letter letter-right">{orientationLetters(plane.right)}</span>
        <span className="letter letter-top">{orientationLetters(scale(plane.down, -1))}</span>
        <span className="letter letter-bottom">{orientationLetters(plane.down)}</span>
        <div className="label bottom-left numbers">
          <span>{text.planes[plane.name]}</span>
          <span>
            {sliceText}
            {place !== undefined && `   ${place.letter} ${place.mm.toFixed(1)} ${text.units.mm}`}
          </span>
        </div>
      </div>
    </div>
  );
}

function limits(window: DisplayWindow | undefined): { lower: number; upper: number } {
  if (window === undefined) return { lower: 0, upper: 1 };
  return { lower: window.center - window.width / 2, upper: window.center + window.width / 2 };
}
