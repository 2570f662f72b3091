import { randomUUID } from 'node:crypto';
import type { Affine } from '../../core/volume/affine.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { heldBytes } from './sliceShelf.ts';
import type { EnhancedSeries } from './types.ts';

/** An enhanced series while the workstation runs, with what it takes to show how it came about. */
export interface StoredSeries {
  readonly series: EnhancedSeries;
  /** The reference that the network used, and how target points map to it. */
  readonly reference: { readonly volume: Volume; readonly transform: Affine } | undefined;
}

/**
 * The enhanced series that the workstation remembers, by id: the few that were used last, and no more bytes
 * than `mostBytes` but always the newest.
 */
export class EnhancedStore {
  readonly #most: number;
  readonly #mostBytes: number;
  /** Least recently used first. */
  readonly #series = new Map<string, StoredSeries>();

  constructor(most = 4, mostBytes = 2 * 1024 ** 3) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** Keeps a series, under its own id where it has one, and returns the id. */
  add(stored: StoredSeries, id: string = randomUUID()): string {
    this.#series.delete(id);
    this.#series.set(id, stored);
    let bytes = 0;
    for (const [number, [key, kept]] of [...this.#series].reverse().entries()) {
      bytes += bytesOf(kept);
      if (number > 0 && (number >= this.#most || bytes > this.#mostBytes)) this.#series.delete(key);
    }
    return id;
  }

  /** Forgets one. */
  remove(id: string): void {
    this.#series.delete(id);
  }

  /** Forgets all of them. */
  clear(): void {
    this.#series.clear();
  }

  /** The series of an id; undefined where it is not in memory (any more). */
  find(id: string): StoredSeries | undefined {
    const stored = this.#series.get(id);
    if (stored === undefined) return undefined;
    this.#series.delete(id);
    this.#series.set(id, stored);
    return stored;
  }
}

function bytesOf({ series, reference }: StoredSeries): number {
  return heldBytes(series.stack) + heldBytes(series.targetStack) + 4 * (reference?.volume.voxels.length ?? 0);
}

/** The one of this process. */
export const enhancedStore = new EnhancedStore();
