import type { DeviceChoice, Warning } from '../../core/contract/schemas.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import {
  type InferenceSource,
  inferenceModel,
  networkGraph,
  networkNamed,
} from '../../core/networks/index.ts';
import type { Affine } from '../../core/volume/affine.ts';
import { scaleOf } from '../../core/volume/intensity.ts';
import { fillInventedSlices } from '../../core/volume/resample.ts';
import { type SliceStack, sliceSpacingMm } from '../../core/volume/sliceStack.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { type ChosenDevice, chooseDevice } from '../runtime/devices.ts';
import { type MemoryBudget, machineBudget, workerCount, workerMb } from '../runtime/memory.ts';
import { describeFallBack, type FallBack, placementOf } from '../runtime/placement.ts';
import { SlicePool, type SliceTask, sessionSize } from '../runtime/slicePool.ts';
import { planTiles, type TilePlan } from '../runtime/tiles.ts';
import { workerUrl } from '../runtime/workerUrl.ts';
import type { SharedReference, SharedTarget } from './prepareSlice.ts';
import { SliceShelf } from './sliceShelf.ts';
import type { SharedByWorkers, SliceReply, SliceSource } from './sliceWorker.ts';

export interface EnhanceStackRequest {
  readonly target: SliceStack;
  /** Needed by networks that use one, ignored by the others. */
  readonly reference?: { readonly volume: Volume; readonly transform: Affine } | undefined;
  readonly model: InferenceSource;
  /** A choice, or the device that was chosen. */
  readonly device: DeviceChoice | ChosenDevice;
  /** What of the machine may be used; all that is free where absent. */
  readonly budget?: MemoryBudget | undefined;
  /** Called once, before the first slice. */
  readonly onPlan?:
    | ((plan: Pick<EnhancedStack, 'workers' | 'estimatedMbPerWorker' | 'tiled'>) => void)
    | undefined;
  /** Called after every slice, with those that are there so far (the same list, growing). */
  readonly onSlice?: ((slices: SliceStack['slices']) => void) | undefined;
}

export interface EnhancedStack {
  /**
   * The enhanced slices, in the target's own units, not rounded; positions and sources of the target. Large
   * ones lie in a temporary file (see `SliceShelf`): take `pixels` once a slice.
   */
  readonly stack: SliceStack;
  /** Whether slices ran in overlapping tiles. */
  readonly tiled: boolean;
  /** Workers that ran in parallel, and the memory estimated beforehand for each. */
  readonly workers: number;
  readonly estimatedMbPerWorker: number;
  readonly device: ChosenDevice;
  /** Operators of the network that the device cannot run, so that the CPU did; a warning names them too. */
  readonly fallBacks: readonly FallBack[];
  /** Share of the target that the reference covers; 1 without a reference. */
  readonly coverage: number;
  readonly warnings: readonly Warning[];
}

/** A slice of which the reference covers less than this is named in a warning. */
const WELL_COVERED = 0.9;
/** Sides of tiles, in pixels, the largest that fits the budget is taken. */
const TILE_SIDES = [512, 448, 384, 352, 320, 288, 256, 240, 224, 208, 192, 160, 128, 96, 64] as const;

/**
 * Enhances every slice of a target: zero-filled onto the sample-aligned enhanced grid (enhanced voxel
 * (0, 0) has the centre of target voxel (0, 0), spacing · rows / enhanced rows), scaled by the target's own
 * 99.9th percentile, corrected by the network with the resampled reference as guide, scaled back. Nothing
 * is clipped or rounded. Slices run in parallel in worker threads; on the CPU the result is the same bytes
 * for any number of workers.
 *
 * Where the reference does not cover the target, the enhanced slice is the zero-filled one, and a warning
 * says where. Throws `no-reference`, `no-overlap`, `bad-model`, `device-unavailable`, `out-of-memory` and
 * `cancelled` (within a second).
 */
