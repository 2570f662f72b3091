import { type ReactNode, useId } from 'react';
import { addScaled, type Vec3 } from '../../core/volume/vec.ts';
import { type ShownVolume, useView } from '../state/view.ts';
import { text } from '../text.ts';
import { lpsToScreen, screenToLps, type ViewCamera } from './camera.ts';
import { slabCut } from './planes.ts';

interface GapOverlayProps {
  readonly volume: ShownVolume;
  readonly camera: ViewCamera;
  readonly focus: Vec3;
}

/** Covers slices that were not acquired, and draws the crosshair. */
export function GapOverlay({ volume, camera, focus }: GapOverlayProps): ReactNode {
  const crosshair = useView((view) => view.showCrosshair);
  const hatch = `hatch${useId().replaceAll(/[^a-zA-Z0-9]/g, '')}`;
  const { width, height } = camera.size;
  // The plane of the picture; the focus may lie elsewhere in it.
  const inPlane = screenToLps(camera, width / 2, height / 2);
  const gaps = volume.inventedSlices
    .map((k) => ({
      k,
      points: slabCut(volume.grid, k, camera.plane, inPlane).map((p) => lpsToScreen(camera, p)),
    }))
    .filter(({ points }) => points.length > 2);
  const [x, y] = lpsToScreen(camera, addScaled(focus, camera.plane.normal, 0));
  if (gaps.length === 0 && !crosshair) return null;
  return (
    <svg className="overlay" width={width} height={height} aria-hidden="true">
      <defs>
        <pattern id={hatch} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="8" height="8" className="hatch-ground" />
          <line x1="0" y1="0" x2="0" y2="8" className="hatch-line" />
        </pattern>
      </defs>
      {gaps.map(({ k, points }) => (
        <Gap key={k} points={points} hatch={hatch} size={camera.size} />
      ))}
      {crosshair && (
        <g className="crosshair">
          <line x1={x} x2={x} y1={0} y2={y - 8} />
          <line x1={x} x2={x} y1={y + 8} y2={height} />
          <line y1={y} y2={y} x1={0} x2={x - 8} />
          <line y1={y} y2={y} x1={x + 8} x2={width} />
        </g>
      )}
    </svg>
  );
}

function Gap(props: {
  readonly points: readonly (readonly [number, number])[];
  readonly hatch: string;
  readonly size: { readonly width: number; readonly height: number };
}): ReactNode {
  const { points, hatch, size } = props;
  const xs = points.map(([px]) => px);
  const ys = points.map(([, py]) => py);
  const left = Math.max(Math.min(...xs), 0);
  const right = Math.min(Math.max(...xs), size.width);
  const top = Math.min(...ys);
  const bottom = Math.max(...ys);
  const place = gapTextPlace(left, right, Math.max(top, 0), Math.min(bottom, size.height));
  return (
    <g className="gap" data-gap="">
      <polygon points={points.map((point) => point.join(',')).join(' ')} fill={`url(#${hatch})`} />
      <text x={place.x} y={place.y} className={`gap-text ${place.kind}`}>
        {text.viewer.notAcquired}
      </text>
    </g>
  );
}

/** In the middle of a large gap, above a lying band, beside a standing one; clear of the labels above. */
function gapTextPlace(
  left: number,
  right: number,
  top: number,
  bottom: number,
): { readonly x: number; readonly y: number; readonly kind: 'large' | 'small' | 'beside' } {
  const wide = right - left;
  const high = bottom - top;
  if (wide > 90 && high > 40) return { x: (left + right) / 2, y: (top + bottom) / 2, kind: 'large' };
  if (high > wide) return { x: right + 4, y: Math.max(top + 12, 56), kind: 'beside' };
  return { x: right - 24, y: Math.max(top - 3, 12), kind: 'small' };
}
