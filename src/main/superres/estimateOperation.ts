import type { JobContext } from '../../core/job.ts';
import { networkNamed } from '../../core/networks/index.ts';
import { createRandom } from '../../core/random.ts';
import { IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { stackToVolume } from '../../core/volume/convert.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Handler } from '../host/handler.ts';
import { loadModelPackage, type ModelPackage } from '../models/loadModelPackage.ts';
import { type ChosenDevice, chooseDevice } from '../runtime/devices.ts';
import { resolveSeries } from '../studies/resolve.ts';
import { enhanceStack } from './enhanceStack.ts';
import { knownSpeed, paceOf, rememberSpeed, type Speed, speedKey } from './speeds.ts';

/** Slices of a sample, more than any number of workers leaves without a second one each. */
const SAMPLE = 12;
/** A sample that takes longer than this ends with what it has. */
const LONGEST_SECONDS = 6;

/** Enhances a few slices of noise of the target's size and tells what all of it would take; remembered. */
export const estimateOperation: Handler<'estimateEnhancing'> = async (request, job) => {
  const model = await loadModelPackage(request.model);
  const device = await chooseDevice(request.device);
  const { summary } = await resolveSeries(request.target, job);
  const [columns, rows, slices] = summary.size;
  const { scale } = model.card;
  const key = speedKey(model.weightsSha256, device.kind, rows * scale, columns * scale);
  const speed = knownSpeed(key) ?? rememberSpeed(key, await sample(model, device, rows, columns, job));
  return {
    device: device.kind,
    deviceReason: device.reason,
    slices,
    rows: rows * scale,
    columns: columns * scale,
    tiled: speed.tiled,
    workers: speed.workers,
    memoryMb: speed.memoryMb,
    secondsPerSlice: speed.secondsPerSlice,
    seconds: speed.startSeconds + slices * speed.secondsPerSlice,
    measuredOn: speed.measuredOn,
  };
};

async function sample(
  model: ModelPackage,
  device: ChosenDevice,
  rows: number,
  columns: number,
  job: JobContext,
): Promise<Speed> {
  const target = noiseStack(rows, columns, SAMPLE);
  const usesReference = networkNamed(model.card.network).usesReference;
  const doneAt: number[] = [];
  const start = performance.now();
  const enough = new AbortController();
  let plan = { workers: 1, memoryMb: 0, tiled: false };
  try {
    await enhanceStack(
      {
        target,
        reference: usesReference ? { volume: stackToVolume(target), transform: IDENTITY_AFFINE } : undefined,
        model: { ...model.card, weights: model.weights },
        device,
        onPlan: ({ workers, estimatedMbPerWorker, tiled }) => {
          plan = { workers, memoryMb: workers * estimatedMbPerWorker, tiled };
        },
        onSlice: () => {
          const seconds = (performance.now() - start) / 1000;
          doneAt.push(seconds);
          const hasPace = doneAt.length >= 2 * plan.workers;
          if (hasPace || seconds > LONGEST_SECONDS) enough.abort();
        },
      },
      { ...job, signal: AbortSignal.any([job.signal, enough.signal]) },
    );
  } catch (error) {
    if (job.signal.aborted || doneAt.length === 0) throw error;
  }
  const pace = paceOf(doneAt, plan.workers)!;
  return { ...pace, ...plan, measuredOn: 'sample' };
}

function noiseStack(rows: number, columns: number, count: number): SliceStack {
  const random = createRandom(1);
  return {
    columns,
    rows,
    spacingMm: [1, 1],
    iAxisLps: [1, 0, 0],
    jAxisLps: [0, 1, 0],
    sliceThicknessMm: 1,
    slices: Array.from({ length: count }, (_, n) => ({
      positionLps: [0, 0, n] as const,
      pixels: Float32Array.from({ length: rows * columns }, () => random.uniform()),
    })),
  };
}
