import type { Result } from '../../core/contract/operations.ts';
import { toErrorData } from '../../core/errors.ts';
import type { Column } from '../state/columns.ts';
import { workstation } from '../state/session.ts';
import { type ShownVolume, setView, useView, type VolumeState } from '../state/view.ts';
import { neededColumns, startFocus } from '../state/viewActions.ts';
import { enterVolume } from './enterVolume.ts';
import { watchPartial } from './partialVolume.ts';
import { holdVolume, volumeArrived } from './volumeCache.ts';
import { fillGaps, rangeOf, typedVoxels } from './voxels.ts';

function setVolume(key: string, state: VolumeState): void {
  setView({ volumes: { ...useView.getState().volumes, [key]: state } });
}

let queue: Promise<void> = Promise.resolve();

/**
 * Loads what is not there yet, one volume after another, in the order of the columns. The next one is asked
 * for before the viewer takes one in: the two are work for two processes.
 */
export function loadVolumes(columns: readonly Column[]): void {
  for (const column of columns) {
    if (column.partial !== undefined) {
      void watchPartial(column.key, column.partial);
      continue;
    }
    queue = queue.then(async () => {
      const take = await fetchVolume(column);
      if (take !== undefined) setTimeout(take);
    });
  }
}

/** Resolves when the voxels are here, with what puts them into the viewer; never rejects. */
async function fetchVolume(column: Column): Promise<(() => void) | undefined> {
  const { key } = column;
  // The user may have gone on to other images while this one waited.
  if (!neededColumns().some((needed) => needed.key === key)) return undefined;
  const abort = holdVolume(key);
  if (abort === undefined) return undefined;
  const fail = (error: unknown): void => {
    if (!abort.signal.aborted) setVolume(key, { status: 'failed', error: toErrorData(error) });
  };
  setVolume(key, { status: 'loading', done: 0, total: 0 });
  try {
    const result = await workstation().call('volume', column.request, {
      signal: abort.signal,
      onProgress: ({ done, total }) => {
        if (!abort.signal.aborted) setVolume(key, { status: 'loading', done, total });
      },
    });
    return () => {
      if (abort.signal.aborted) return;
      try {
        const shown = enter(key, result, (free) => volumeArrived(key, abort, free));
        if (shown === undefined) return;
        setVolume(key, { status: 'ready', volume: shown });
        startFocus(shown.grid);
      } catch (error) {
        fail(error);
      }
    };
  } catch (error) {
    fail(error);
    return undefined;
  }
}

function enter(
  key: string,
  result: Result<'volume'>,
  arrived: (free: () => void) => boolean,
): ShownVolume | undefined {
  const { size, spacingMm, originLps, axesLps, inventedSlices } = result;
  const voxels = typedVoxels(result);
  const range = rangeOf(voxels);
  fillGaps(voxels, size, inventedSlices);
  const grid = { size, spacingMm, originLps, axesLps };
  if (!enterVolume(key, grid, voxels, inventedSlices, arrived)) return undefined;
  return { grid, label: result.label, window: result.window, range, inventedSlices };
}
