import { makePhantom, type PhantomOptions } from '../../../src/core/phantom/makePhantom.ts';
import { type Affine, IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';

/** Small digital heads for registration: a T2 of thick oblique slices, and a finer sagittal T1 that can have moved. */

const common = { noise: 0.02, seed: 3, lesions: 2, samplesInPlane: 1, samplesThrough: 2 } as const;

export function targetHead(changes: Partial<PhantomOptions> = {}): Volume {
  return stackToVolume(
    makePhantom({
      ...common,
      contrast: 't2',
      columns: 112,
      rows: 112,
      slices: 32,
      sliceThicknessMm: 5,
      orientation: 'oblique',
      ...changes,
    }),
  );
}

export function referenceHead(
  motion: Affine = IDENTITY_AFFINE,
  changes: Partial<PhantomOptions> = {},
): Volume {
  return stackToVolume(
    makePhantom({
      ...common,
      contrast: 't1',
      columns: 104,
      rows: 104,
      slices: 72,
      sliceThicknessMm: 2.5,
      orientation: 'sagittal',
      motion,
      ...changes,
    }),
  );
}

/** Points over a head about the origin, 20 mm apart within 80 mm: where errors of a registration are taken. */
export function headPoints(centre: Vec3 = [0, 0, 0]): Vec3[] {
  const points: Vec3[] = [];
  for (let x = -80; x <= 80; x += 20) {
    for (let y = -80; y <= 80; y += 20) {
      for (let z = -80; z <= 80; z += 20) {
        if (Math.hypot(x, y, z) <= 80) points.push([x + centre[0], y + centre[1], z + centre[2]]);
      }
    }
  }
  return points;
}
