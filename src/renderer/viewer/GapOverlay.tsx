import { type ReactNode, useId } from 'react';
import type { ShownVolume } from '../state/view.ts';
import { text } from '../text.ts';
import { lpsToScreen, type ViewCamera } from './camera.ts';
import { slabCut } from './planes.ts';

interface GapOverlayProps {
  readonly volume: ShownVolume;
  readonly camera: ViewCamera;
}

/** Covers slices that were not acquired. */
export function GapOverlay({ volume, camera }: GapOverlayProps): ReactNode {
  const hatch = `hatch${useId().replaceAll(/[^a-zA-Z0-9]/g, '')}`;
  if (volume.inventedSlices.length === 0) return null;
  const { width, height } = camera.size;
  const gaps = volume.inventedSlices
    .map((k) => ({
      k,
      points: slabCut(volume.grid, k, camera.plane, camera.centreLps).map((p) => lpsToScreen(camera, p)),
    }))
    .filter(({ points }) => points.length > 2);
  if (gaps.length === 0) return null;
  return (
    <svg className="overlay gaps" width={width} height={height} aria-hidden="true">
      <defs>
        <pattern id={hatch} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="8" height="8" className="hatch-ground" />
          <line x1="0" y1="0" x2="0" y2="8" className="hatch-line" />
        </pattern>
      </defs>
      {gaps.map(({ k, points }) => (
        <Gap key={k} points={points} hatch={hatch} size={camera.size} />
      ))}
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
