import { TandemError } from '../../core/errors.ts';
import { stackGrid } from '../../core/volume/convert.ts';
import type { Grid } from '../../core/volume/grid.ts';
import type { Slice, SliceStack } from '../../core/volume/sliceStack.ts';
import { enhancedGeometry } from './enhanceStack.ts';

const running = new Map<string, RunningResult>();

/** The enhancement that is under way under an id; undefined where there is none. */
export function runningResult(id: string): RunningResult | undefined {
  return running.get(id);
}

/** What is there of an enhancement while it runs, for those who watch. */
export class RunningResult {
  readonly id: string;
  readonly total: number;
  /** The grid of the whole and the plane of each slice; undefined where the slices fit no regular grid. */
  readonly place: { readonly grid: Grid; readonly planeOfSlice: readonly number[] } | undefined;
  #slices: readonly Slice[] = [];
  #change = Promise.withResolvers<void>();

  constructor(id: string, target: SliceStack, scale: number) {
    this.id = id;
    this.total = target.slices.length;
    this.place = regularPlace({ ...target, ...enhancedGeometry(target, scale) });
    running.set(id, this);
  }

  /** In the order of the stack, so far. */
  get slices(): readonly Slice[] {
    return this.#slices;
  }

  readonly take = (slices: readonly Slice[]): void => {
    this.#slices = slices;
    this.#tell();
  };

  /** The run is over, whatever came of it. */
  end(): void {
    if (running.get(this.id) === this) running.delete(this.id);
    this.#tell();
  }

  /** Resolves when there is more than so many slices, when the run is over, after a time, or when aborted. */
  async more(than: number, waitMs: number, signal: AbortSignal): Promise<void> {
    const until = performance.now() + waitMs;
    while (this.#slices.length <= than && running.get(this.id) === this && !signal.aborted) {
      const left = until - performance.now();
      if (left <= 0) return;
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, left);
      signal.addEventListener('abort', () => resolve(), { once: true });
      await Promise.race([this.#change.promise, over]);
      clearTimeout(timer);
    }
  }

  #tell(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

function regularPlace(stack: SliceStack): RunningResult['place'] {
  try {
    return stackGrid(stack);
  } catch (error) {
    if (error instanceof TandemError && error.code === 'bad-geometry') return undefined;
    throw error;
  }
}
