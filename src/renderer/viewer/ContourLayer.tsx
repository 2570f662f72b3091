import { type ReactNode, useEffect, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Vec3 } from '../../core/volume/vec.ts';
import type { Column } from '../state/columns.ts';
import { useContours } from '../state/contours.ts';
import { contourVoxels } from '../state/contourVoxels.ts';
import type { ViewCamera } from './camera.ts';
import { contourCut, onScreen } from './contourPaths.ts';
import { type DrawnOutline, drawnOutlines } from './drawnOutlines.ts';
import { labelPaint } from './labelColours.ts';
import { screenContext } from './latticeImage.ts';

const LINE_PX = 1.5;
/** Long outlines on a canvas of the graphics memory take a fifth of a second where no graphics card draws them. */
const IN_MEMORY = { willReadFrequently: true } as const;
/** Below every line: it is seen on bright images as on dark ones. */
const SHADOW_PX = 3.5;
const SHADOW_SHARE = 0.65;
const FILL_SHARE = 0.35;

/** The outlines that were found, over an image; `ContourLegend` says what they are. */
export function ContourLayer(props: {
  readonly column: Column | undefined;
  /** The image that is seen with it, where two are compared. */
  readonly beside: Column | undefined;
  readonly camera: ViewCamera;
  readonly focus: Vec3 | null;
}): ReactNode {
  const { column, beside, camera, focus } = props;
  const state = useContours(
    useShallow(({ outlines, shown, mode, label, opacity, filled }) => ({
      outlines,
      shown,
      mode,
      label,
      opacity,
      filled,
    })),
  );
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = drawnOutlines(state, column, beside);

  useEffect(() => {
    const element = canvas.current;
    if (element === null || focus === null) return;
    const context = screenContext(element, camera.size, IN_MEMORY);
    if (context === undefined) return;
    const cuts = drawn.flatMap((one) => cutOf(one, camera, focus));
    // All shadows first: none may lie on another outline's line.
    for (const cut of cuts) drawGround(context, cut, state);
    for (const cut of cuts) drawLine(context, cut, state.opacity);
    context.globalAlpha = 1;
  });

  if (drawn.length === 0) return null;
  return <canvas ref={canvas} className="contours" data-contours={drawn.length} aria-hidden />;
}

interface Cut {
  readonly path: Path2D;
  readonly color: string;
  readonly dashes: readonly number[];
}

/** Where a plane cuts an outline, on the screen. */
function cutOf(
  { outline, labels, colorOf, dashes }: DrawnOutline,
  camera: ViewCamera,
  focus: Vec3,
): readonly Cut[] {
  const voxels = contourVoxels(outline.image);
  if (voxels === undefined) return [];
  const cut = contourCut(outline.revision, voxels, camera, focus, labels);
  if (cut === undefined) return [];
  return cut.paths.map(({ label, path }) => ({
    path: onScreen(path, cut.lattice, camera),
    color: labelPaint(colorOf(label)),
    dashes,
  }));
}

function drawGround(
  context: CanvasRenderingContext2D,
  { path, color }: Cut,
  { opacity, filled }: { readonly opacity: number; readonly filled: boolean },
): void {
  if (filled) {
    context.globalAlpha = FILL_SHARE * opacity;
    context.fillStyle = color;
    context.fill(path);
  }
  context.globalAlpha = SHADOW_SHARE * opacity;
  context.setLineDash([]);
  context.lineJoin = 'miter';
  context.lineWidth = SHADOW_PX;
  context.strokeStyle = '#000';
  context.stroke(path);
}

function drawLine(context: CanvasRenderingContext2D, { path, color, dashes }: Cut, opacity: number): void {
  context.globalAlpha = opacity;
  context.setLineDash([...dashes]);
  context.lineWidth = LINE_PX;
  context.strokeStyle = color;
  context.stroke(path);
}
