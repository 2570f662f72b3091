import { expect, it } from 'vitest';
import { createSlicePool, type SliceTask } from '../../../src/main/runtime/slicePool.ts';
import { planTiles } from '../../../src/main/runtime/tiles.ts';
import type { SharedByWorkers, SliceReply, SliceSource } from '../../../src/main/superres/sliceWorker.ts';
import { convModel, haloOf, randomImage } from '../../helpers/convModel.ts';

const entry = new URL('../../../src/main/superres/sliceWorker.ts', import.meta.url);
const layers = [
  { kernel: 9, channels: 16 },
  { kernel: 1, channels: 8 },
  { kernel: 5, channels: 1 },
];
function pool(workers: number) {
  return createSlicePool<SliceSource, SliceReply, SharedByWorkers | undefined>({
    entry,
    modelFor: (rows, columns) => convModel({ rows, columns, layers, reference: true }),
    device: 'cpu',
    workers,
    shared: undefined,
  });
}

function tasks(count: number, rows = 40, columns = 37, tile?: number): SliceTask<SliceSource>[] {
  return Array.from({ length: count }, (_, n) => ({
    rows,
    columns,
    tiles: tile === undefined ? undefined : planTiles(rows, columns, tile, haloOf(layers)),
    source: {
      kind: 'given',
      inputs: {
        zero_filled: randomImage(rows, columns, n),
        reference: randomImage(rows, columns, 1000 + n),
      },
    },
  }));
}

async function runAll(workers: number, work: SliceTask<SliceSource>[]): Promise<Float32Array[]> {
  const slices = pool(workers);
  const results: Float32Array[] = [];
  for await (const result of slices.run(work)) results.push(result.image);
  slices.close();
  return results;
}

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
