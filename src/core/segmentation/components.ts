import type { Masks } from './overlap.ts';

/** A connected part of a mask. */
export interface Component {
  /** Number of the part in the map, from 1. */
  readonly number: number;
  readonly voxels: number;
}

export interface Components {
  /** The part that each voxel belongs to, 0 where none, slice by slice. */
  readonly map: readonly Int32Array[];
  /** Largest first; of the same size, the one that comes first in the stack. Numbers follow this order. */
  readonly parts: readonly Component[];
}

/**
 * The connected parts of a mask: voxels that share a face, an edge or a corner (26 neighbours) belong together.
 * Slices that follow each other in the stack are neighbours, whatever lies between them.
 */
export function componentsOf(masks: Masks, rows: number, columns: number): Components {
  const inPlane = rows * columns;
  const map = masks.map(() => new Int32Array(inPlane));
  const sizes: number[] = [];
  let waiting = new Int32Array(1024);
  for (const [slice, mask] of masks.entries()) {
    for (let start = 0; start < inPlane; start++) {
      if (mask[start] === 0 || map[slice]![start] !== 0) continue;
      const number = sizes.length + 1;
      let count = 0;
      let waits = 1;
      waiting[0] = slice * inPlane + start;
      map[slice]![start] = number;
      while (waits > 0) {
        const at = waiting[--waits]!;
        count++;
        const [z, inSlice] = [Math.floor(at / inPlane), at % inPlane];
        const [y, x] = [Math.floor(inSlice / columns), inSlice % columns];
        for (let k = Math.max(0, z - 1); k <= Math.min(masks.length - 1, z + 1); k++) {
          const [near, numbers] = [masks[k]!, map[k]!];
          for (let j = Math.max(0, y - 1); j <= Math.min(rows - 1, y + 1); j++) {
            for (let i = Math.max(0, x - 1); i <= Math.min(columns - 1, x + 1); i++) {
              const neighbour = j * columns + i;
              if (near[neighbour] === 0 || numbers[neighbour] !== 0) continue;
              numbers[neighbour] = number;
              if (waits === waiting.length) waiting = doubled(waiting);
              waiting[waits++] = k * inPlane + neighbour;
            }
          }
        }
      }
      sizes.push(count);
    }
  }
  return inOrderOfSize(map, sizes);
}

function inOrderOfSize(map: readonly Int32Array[], sizes: readonly number[]): Components {
  const order = [...sizes.keys()].sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const numbers = new Int32Array(sizes.length + 1);
  for (const [n, first] of order.entries()) numbers[first + 1] = n + 1;
  for (const slice of map) for (let at = 0; at < slice.length; at++) slice[at] = numbers[slice[at]!]!;
  return { map, parts: order.map((first, n) => ({ number: n + 1, voxels: sizes[first]! })) };
}

function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(2 * values.length);
  more.set(values);
  return more;
}
