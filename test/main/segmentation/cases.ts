import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { createRandom } from '../../../src/core/random.ts';
import type { Grid } from '../../../src/core/volume/grid.ts';

const [SIDE, SLICES] = [32, 6];
/** Straight, RAS: a head of 200 mm. */
const GRID: Grid = {
  size: [SIDE, SIDE, SLICES],
  spacingMm: [7, 7, 10],
  originLps: [110, 110, -25],
  axesLps: [
    [-1, 0, 0],
    [0, -1, 0],
    [0, 0, 1],
  ],
};

/**
 * A head as a case: a noisy ellipse, brighter in a ball that the mask marks; `flair`, `t1`, `t2` and, with a
 * tumour, `tumour`.
 */
export function writeCase(
  root: string,
  name: string,
  { seed = 1, tumour = true, radius = 5 }: { seed?: number; tumour?: boolean; radius?: number } = {},
): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const random = createRandom(seed);
  const at = [8 + random.between(0, 8), 8 + random.between(0, 8), 2.5];
  const images = {
    flair: new Float32Array(SIDE ** 2 * SLICES),
    t1: new Float32Array(0),
    t2: new Float32Array(0),
  };
  images.t1 = images.flair.slice();
  images.t2 = images.flair.slice();
  const marked = images.flair.slice();
  for (let n = 0; n < marked.length; n++) {
    const [x, y, z] = [n % SIDE, Math.floor(n / SIDE) % SIDE, Math.floor(n / SIDE ** 2)];
    const middle = (SIDE - 1) / 2;
    if (((x - middle) / 14) ** 2 + ((y - middle) / 15) ** 2 > 1) continue;
    const inside = tumour && Math.hypot(x - at[0]!, y - at[1]!, 2 * (z - at[2]!)) < radius;
    images.flair[n] = Math.round((inside ? 420 : 200) + random.between(-25, 25));
    images.t1[n] = Math.round((inside ? 120 : 180) + random.between(-25, 25));
    images.t2[n] = Math.round((inside ? 300 : 150) + random.between(-25, 25));
    if (inside) marked[n] = 1;
  }
  const write = (file: string, voxels: Float32Array) =>
    writeFileSync(join(folder, `${file}.nii`), encodeNifti({ grid: GRID, voxels }));
  for (const [file, voxels] of Object.entries(images)) write(file, voxels);
  if (tumour) write('tumour', marked);
  return folder;
}
