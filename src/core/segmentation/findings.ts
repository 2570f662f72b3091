import { componentsOf } from './components.ts';
import { maskOf } from './overlap.ts';

/** What is kept of what a network marks. */
export interface KeptParts {
  /** Connected parts smaller than this are dropped, ml. */
  readonly leastMl: number;
  /** Of those that are left, so many at most, the largest; null for all of them. */
  readonly mostParts: number | null;
}

/** What a network says of a stack, slice by slice. */
export interface MarkedSlice {
  /** The label of each pixel, 0 for none. */
  readonly labels: Uint8Array;
  /** Share of the flipped images in which the pixel got this label, 0 to 1. */
  readonly agreement: Float32Array;
}

/** One connected part that was kept. */
export interface FoundPart {
  readonly label: number;
  readonly voxels: number;
  readonly ml: number;
  /** Mean of the agreement of its voxels. */
  readonly confidence: number;
  /** Number, from 0, of the slice in the middle of those that it covers. */
  readonly slice: number;
}

export interface Findings {
  /** The labelmap with what was dropped set to 0. */
  readonly labels: readonly Uint8Array[];
  /** By label, then largest first. Empty: nothing was found. */
  readonly parts: readonly FoundPart[];
  /** Parts that were dropped. */
  readonly dropped: number;
}

/**
 * Drops the parts of a labelmap that are too small and all but the largest, label by label.
 * @param voxelMl volume of a voxel, ml
 */
export function keepParts(
  slices: readonly MarkedSlice[],
  grid: { readonly rows: number; readonly columns: number; readonly voxelMl: number },
  labels: readonly number[],
  { leastMl, mostParts }: KeptParts,
): Findings {
  const kept = slices.map(() => new Uint8Array(grid.rows * grid.columns));
  const found: FoundPart[] = [];
  let dropped = 0;
  for (const label of labels) {
    const { map, parts } = componentsOf(
      maskOf(
        slices.map((slice) => slice.labels),
        label,
      ),
      grid.rows,
      grid.columns,
    );
    // Parts are in order of size: the first ones are those to keep.
    const count = Math.min(
      parts.findLastIndex(({ voxels }) => voxels * grid.voxelMl >= leastMl) + 1,
      mostParts ?? parts.length,
    );
    dropped += parts.length - count;
    const agreement = new Float64Array(count + 1);
    const [first, last] = [new Int32Array(count + 1).fill(-1), new Int32Array(count + 1)];
    for (const [n, numbers] of map.entries()) {
      for (let at = 0; at < numbers.length; at++) {
        const number = numbers[at]!;
        if (number === 0 || number > count) continue;
        kept[n]![at] = label;
        agreement[number]! += slices[n]!.agreement[at]!;
        if (first[number] === -1) first[number] = n;
        last[number] = n;
      }
    }
    for (const { number, voxels } of parts.slice(0, count)) {
      found.push({
        label,
        voxels,
        ml: voxels * grid.voxelMl,
        confidence: agreement[number]! / voxels,
        slice: Math.floor((first[number]! + last[number]!) / 2),
      });
    }
  }
  return { labels: kept, parts: found, dropped };
}
