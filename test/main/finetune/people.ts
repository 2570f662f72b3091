import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import type { Grid } from '../../../src/core/volume/grid.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { fillVolume } from '../../core/volume/volumes.ts';

/** Axial slices of 1 mm pixels, 5 mm thick. */
const GRID: Grid = {
  size: [48, 48, 5],
  spacingMm: [1, 1, 5],
  originLps: [-24, -24, 0],
  axesLps: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
};

/**
 * A disc of stripes and bars with sharp edges, other stripes in each person; both contrasts show the same edges.
 * Small enough that no two of them are taken for one head.
 */
export function person(contrast: 't1' | 't2' | 'flair', seed: number): Volume {
  const angle = 1.1 * seed;
  return fillVolume(GRID, ([, , slice], [x, y]) => {
    const r = Math.hypot(x - (seed % 3), y + (seed % 2));
    if (r > 20) return 0;
    const along = x * Math.cos(angle) + y * Math.sin(angle) + 0.7 * slice;
    const step = (((Math.floor(along / (2 + (seed % 3))) + Math.floor(r / 5)) % 4) + 4) % 4;
    const noise = 2 * Math.sin(37.7 * (x + 100 * y + 1000 * slice + seed));
    if (contrast === 't1') return 130 - 25 * step + noise;
    if (contrast === 't2') return 40 + 30 * step + noise;
    return 60 + 40 * (step % 2) + 10 * step + noise;
  });
}

/** A folder a person, `p1` to `p<count>`, with the contrasts named. */
export async function writePeople(
  folder: string,
  count: number,
  contrasts: readonly ('t1' | 't2' | 'flair')[] = ['t1', 't2'],
): Promise<void> {
  for (let seed = 1; seed <= count; seed++) {
    const own = join(folder, `p${seed}`);
    await mkdir(own, { recursive: true });
    for (const contrast of contrasts) {
      const volume = person(contrast, seed);
      await writeFile(join(own, `${contrast}.nii`), encodeNifti(volume, { dataType: 'float32' }));
    }
  }
}
