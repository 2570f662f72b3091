import type { Result } from '../../core/contract/operations.ts';
import type { Grid } from '../../core/volume/grid.ts';
import { typedVoxels } from '../viewer/voxels.ts';

/** The labels of an outline, on its image's grid. */
export interface ContourVoxels {
  readonly grid: Grid;
  /** As they are now, i fastest. */
  readonly labels: Int16Array;
  /** As the model found them. */
  readonly found: Uint8Array;
  /** Slices k that were not acquired: nothing can be painted there. */
  readonly inventedSlices: ReadonlySet<number>;
}

const kept = new Map<string, ContourVoxels>();

/** Keeps what `volume` says of a segmentation, under its image. */
export function keepContourVoxels(image: string, result: Result<'volume'>): void {
  const { size, spacingMm, originLps, axesLps, inventedSlices } = result;
  const labels = Int16Array.from(typedVoxels(result));
  kept.set(image, {
    grid: { size, spacingMm, originLps, axesLps },
    labels,
    found: Uint8Array.from(labels),
    inventedSlices: new Set(inventedSlices),
  });
}

export function contourVoxels(image: string): ContourVoxels | undefined {
  return kept.get(image);
}

export function forgetContourVoxels(): void {
  kept.clear();
}
