import type { Result } from '../../core/contract/operations.ts';
import { workstation } from '../state/session.ts';
import { type ShownVolume, setView, useView } from '../state/view.ts';
import { groupVolume, startFocus } from '../state/viewActions.ts';
import { slicesChanged } from './engine.ts';
import { enterVolume } from './enterVolume.ts';
import { holdVolume, volumeArrived } from './volumeCache.ts';

type SoFar = Result<'enhancedSoFar'>;

const WAIT_MS = 10_000;

/**
 * Shows an enhancement as it is computed: a volume of its final size whose slices come in one after another;
 * those that are still to come are marked as not computed, never filled with anything. Ends when the run does, or
 * when the volume is dropped. Never rejects.
 */
export async function watchPartial(key: string, id: string): Promise<void> {
  const abort = holdVolume(key);
  if (abort === undefined) return;
  let target: PartialVolume | undefined;
  let from = 0;
  try {
    while (!abort.signal.aborted) {
      const asked = { id, from, waitMs: WAIT_MS };
      const soFar = await workstation().call('enhancedSoFar', asked, { signal: abort.signal });
      if (abort.signal.aborted || !soFar.running) return;
      target ??= begin(key, soFar, (free) => volumeArrived(key, abort, free));
      if (target === undefined) return;
      take(key, target, soFar);
      from += soFar.slices.length;
      if (from >= soFar.total) return;
    }
  } catch {
    // The result itself, or why there is none, is told by the job.
  }
}

interface PartialVolume {
  readonly shown: ShownVolume;
  readonly voxels: Float32Array;
}

function begin(
  key: string,
  { size, spacingMm, originLps, axesLps, inventedSlices }: SoFar,
  arrived: (free: () => void) => boolean,
): PartialVolume | undefined {
  const grid = { size, spacingMm, originLps, axesLps };
  const voxels = new Float32Array(size[0] * size[1] * size[2]);
  if (!enterVolume(key, grid, voxels, inventedSlices, arrived)) return undefined;
  const like = groupVolume('target');
  const acquired = Array.from({ length: size[2] }, (_, k) => k).filter((k) => !inventedSlices.includes(k));
  const shown: ShownVolume = {
    grid,
    label: '',
    // It is shown as its target is: the same values, and the same everywhere from the first slice on.
    window: like?.window ?? { center: 0.5, width: 1 },
    range: like?.range ?? [0, 1],
    inventedSlices,
    pendingSlices: acquired,
  };
  startFocus(grid);
  return { shown, voxels };
}

function take(key: string, { shown, voxels }: PartialVolume, { size, slices, voxels: bytes }: SoFar): void {
  const inPlane = size[0] * size[1];
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const values = new Float32Array(aligned.buffer, aligned.byteOffset, inPlane * slices.length);
  for (const [n, k] of slices.entries()) {
    voxels.set(values.subarray(n * inPlane, (n + 1) * inPlane), k * inPlane);
  }
  slicesChanged(key, slices);
  const { volumes } = useView.getState();
  const before = volumes[key];
  const pending = before?.status === 'ready' ? before.volume.pendingSlices : shown.pendingSlices;
  const volume = { ...shown, pendingSlices: (pending ?? []).filter((k) => !slices.includes(k)) };
  setView({ volumes: { ...volumes, [key]: { status: 'ready', volume } } });
}
