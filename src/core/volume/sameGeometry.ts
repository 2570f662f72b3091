import { type Grid, indexToLps } from './grid.ts';
import { norm, subtract, type Vec3 } from './vec.ts';

/** Share of the smallest spacing that corners may lie apart: what headers lose by rounding. */
const TOLERANCE = 0.05;

/** Whether two grids have their voxels in the same places: the same size, and their corners where the other's are. */
export function sameGeometry(a: Grid, b: Grid): boolean {
  if (a.size.some((count, axis) => count !== b.size[axis])) return false;
  const most = TOLERANCE * Math.min(...a.spacingMm);
  for (let n = 0; n < 8; n++) {
    const corner = [0, 1, 2].map((axis) => (n & (1 << axis) ? a.size[axis]! - 1 : 0));
    const index = corner as unknown as Vec3;
    if (norm(subtract(indexToLps(a, index), indexToLps(b, index))) > most) return false;
  }
  return true;
}
