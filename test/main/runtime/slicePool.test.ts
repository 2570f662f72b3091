import { afterEach, describe, expect, it } from 'vitest';
import { keepPool, releaseKeptPools, takePool } from '../../../src/main/runtime/keptPools.ts';
import { availableMemoryMb } from '../../../src/main/runtime/memory.ts';
import { SlicePool, type SliceTask } from '../../../src/main/runtime/slicePool.ts';
import { planTiles } from '../../../src/main/runtime/tiles.ts';
import type { SharedByWorkers, SliceReply, SliceSource } from '../../../src/main/superres/sliceWorker.ts';
import { convModel, haloOf, randomImage } from '../../helpers/convModel.ts';
import type { DyingReply, DyingShared, DyingSource } from './dyingSliceWorker.ts';

const layers = [
  { kernel: 9, channels: 16 },
  { kernel: 1, channels: 8 },
  { kernel: 5, channels: 1 },
];

afterEach(() => releaseKeptPools());

function tasks(
  count: number,
  rows = 40,
  columns = 37,
  tile?: number,
): SliceTask<SliceSource & DyingSource>[] {
  return Array.from({ length: count }, (_, number) => ({
    rows,
    columns,
    tiles: tile === undefined ? undefined : planTiles(rows, columns, tile, { halo: haloOf(layers) }),
    source: {
      kind: 'given',
      number,
      inputs: {
        zero_filled: randomImage(rows, columns, number),
        reference: randomImage(rows, columns, 1000 + number),
      },
    },
  }));
}

async function runAll(workers: number, work: SliceTask<SliceSource>[]): Promise<Float32Array[]> {
  const slices = new SlicePool<SliceSource, SliceReply, SharedByWorkers | undefined>({
    entry: new URL('../../../src/main/superres/sliceWorker.ts', import.meta.url),
    modelFor: (rows, columns) => convModel({ rows, columns, layers, reference: true }),
    device: 'cpu',
    workers,
    shared: undefined,
    workerMb: 10,
  });
  const results: Float32Array[] = [];
  try {
    for await (const result of slices.run(work)) results.push(result.image);
  } finally {
    slices.close();
  }
  return results;
}

interface Job {
  readonly images: readonly Float32Array[];
  readonly threads: ReadonlySet<number>;
  /** Sessions that were opened during the job. */
  readonly opened: number;
}

/** A job on the worker that can be told to die. */
async function job(
  work: SliceTask<DyingSource>[],
  options: {
    readonly seed?: number;
    readonly workers?: number;
    readonly deaths?: Readonly<Record<number, number>>;
    readonly workerMb?: number;
  } = {},
): Promise<Job> {
  const { seed = 1, workers = 2, deaths = {}, workerMb = 10 } = options;
  const shared: DyingShared = {
    deaths: new Int32Array(new SharedArrayBuffer(4 * work.length)),
    opened: new Int32Array(new SharedArrayBuffer(4)),
  };
  for (const [slice, times] of Object.entries(deaths)) shared.deaths[Number(slice)] = times;
  const slices = new SlicePool<DyingSource, DyingReply, DyingShared>({
    entry: new URL('./dyingSliceWorker.ts', import.meta.url),
    modelFor: (rows, columns) => convModel({ rows, columns, layers, reference: true, seed }),
    device: 'cpu',
    workers,
    shared,
    workerMb,
  });
  const images: Float32Array[] = [];
  const threads = new Set<number>();
  try {
    for await (const { image, threadId } of slices.run(work)) {
      images.push(image);
      threads.add(threadId);
    }
  } finally {
    slices.close();
  }
  return { images, threads, opened: shared.opened[0]! };
}

