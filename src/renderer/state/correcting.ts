import { toErrorData } from '../../core/errors.ts';
import {
  changeBetween,
  changeOf,
  type LabelChange,
  paintVoxels,
  putChange,
  type Stroke,
  sameLabels,
  sweptVoxels,
} from '../../core/segmentation/paint.ts';
import type { GridSlice } from '../../core/segmentation/planeLabels.ts';
import { runsOf } from '../../core/segmentation/runs.ts';
import { type PatientPlane, planeLattice } from '../../core/volume/sampleAt.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import { text } from '../text.ts';
import { compareOutlines } from './contourActions.ts';
import { type Outline, outlineOf, setContours, setOutline, useContours } from './contours.ts';
import { type ContourVoxels, contourVoxels } from './contourVoxels.ts';
import { perform } from './history.ts';
import { isBusy } from './jobs.ts';
import { workstation } from './session.ts';
import { useApp } from './store.ts';
import type { CorrectingTool } from './view.ts';

/** Corrections in a row are measured once they have come to rest. */
const MEASURED_AFTER_MS = 800;
export const BRUSH_MM = { least: 0.5, most: 40, step: 1.25 } as const;

interface Drawing {
  readonly image: string;
  readonly voxels: ContourVoxels;
  readonly plane: PatientPlane;
  readonly slice: GridSlice;
  readonly tool: CorrectingTool;
  readonly label: number;
  readonly stroke: Stroke;
  last: Vec3;
}

let drawing: Drawing | undefined;

/**
 * Begins a stroke on the outline of an image, in the slice that is seen; one that was not ended is ended. Where
 * that cannot be, says why.
 * @param plane of the view; @param point where the pointer is, LPS mm
 * @param isCompared another image lies over this one, or the difference of the two
 */
export function beginStroke(
  tool: CorrectingTool,
  image: string | undefined,
  plane: PatientPlane,
  point: Vec3,
  isCompared = false,
): void {
  endStroke();
  const outline = image === undefined ? undefined : outlineOf(image);
  const voxels = image === undefined ? undefined : contourVoxels(image);
  const slice = voxels === undefined ? undefined : planeLattice(voxels.grid, plane, point)?.slice;
  const why = text.contours.brush;
  if (isSearching()) setContours({ brushNote: why.searching });
  else if (isCompared) setContours({ brushNote: why.compared });
  else if (outline === undefined || voxels === undefined) setContours({ brushNote: why.noOutline });
  else if (slice === undefined) setContours({ brushNote: why.noSlice });
  else if (slice.axis === 2 && voxels.inventedSlices.has(slice.index))
    setContours({ brushNote: why.notAcquired });
  else {
    setContours({ brushNote: null, shown: true });
    const label = tool === 'eraser' ? 0 : paintedLabel(outline);
    drawing = { image: outline.image, voxels, plane, slice, tool, label, stroke: new Map(), last: point };
    paintAlong([point]);
  }
}

/** While new outlines are looked for the old ones are about to go: nothing is painted on them. */
function isSearching(): boolean {
  return isBusy(useApp.getState().jobs.segment);
}

/** What the brush paints: the label that was chosen, else the model's first. */
export function paintedLabel({ found }: Pick<Outline, 'found'>): number {
  return useContours.getState().label ?? found.labels[0]?.value ?? 1;
}

/** While a stroke is drawn nothing is taken back: what it goes over must not change under it. */
export function isDrawing(): boolean {
  return drawing !== undefined;
}

/** Goes on with the stroke, where there is one; it ends where the view goes to another slice. */
export function strokeTo(point: Vec3): void {
  if (drawing === undefined) return;
  const { voxels, plane, slice } = drawing;
  const seen = planeLattice(voxels.grid, plane, point)?.slice;
  if (isSearching() || seen?.axis !== slice.axis || seen.index !== slice.index) {
    endStroke();
    return;
  }
  paintAlong([drawing.last, point]);
  drawing.last = point;
}

function paintAlong(path: readonly Vec3[]): void {
  if (drawing === undefined) return;
  const { image, voxels, slice, label, stroke } = drawing;
  const { grid, labels, inventedSlices } = voxels;
  const reached = sweptVoxels(grid, inventedSlices, slice, path, useContours.getState().brushMm);
  if (paintVoxels(labels, reached, label, stroke)) redraw(image);
}

/** Ends the stroke: one step that can be taken back. */
export function endStroke(): void {
  if (drawing === undefined) return;
  const { image, voxels, stroke, tool } = drawing;
  drawing = undefined;
  const change = changeOf(voxels.labels, stroke);
  const outline = outlineOf(image);
  if (change === undefined || outline === undefined) return;
  performChange(outline, voxels, change, text.contours.brush.steps[tool](outline.name));
}

/** Puts the labels back that the model found; that, too, can be taken back. */
export function backToFound(image: string): void {
  if (isSearching()) {
    setContours({ brushNote: text.contours.brush.searching });
    return;
  }
  const voxels = contourVoxels(image);
  const outline = outlineOf(image);
  if (voxels === undefined || outline === undefined) return;
  const change = changeBetween(voxels.labels, voxels.found);
  if (change !== undefined) {
    performChange(outline, voxels, change, text.contours.brush.steps.back(outline.name));
  }
}

function performChange({ image }: Outline, voxels: ContourVoxels, change: LabelChange, label: string): void {
  const put = (which: 'before' | 'after'): void => {
    // Taken back after another search, a step would change what it was not made on.
    if (contourVoxels(image) !== voxels) return;
    putChange(voxels.labels, change, which);
    redraw(image);
    setOutline(image, { isCorrected: !sameLabels(voxels.labels, voxels.found) });
    measureSoon();
  };
  perform({ label, apply: () => put('after'), revert: () => put('before') });
}

/** Every view draws the outline anew; what was measured of it is of another one. */
function redraw(image: string): void {
  const outline = outlineOf(image);
  if (outline !== undefined) setOutline(image, { revision: outline.revision + 1 });
}

let timer: ReturnType<typeof setTimeout> | undefined;

function measureSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(() => void measureCorrections(), MEASURED_AFTER_MS);
}

let handing: Promise<void> | undefined;

/** Hands corrections to the workstation and measures all outlines anew. Never rejects. */
export async function measureCorrections(): Promise<void> {
  clearTimeout(timer);
  // One after another: an older correction must not come after a newer one.
  handing = (handing ?? Promise.resolve()).then(handOver);
  await handing;
  if (useContours.getState().compareError === undefined) await compareOutlines();
}

async function handOver(): Promise<void> {
  setContours({ comparing: true, compareError: undefined });
  for (const { image, found, isCorrected, corrected, revision } of useContours.getState().outlines) {
    const voxels = contourVoxels(image);
    if (!isCorrected || corrected?.revision === revision || voxels === undefined) continue;
    try {
      const made = await workstation().call('segmentationCorrect', {
        id: found.id,
        runs: runsOf(voxels.labels),
      });
      if (contourVoxels(image) === voxels) setOutline(image, { corrected: { ...made, revision } });
    } catch (error) {
      setContours({ comparing: false, compareError: toErrorData(error) });
    }
  }
}

/** A wider or a narrower brush. */
export function setBrushMm(mm: number): void {
  const { least, most } = BRUSH_MM;
  setContours({ brushMm: Math.min(Math.max(Number(mm.toPrecision(2)), least), most) });
}
