import type { Result } from '../../core/contract/operations.ts';
import { throwIfCancelled } from '../../core/errors.ts';
import type { Handler } from '../host/handler.ts';
import { runningResult } from './runningResult.ts';

/** Bytes of one answer at most; the caller asks again for the rest. Always one slice at least. */
const MOST_BYTES = 32 * 1024 ** 2;

const NOT_RUNNING: Result<'enhancedSoFar'> = {
  running: false,
  size: [0, 0, 0],
  spacingMm: [1, 1, 1],
  originLps: [0, 0, 0],
  axesLps: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  inventedSlices: [],
  done: 0,
  total: 0,
  slices: [],
  voxels: new Uint8Array(0),
};

/** Gives the slices that are computed so far, from a number on: a watcher never gets one twice. */
export const enhancedSoFarOperation: Handler<'enhancedSoFar'> = async ({ id, from, waitMs }, job) => {
  const run = runningResult(id);
  if (run?.place === undefined) return NOT_RUNNING;
  await run.more(from, waitMs, job.signal);
  throwIfCancelled(job.signal);
  if (runningResult(id) !== run) return NOT_RUNNING;
  const { grid, planeOfSlice } = run.place;
  const inPlane = grid.size[0] * grid.size[1];
  const most = Math.max(1, Math.floor(MOST_BYTES / (4 * inPlane)));
  const given = run.slices.slice(from, from + most);
  const voxels = new Float32Array(inPlane * given.length);
  for (const [n, slice] of given.entries()) voxels.set(slice.pixels, n * inPlane);
  const acquired = new Set(planeOfSlice);
  return {
    running: true,
    size: [...grid.size],
    spacingMm: [...grid.spacingMm],
    originLps: [...grid.originLps],
    axesLps: [[...grid.axesLps[0]], [...grid.axesLps[1]], [...grid.axesLps[2]]],
    inventedSlices: Array.from({ length: grid.size[2] }, (_, k) => k).filter((k) => !acquired.has(k)),
    done: run.slices.length,
    total: run.total,
    slices: given.map((_, n) => planeOfSlice[from + n]!),
    voxels: new Uint8Array(voxels.buffer),
  };
};