export async function enhanceStack(request: EnhanceStackRequest, job: JobContext): Promise<EnhancedStack> {
  const { target, model } = request;
  const shared = shareWithWorkers(request);
  const { rows, columns } = shared.target.enhanced;
  const device = typeof request.device === 'string' ? await chooseDevice(request.device) : request.device;
  const plan = planRun(model, rows, columns, request.budget ?? machineBudget());
  const modelFor = (imageRows: number, imageColumns: number) =>
    inferenceModel(model, imageRows, imageColumns, device.kind);
  const size = sessionSize({ rows, columns, tiles: plan.tiles });
  const fallBacks =
    device.kind === 'cpu'
      ? []
      : (await placementOf(modelFor(size.rows, size.columns), device.kind)).fallBacks;
  const workers = device.kind === 'cpu' ? workerCount(plan.budget, plan.workerMb, target.slices.length) : 1;
  const pool = new SlicePool<SliceSource, SliceReply, SharedByWorkers>({
    entry: workerUrl('sliceWorker', import.meta.url),
    modelFor,
    device: device.kind,
    workers,
    shared,
    workerMb: plan.workerMb,
  });
  const estimatedMbPerWorker = Math.ceil(plan.workerMb);
  request.onPlan?.({ workers, estimatedMbPerWorker, tiled: plan.tiles !== undefined });
  const message = `${device.kind}, ${workers} worker${workers === 1 ? '' : 's'} of about ${estimatedMbPerWorker} MB`;
  const report = sliceProgress(job, target.slices.length, workers, message);
  const shelf = new SliceShelf(rows * columns, target.slices.length);
  const coverages: number[] = [];
  let notFinite = 0;
  try {
    report(0);
    for await (const reply of pool.run(sliceTasks(target, rows, columns, plan.tiles), job.signal)) {
      shelf.put(target.slices[shelf.length]!, reply.image);
      coverages.push(reply.coverage);
      notFinite += reply.notFinite;
      request.onSlice?.(shelf.slices);
      report(shelf.length);
    }
  } finally {
    pool.close();
  }
  return {
    stack: { ...target, ...shared.target.enhanced, slices: shelf.slices },
    tiled: plan.tiles !== undefined,
    workers,
    estimatedMbPerWorker,
    device,
    fallBacks,
    coverage: coverages.reduce((sum, share) => sum + share, 0) / Math.max(1, coverages.length),
    warnings: [
      ...notFiniteWarning(notFinite),
      ...coverageWarning(coverages),
      ...fallBackWarning(device, fallBacks),
    ],
  };
}

function* sliceTasks(
  target: SliceStack,
  rows: number,
  columns: number,
  tiles: TilePlan | undefined,
): Generator<SliceTask<SliceSource>> {
  for (const { pixels, positionLps } of target.slices) {
    yield { rows, columns, tiles, source: { kind: 'enhance', pixels, positionLps } };
  }
}

/** The in-plane grid of the enhanced slices, sample 0 on sample 0. */
export function enhancedGeometry(target: SliceStack, scale: number): SharedTarget['enhanced'] {
  const rows = target.rows * scale;
  const columns = target.columns * scale;
  return {
    rows,
    columns,
    spacingMm: [(target.spacingMm[0] * target.columns) / columns, (target.spacingMm[1] * target.rows) / rows],
    iAxisLps: target.iAxisLps,
    jAxisLps: target.jAxisLps,
  };
}

/** What the workers share, the reference's voxels without copies. Throws `no-reference`. */
export function shareWithWorkers(
  request: Pick<EnhanceStackRequest, 'target' | 'reference' | 'model'>,
): SharedByWorkers {
  const { target, model } = request;
  const network = networkNamed(model.network);
  const haloPx = network.haloPx(network.parseOptions(model.options), model.scale);
  const shared: SharedTarget = {
    rows: target.rows,
    columns: target.columns,
    scale: scaleOf(target),
    enhanced: enhancedGeometry(target, model.scale),
  };
  if (!network.usesReference) return { target: shared, haloPx };
  if (request.reference === undefined) {
    throw new TandemError('no-reference', `The network ${network.name} needs a reference`, {
      hint: 'Name a series of another contrast, or choose a model for single images.',
    });
  }
  const slabMm = target.sliceThicknessMm ?? sliceSpacingMm(target);
  return {
    target: shared,
    reference: shareReference(request.reference.volume, request.reference.transform, slabMm),
    haloPx,
  };
}

/**
 * The reference in memory that threads share: short gaps bridged, what lies in longer ones NaN (not seen),
 * other values that are not finite 0.
 */
export function shareReference(volume: Volume, transform: Affine, slabMm: number): SharedReference {
  const filled = fillInventedSlices(volume);
  const voxels = new Float32Array(new SharedArrayBuffer(4 * filled.voxels.length));
  voxels.set(filled.voxels);
  for (let at = 0; at < voxels.length; at++) if (!Number.isFinite(voxels[at]!)) voxels[at] = 0;
  const scale = scaleOf(voxels);
  const inPlane = volume.grid.size[0] * volume.grid.size[1];
  volume.inventedSlices?.forEach((invented, k) => {
    const slice = voxels.subarray(k * inPlane, (k + 1) * inPlane);
    if (invented === 1 && slice.every((value) => value === 0)) slice.fill(Number.NaN);
  });
  return { volume: { grid: volume.grid, voxels }, transform, scale, slabMm };
}

