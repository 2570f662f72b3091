import { type ReactNode, useId } from 'react';
import type { ShownVolume } from '../state/view.ts';
import { text } from '../text.ts';
import { lpsToScreen, type ViewCamera } from './camera.ts';
import { runsOf, slabCut } from './planes.ts';

interface GapOverlayProps {
  readonly volume: ShownVolume;
  readonly camera: ViewCamera;
}

/** Covers slices that were not acquired, or are not computed yet. */
export function GapOverlay({ volume, camera }: GapOverlayProps): ReactNode {
  const hatch = `hatch${useId().replaceAll(/[^a-zA-Z0-9]/g, '')}`;
  const runs = [
    ...runsOf(volume.inventedSlices).map((run) => ({ ...run, words: text.viewer.notAcquired })),
    ...runsOf(volume.pendingSlices ?? []).map((run) => ({ ...run, words: text.viewer.notComputed })),
  ];
  if (runs.length === 0) return null;
  const { width, height } = camera.size;
  const gaps = runs
    .map((run) => ({
      ...run,
      points: slabCut(volume.grid, run, camera.plane, camera.centreLps).map((p) => lpsToScreen(camera, p)),
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
      {gaps.map(({ from, to, points, words }) => (
        <Gap
          key={`${words} ${from}`}
          points={points}
          hatch={hatch}
          size={camera.size}
          words={words}
          slices={to - from + 1}
        />
      ))}
    </svg>
  );
}

function Gap(props: {
  readonly points: readonly (readonly [number, number])[];
  readonly hatch: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly words: string;
  readonly slices: number;
}): ReactNode {
  const { points, hatch, size, words, slices } = props;
  const xs = points.map(([px]) => px);
  const ys = points.map(([, py]) => py);
  const left = Math.max(Math.min(...xs), 0);
  const right = Math.min(Math.max(...xs), size.width);
  const top = Math.min(...ys);
  const bottom = Math.max(...ys);
  const place = gapTextPlace(left, right, Math.max(top, 0), Math.min(bottom, size.height));
  return (
    <g className="gap" data-gap={slices}>
      <polygon points={points.map((point) => point.join(',')).join(' ')} fill={`url(#${hatch})`} />
      <text x={place.x} y={place.y} className={`gap-text ${place.kind}`}>
        {words}
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
