import type { Grid } from '../../core/volume/grid.ts';
import { addVolume } from './engine.ts';
import { storeVoxels } from './voxelStore.ts';

/**
 * Puts a volume into the viewer's memory and the engine's; false, with nothing left behind, where nobody waits for it
 * any more.
 * @param arrived takes over how to free it, and says whether somebody still waits
 */
export function enterVolume(
  key: string,
  grid: Grid,
  voxels: Int16Array | Float32Array,
  inventedSlices: readonly number[],
  arrived: (free: () => void) => boolean,
): boolean {
  const removeVolume = addVolume(key, grid, voxels);
  const forget = storeVoxels(key, { grid, voxels, inventedSlices: new Set(inventedSlices) });
  const free = (): void => {
    forget();
    removeVolume();
  };
  if (arrived(free)) return true;
  free();
  return false;
}
