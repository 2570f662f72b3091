import { type ReactNode, useEffect, useRef } from 'react';
import { useContours } from '../state/contours.ts';
import { isCorrecting, useView } from '../state/view.ts';
import { cellFocus } from '../state/viewActions.ts';
import { lpsToScreen, type ViewCamera } from './camera.ts';
import { followPointer } from './pointerPlace.ts';

/**
 * What the brush would paint now, at its true size: round the pointer, and in the cell of the keyboard, where no
 * pointer is in any, round the crosshair.
 */
export function BrushRing(props: { readonly cell: string; readonly camera: ViewCamera }): ReactNode {
  const { cell, camera } = props;
  const correcting = useView((view) => isCorrecting(view.tool));
  const eraser = useView((view) => view.tool === 'eraser');
  const radius = useContours((state) => state.brushMm) / camera.mmPerPixel;
  const ring = useRef<SVGGElement>(null);

  useEffect(() => {
    if (!correcting) return;
    return followPointer((place) => {
      const view = useView.getState();
      const focus = cellFocus(view, cell);
      const at =
        place?.cell === cell
          ? ([place.x, place.y] as const)
          : place === undefined && view.active === cell && focus !== null
            ? lpsToScreen(camera, focus)
            : undefined;
      const element = ring.current;
      if (element === null) return;
      element.setAttribute('visibility', at === undefined ? 'hidden' : 'visible');
      if (at !== undefined) element.setAttribute('transform', `translate(${at[0]} ${at[1]})`);
    });
  });

  if (!correcting) return null;
  const { width, height } = camera.size;
  return (
    <svg className="brush-ring" width={width} height={height} aria-hidden="true" data-radius={radius}>
      <g ref={ring} visibility="hidden">
        <circle className="brush-shadow" r={radius} />
        <circle className={eraser ? 'brush-line eraser' : 'brush-line'} r={radius} />
      </g>
    </svg>
  );
}
