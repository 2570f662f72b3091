import { add, cross, dot, scale, subtract, type Vec3 } from '../../core/volume/vec.ts';
import type { SeriesGeometry } from './types.ts';

/** Sample points along each side of the target. */
const SAMPLES = 13;

/**
 * Share of one series' volume that lies within another's, by their headers, 0 to 1. Both are taken as the
 * boxes that their slices span, voxel edges included; gaps inside count as covered.
 */
export function overlapShare(of: SeriesGeometry, within: SeriesGeometry): number {
  const box = boxOf(of);
  const other = boxOf(within);
  let inside = 0;
  for (let a = 0; a < SAMPLES; a++) {
    for (let b = 0; b < SAMPLES; b++) {
      for (let c = 0; c < SAMPLES; c++) {
        const at = [a, b, c].map((n, k) => ((n + 0.5) / SAMPLES) * box.lengthMm[k]!) as [
          number,
          number,
          number,
        ];
        const point = add(
          box.corner,
          add(scale(box.axes[0], at[0]), add(scale(box.axes[1], at[1]), scale(box.axes[2], at[2]))),
        );
        if (contains(other, point)) inside++;
      }
    }
  }
  return inside / SAMPLES ** 3;
}

interface Box {
  /** Outer corner of the first voxel of the first slice. */
  readonly corner: Vec3;
  readonly axes: readonly [Vec3, Vec3, Vec3];
  readonly lengthMm: Vec3;
}

function boxOf(geometry: SeriesGeometry): Box {
  const { iAxisLps, jAxisLps, spacingMm, stepMm, positionsLps } = geometry;
  const normal = cross(iAxisLps, jAxisLps);
  const first = positionsLps[0]!;
  const last = positionsLps.at(-1)!;
  const half = add(
    scale(iAxisLps, spacingMm[0] / 2),
    add(scale(jAxisLps, spacingMm[1] / 2), scale(normal, stepMm / 2)),
  );
  return {
    corner: subtract(first, half),
    axes: [iAxisLps, jAxisLps, normal],
    lengthMm: [
      geometry.columns * spacingMm[0],
      geometry.rows * spacingMm[1],
      dot(subtract(last, first), normal) + stepMm,
    ],
  };
}

function contains(box: Box, point: Vec3): boolean {
  const offset = subtract(point, box.corner);
  return box.axes.every((axis, k) => {
    const at = dot(offset, axis);
    return at >= 0 && at <= box.lengthMm[k]!;
  });
}
