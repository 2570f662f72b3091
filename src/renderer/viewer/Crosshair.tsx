import { type ReactNode, useEffect, useRef } from 'react';
import type { Vec3 } from '../../core/volume/vec.ts';
import { useView } from '../state/view.ts';
import { lpsToScreen, type ViewCamera } from './camera.ts';
import { followPointer } from './pointerPlace.ts';

interface CrosshairProps {
  readonly cell: string;
  readonly camera: ViewCamera;
  readonly focus: Vec3;
}

/** Where all planes meet, and a mark at the place of the pointer in another cell. */
export function Crosshair({ cell, camera, focus }: CrosshairProps): ReactNode {
  const shown = useView((view) => view.showCrosshair);
  const mark = useRef<SVGGElement>(null);
  const { width, height } = camera.size;

  useEffect(() => {
    if (!shown) return;
    return followPointer((place) => {
      const element = mark.current;
      if (element === null) return;
      const elsewhere = place !== undefined && place.cell !== cell;
      element.setAttribute('visibility', elsewhere ? 'visible' : 'hidden');
      if (!elsewhere) return;
      const [x, y] = lpsToScreen(camera, place.lps);
      element.setAttribute('transform', `translate(${x} ${y})`);
    });
  }, [shown, camera, cell]);

  if (!shown) return null;
  const [x, y] = lpsToScreen(camera, focus);
  return (
    <svg className="overlay" width={width} height={height} aria-hidden="true">
      <g className="crosshair">
        <line x1={x} x2={x} y1={0} y2={y - 8} />
        <line x1={x} x2={x} y1={y + 8} y2={height} />
        <line y1={y} y2={y} x1={0} x2={x - 8} />
        <line y1={y} y2={y} x1={x + 8} x2={width} />
      </g>
      <g ref={mark} className="pointer-mark" visibility="hidden" data-pointer-mark="">
        <line x1={-7} x2={-2} y1={0} y2={0} />
        <line x1={2} x2={7} y1={0} y2={0} />
        <line y1={-7} y2={-2} x1={0} x2={0} />
        <line y1={2} y2={7} x1={0} x2={0} />
      </g>
    </svg>
  );
}
