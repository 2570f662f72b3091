import { setImmediate as nextTurn } from 'node:timers/promises';
import { TandemError, throwIfCancelled } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { type SegmentedStack, segmentStack } from '../../../core/segmentation/segmentStack.ts';
import type { Affine } from '../../../core/volume/affine.ts';
import { sliceSampler } from '../../../core/volume/resample.ts';
import { type SliceStack, sliceSpacingMm } from '../../../core/volume/sliceStack.ts';
import type { Volume } from '../../../core/volume/volume.ts';
import type { ChosenDevice } from '../../runtime/devices.ts';
import type { SegmentationPackage } from '../packages/loadPackage.ts';
import { startModel } from './runModel.ts';

/** A further contrast: a volume, and how points of the series map to it. */
export interface PlacedContrast {
  readonly volume: Volume;
  readonly transform: Affine;
}

export interface SegmentedSeries extends SegmentedStack {
  readonly workers: number;
  /** Share of the series that each further contrast covers; null for one that is missing. */
  readonly coverage: readonly (number | null)[];
}

/** Below this a contrast is as good as missing. */
const LEAST_COVERAGE = 0.05;

/**
 * What a model finds in a series and what lies beside it: further contrasts are averaged over the series' own
 * slices where their volumes are finer. Throws `no-overlap`, `nothing-readable`, `cancelled`, and what the runtime
 * throws.
 *
 * @param others for every contrast of the model after the first; null for one that is missing
 */
export async function segmentSeries(
  model: SegmentationPackage,
  stack: SliceStack,
  others: readonly (PlacedContrast | null)[],
  device: ChosenDevice,
  job: JobContext,
): Promise<SegmentedSeries> {
  const sampled = [];
  for (const other of others) sampled.push(other === null ? null : await onStack(other, stack, job));
  const { run, workers, close } = startModel(model, device, stack.slices.length);
  const message = `${device.kind}, ${workers} worker${workers === 1 ? '' : 's'}`;
  try {
    const began = performance.now();
    const found = await segmentStack(
      stack,
      sampled.map((one) => one?.slices ?? null),
      model.card.spec,
      run,
      {
        signal: job.signal,
        onImage: (done, total) => {
          const each = (performance.now() - began) / 1000 / done;
          job.progress({ stage: 'segmenting', done, total, secondsLeft: each * (total - done), message });
        },
      },
    );
    return { ...found, workers, coverage: sampled.map((one) => one?.coverage ?? null) };
  } finally {
    close();
  }
}

async function onStack(
  { volume, transform }: PlacedContrast,
  stack: SliceStack,
  job: JobContext,
): Promise<{ readonly slices: readonly Float32Array[]; readonly coverage: number }> {
  const sample = sliceSampler(volume, stack, { slabMm: sliceSpacingMm(stack), transform });
  const slices: Float32Array[] = [];
  let covered = 0;
  for (let n = 0; n < stack.slices.length; n++) {
    throwIfCancelled(job.signal);
    const { pixels, coverage } = sample(n);
    slices.push(pixels);
    covered += coverage / stack.slices.length;
    job.progress({ stage: 'preparing', done: n + 1, total: stack.slices.length });
    await nextTurn();
  }
  if (covered >= LEAST_COVERAGE) return { slices, coverage: covered };
  throw new TandemError('no-overlap', 'The reference does not cover the series', {
    hint: 'Check that both show the same part of the same patient, or leave the reference out.',
  });
}
