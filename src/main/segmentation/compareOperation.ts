import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Request, Result } from '../../core/contract/operations.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import {
  agreementOfMasks,
  finerSlices,
  maskOnSlices,
  sliceCentres,
} from '../../core/segmentation/compare.ts';
import { countMarked, maskOf } from '../../core/segmentation/overlap.ts';
import { stackGrid, stackToVolume } from '../../core/volume/convert.ts';
import { sameGeometry } from '../../core/volume/sameGeometry.ts';
import type { VoxelGrid } from '../../core/volume/sampleAt.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Handler } from '../host/handler.ts';
import { labelmapOperation } from '../studies/labelmapOperation.ts';
import { findSegmentation, segmentationStack } from './store.ts';
import type { SegmentationFacts } from './summary.ts';

const TRUTH = 'truth';

/**
 * Segmentations of one series against each other and against labels that were drawn.
 * @throws TandemError `series-not-found` where one is not in memory any more, `usage` where they are of different
 *   series, as `labelmap` does of the truth, `no-overlap` where it does not lie on the images
 */
export const compareOperation: Handler<'segmentationCompare'> = async (request, job) => {
  const all = request.segmentations.map((id) => ({ id, facts: findSegmentation(id) }));
  checkOneSeries(all.map(({ facts }) => facts));
  const values = request.label === undefined ? undefined : new Set([request.label]);
  const finest = all.reduce((best, one) => (voxelsOf(one.facts) > voxelsOf(best.facts) ? one : best));
  const truth = request.truth === undefined ? undefined : await truthOf(request.truth, job);
  const images: { id: string; labels: VoxelGrid; values: ReadonlySet<number> | undefined }[] = all.map(
    ({ id, facts }) => ({ id, labels: volumeOf(segmentationStack(facts)), values }),
  );
  if (truth !== undefined) images.push({ id: TRUTH, labels: truth.labels, values: truth.values });
  const own = segmentationStack(finest.facts);
  const { grid } = stackGrid(own);
  const onOneGrid = images.every(({ labels }) => sameGeometry(labels.grid, grid));
  const slices = onOneGrid ? own : finerSlices(own);
  const masks = new Map<string, Uint8Array[]>();
  for (const { id, labels, values: wanted } of images) {
    throwIfCancelled(job.signal);
    masks.set(id, maskOnSlices(labels, slices, wanted));
    await nextTurn();
  }
  if (truth !== undefined && truth.ml > 0 && countMarked(masks.get(TRUTH)!) === 0) {
    throw new TandemError('no-overlap', 'The labels that were drawn do not lie on the images', {
      path: request.truth?.path,
      hint: 'Choose labels that were drawn on this series.',
    });
  }
  return {
    volumes: all.map(({ id, facts: { found } }) => ({
      id,
      ml: countMarked(maskOf(found.labels, request.label)) * found.voxelMl,
    })),
    truthMl: truth?.ml ?? null,
    agreements: await agreementsOf(masks, slices, job),
    slices: sliceCentres(own).map((point) => [...point]),
    warnings: truth?.warnings ?? [],
  };
};

function checkOneSeries(all: readonly SegmentationFacts[]): void {
  const uids = new Set(all.map(({ image }) => image.entry.summary.uid));
  if (uids.size < 2) return;
  throw new TandemError('usage', 'These are segmentations of different series', {
    hint: 'Compare those of one series: as acquired, interpolated, enhanced.',
  });
}

function voxelsOf({ image, found }: SegmentationFacts): number {
  return image.geometry.rows * image.geometry.columns * found.labels.length;
}

function volumeOf(stack: SliceStack): VoxelGrid {
  const { grid, voxels, inventedSlices } = stackToVolume(stack);
  const gaps = [...(inventedSlices ?? [])].flatMap((flag, k) => (flag === 1 ? [k] : []));
  return { grid, voxels, inventedSlices: new Set(gaps) };
}

async function truthOf(
  { values, ...asked }: NonNullable<Request<'segmentationCompare'>['truth']>,
  job: JobContext,
) {
  const read = await labelmapOperation(asked, job);
  const { size, spacingMm, originLps, axesLps, voxels: bytes, warnings } = read;
  const voxels = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const labels: VoxelGrid = { grid: { size, spacingMm, originLps, axesLps }, voxels };
  const wanted = new Set(values ?? read.labels.map(({ value }) => value));
  let count = 0;
  for (const value of voxels) if (wanted.has(value)) count++;
  const ml = (count * spacingMm[0] * spacingMm[1] * spacingMm[2]) / 1000;
  return { labels, values: wanted, ml, warnings };
}

/** Every two, in their order. */
async function agreementsOf(
  masks: ReadonlyMap<string, Uint8Array[]>,
  stack: SliceStack,
  job: JobContext,
): Promise<Result<'segmentationCompare'>['agreements']> {
  const entries = [...masks];
  const pairs = entries.flatMap((first, n) => entries.slice(n + 1).map((second) => [first, second] as const));
  const agreements = [];
  for (const [done, [[first, a], [second, b]]] of pairs.entries()) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'comparing', done, total: pairs.length });
    const { curve, ...rest } = agreementOfMasks(a, b, stack);
    agreements.push({ first, second, ...rest, curve: [...curve] });
    await nextTurn();
  }
  return agreements;
}