interface RunPlan {
  readonly tiles: TilePlan | undefined;
  readonly workerMb: number;
  readonly budget: MemoryBudget;
}

/** Memory that one worker is estimated to take for an enhanced slice, MiB, in tiles where that is how it would run. */
export function enhancingMemoryMb(model: InferenceSource, rows: number, columns: number): number {
  return Math.ceil(planRun(model, rows, columns, machineBudget()).workerMb);
}

/** Whole slices where one worker's budget allows it, else the largest tiles that fit. */
function planRun(model: InferenceSource, rows: number, columns: number, budget: MemoryBudget): RunPlan {
  const network = networkNamed(model.network);
  const halo = network.haloPx(network.parseOptions(model.options), model.scale);
  const blend = network.sees === 'neighbourhood' ? 0 : halo;
  const multiple = Math.max(model.scale, network.tileGrid?.(network.parseOptions(model.options)) ?? 1);
  const needed = (imageRows: number, imageColumns: number): number => {
    const size = { batch: 1, rows: imageRows, columns: imageColumns };
    const made = networkGraph(model.network, model.options, model.scale, size);
    return workerMb(made, { rows, columns });
  };
  const whole = needed(rows, columns);
  if (whole <= budget.perWorkerMb) return { tiles: undefined, workerMb: whole, budget };
  let least = whole;
  for (const side of TILE_SIDES) {
    const tiles = planTiles(rows, columns, side, { halo, blend, multiple });
    least = needed(tiles.tileRows, tiles.tileColumns);
    if (least <= budget.perWorkerMb) return { tiles, workerMb: least, budget };
  }
  throw new TandemError(
    'out-of-memory',
    `Enhancing slices of ${columns} × ${rows} takes ${Math.ceil(least)} MB at the least, ${Math.floor(budget.perWorkerMb)} MB may be used`,
    { hint: 'Close other programs, or set TANDEM_MEMORY_MB to what may be used.' },
  );
}

function sliceProgress(
  job: JobContext,
  total: number,
  workers: number,
  message: string,
): (done: number) => void {
  const start = performance.now();
  return (done) => {
    const seconds = (performance.now() - start) / 1000;
    // Before every worker has delivered, its start would count as its speed.
    const secondsLeft = done < Math.min(workers + 1, total) ? undefined : (seconds / done) * (total - done);
    job.progress({ stage: 'enhancing', done, total, secondsLeft, message });
  };
}

/** What the device could not run, in words. */
export function fallBackWarning(
  device: Pick<ChosenDevice, 'kind'>,
  fallBacks: readonly FallBack[],
): Warning[] {
  if (fallBacks.length === 0) return [];
  const names = fallBacks.map(describeFallBack).join(', ');
  return [
    {
      code: 'operators-fall-back',
      message: `${device.kind} cannot run the whole network; the CPU ran ${names}.`,
    },
  ];
}

function notFiniteWarning(count: number): Warning[] {
  if (count === 0) return [];
  return [
    {
      code: 'not-finite-voxels',
      message: `${count} voxel${count === 1 ? '' : 's'} of the target had no finite value and counted as 0.`,
    },
  ];
}

/** Names the slices that the reference hardly covers. Throws `no-overlap` where it covers none at all. */
function coverageWarning(coverages: readonly number[]): Warning[] {
  if (coverages.length > 0 && coverages.every((share) => share === 0)) {
    throw new TandemError('no-overlap', 'The reference does not cover any slice of the target', {
      hint: 'Check that both series show the same part of the same patient.',
    });
  }
  const poor = coverages.flatMap((share, n) => (share < WELL_COVERED ? [n + 1] : []));
  if (poor.length === 0) return [];
  return [
    {
      code: 'partial-overlap',
      message:
        `The reference covers less than ${WELL_COVERED * 100} % of slice${poor.length === 1 ? '' : 's'} ` +
        `${ranges(poor)}; where it is missing, the target is only interpolated (zero-filled).`,
    },
  ];
}

/** 1, 2, 3, 7 → "1–3, 7". */
function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const n of numbers) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === n - 1) last[1] = n;
    else parts.push([n, n]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
