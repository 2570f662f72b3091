import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { Affine } from '../../core/volume/affine.ts';
import { type SliceStack, sliceSpacingMm } from '../../core/volume/sliceStack.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { machineBudget, preparingMb, workerCount } from '../runtime/memory.ts';
import { SlicePool } from '../runtime/slicePool.ts';
import { workerUrl } from '../runtime/workerUrl.ts';
import { enhancedGeometry, shareReference } from './enhanceStack.ts';
import { SliceShelf } from './sliceShelf.ts';
import type { SharedByWorkers, SliceReply, SliceSource } from './sliceWorker.ts';

/**
 * What a network is given, on the enhanced grid and in its own units: the zero-filled target, or the
 * reference laid on it. In worker threads, as `enhanceStack` does it. Throws `no-reference` and `cancelled`.
 */
export async function prepareStack(
  kind: 'zero-filled' | 'aligned-reference',
  target: SliceStack,
  scale: number,
  reference: { readonly volume: Volume; readonly transform: Affine } | undefined,
  job: JobContext,
): Promise<SliceStack> {
  if (kind === 'aligned-reference' && reference === undefined) {
    throw new TandemError('no-reference', 'This enhanced series was made without a reference');
  }
  const enhanced = enhancedGeometry(target, scale);
  const slabMm = target.sliceThicknessMm ?? sliceSpacingMm(target);
  const shared: SharedByWorkers = {
    target: { rows: target.rows, columns: target.columns, scale: 1, enhanced },
    reference: reference && shareReference(reference.volume, reference.transform, slabMm),
    haloPx: 0,
  };
  const { rows, columns } = enhanced;
  const mb = preparingMb(rows, columns);
  const pool = new SlicePool<SliceSource, SliceReply, SharedByWorkers>({
    entry: workerUrl('sliceWorker', import.meta.url),
    device: 'cpu',
    workers: workerCount(machineBudget(), mb, target.slices.length),
    shared,
    workerMb: mb,
  });
  const tasks = target.slices.map(({ pixels, positionLps }) => ({
    rows,
    columns,
    source:
      kind === 'zero-filled'
        ? { kind: 'zero-fill' as const, pixels, positionLps }
        : { kind: 'reference' as const, positionLps },
  }));
  const shelf = new SliceShelf(rows * columns, target.slices.length);
  try {
    for await (const { image } of pool.run(tasks, job.signal)) {
      shelf.put(target.slices[shelf.length]!, image);
      job.progress({ stage: 'preparing', done: shelf.length, total: tasks.length });
    }
  } finally {
    pool.close();
  }
  return { ...target, ...enhanced, slices: shelf.slices };
}
