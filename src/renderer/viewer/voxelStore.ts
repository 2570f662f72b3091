import type { Grid } from '../../core/volume/grid.ts';

/** The voxels of an image in the viewer, i fastest. The viewer's textures are made from this same memory. */
export interface StoredVoxels {
  readonly grid: Grid;
  /** Slices that were not acquired are filled from their neighbours here. */
  readonly voxels: Int16Array | Float32Array;
  readonly inventedSlices: ReadonlySet<number>;
}

const stored = new Map<string, StoredVoxels>();

/** Keeps voxels under a volume's key; returns how to let them go. */
export function storeVoxels(key: string, voxels: StoredVoxels): () => void {
  stored.set(key, voxels);
  return () => {
    if (stored.get(key) === voxels) stored.delete(key);
  };
}

export function voxelsOf(key: string): StoredVoxels | undefined {
  return stored.get(key);
}