describe('SlicePool', () => {
  it('gives the same bytes, in the order of the slices, for 1, 2 and 4 workers', async () => {
    const work = tasks(9);
    const one = await runAll(1, work);
    expect(one).toHaveLength(9);
    expect(new Set(one.map((image) => image[0])).size).toBe(9);
    expect(await runAll(2, work)).toEqual(one);
    expect(await runAll(4, work)).toEqual(one);
  });

  it('runs an image in tiles bit for bit as if it were whole', async () => {
    const whole = await runAll(2, tasks(2, 120, 133));
    const tiled = await runAll(2, tasks(2, 120, 133, 48));
    for (const [n, image] of whole.entries()) {
      expect(tiled[n]).toEqual(image);
    }
  });

  it('loses no slice and changes no byte when workers die in the middle of several', async () => {
    const work = tasks(12);
    const undisturbed = await job(work, { workers: 1 });
    const disturbed = await job(work, { workers: 3, deaths: { 2: 1, 3: 2, 7: 1, 11: 2 } });
    expect(disturbed.images).toEqual(undisturbed.images);
    await expect(job(work, { workers: 3, deaths: { 5: 3 } })).rejects.toMatchObject({ code: 'failed' });
  });
});

describe('sessions', () => {
  it('are opened once a thread, model and size, and stay from one job to the next', async () => {
    const work = [...tasks(3), ...tasks(3, 30, 30)];
    const first = await job(work, { workers: 1 });
    expect(first.opened).toBe(2);
    const again = await job(work, { workers: 1 });
    expect(again.opened).toBe(0);
    expect(again.threads).toEqual(first.threads);
    expect(again.images).toEqual(first.images);
    // Other weights of the same shape are another model.
    const other = await job(work, { workers: 1, seed: 2 });
    expect(other.opened).toBe(2);
    expect(other.images).not.toEqual(first.images);
  });

  it('are closed, those used longest ago, where a thread has more than four', async () => {
    const sizes = [20, 21, 22, 23, 24];
    const work = sizes
      .flatMap((size) => tasks(1, size, size))
      .map((task) => ({ ...task, source: { ...task.source, number: 0 } }));
    expect((await job(work, { workers: 1 })).opened).toBe(5);
    expect((await job(work.slice(1), { workers: 1 })).opened).toBe(0);
    expect((await job(work.slice(0, 1), { workers: 1 })).opened).toBe(1);
  });

  it('do not stay where they are too large, after a job that failed, or when they are released', async () => {
    const work = tasks(2);
    const large = await job(work, { workers: 1, workerMb: 100_000 });
    const small = await job(work, { workers: 1 });
    expect(small.opened).toBe(1);
    expect(small.threads).not.toEqual(large.threads);
    await expect(job(work, { workers: 1, deaths: { 1: 3 } })).rejects.toThrow();
    expect((await job(work, { workers: 1 })).opened).toBe(1);
    releaseKeptPools();
    expect((await job(work, { workers: 1 })).opened).toBe(1);
  });

  it('do not stay where those of several jobs are too large together', async () => {
    releaseKeptPools();
    // A gigabyte at the most, less where little memory is free.
    const workerMb = 0.6 * Math.min(1024, availableMemoryMb() / 8);
    const [one, other] = [tasks(2), tasks(2, 30, 30)];
    expect((await job(one, { workers: 1, workerMb })).opened).toBe(1);
    expect((await job(one, { workers: 1, workerMb })).opened).toBe(0);
    expect((await job(other, { workers: 1, workerMb })).opened).toBe(1);
    expect((await job(other, { workers: 1, workerMb })).opened).toBe(1);
  });
});

describe('kept pools', () => {
  const closable = () => {
    const pool = { closed: false, close: () => {} };
    pool.close = () => {
      pool.closed = true;
    };
    return pool;
  };

  it('are given back once, and closed when their time is over', async () => {
    const [a, b] = [closable(), closable()];
    keepPool('a', a, 1);
    expect(takePool('b')).toBeUndefined();
    expect(takePool('a')).toBe(a);
    expect(takePool('a')).toBeUndefined();
    keepPool('b', b, 1, 20);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([a.closed, b.closed]).toEqual([false, true]);
    expect(takePool('b')).toBeUndefined();
  });

  it('hold no more than a gigabyte together: those kept first are closed', () => {
    const pools = [closable(), closable(), closable()];
    for (const [n, pool] of pools.entries()) keepPool(`${n}`, pool, 400);
    expect(pools.map(({ closed }) => closed)).toEqual([true, false, false]);
  });
});
