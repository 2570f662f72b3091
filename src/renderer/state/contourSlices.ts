import { stackNormal } from '../../core/volume/sliceStack.ts';
import { addScaled, dot, normalize, subtract, type Vec3 } from '../../core/volume/vec.ts';
import { activeCell } from './cells.ts';
import { availableColumns } from './columns.ts';
import { useContours } from './contours.ts';
import { contourVoxels } from './contourVoxels.ts';
import { useApp } from './store.ts';
import { useView } from './view.ts';
import { cellFocus, moveFocus, readyVolume } from './viewActions.ts';

/** The direction in which slices follow each other: the target's normal, else along the slices themselves. */
function normalOf(slices: readonly Vec3[]): Vec3 | undefined {
  const target = availableColumns(useApp.getState()).find(({ kind }) => kind === 'target');
  const grid =
    (target === undefined ? undefined : readyVolume(target.key)?.grid) ??
    useContours.getState().outlines.map(({ image }) => contourVoxels(image)?.grid)[0];
  if (grid !== undefined) return stackNormal({ iAxisLps: grid.axesLps[0], jAxisLps: grid.axesLps[1] });
  const [first, last] = [slices[0], slices.at(-1)];
  return first === undefined || last === undefined ? undefined : normalize(subtract(last, first));
}

/** The slice, from 0, that a point of the patient lies in or is nearest to. */
export function nearestSlice(slices: readonly Vec3[], point: Vec3): number {
  const normal = normalOf(slices);
  if (normal === undefined) return 0;
  const along = dot(point, normal);
  let best = 0;
  for (const [n, middle] of slices.entries()) {
    if (Math.abs(dot(middle, normal) - along) < Math.abs(dot(slices[best]!, normal) - along)) best = n;
  }
  return best;
}

/** Takes the images to a slice, from 0; where they are in the slice stays. */
export function goToSlice(n: number): void {
  const slices = useContours.getState().compared?.result.slices ?? [];
  const slice = slices[Math.min(Math.max(n, 0), slices.length - 1)];
  const normal = normalOf(slices);
  const view = useView.getState();
  const cell = activeCell(useApp.getState(), view)?.id ?? '';
  const focus = cellFocus(view, cell);
  if (slice === undefined || normal === undefined || focus === null) return;
  moveFocus(cell, addScaled(focus, normal, dot(subtract(slice, focus), normal)));
}
