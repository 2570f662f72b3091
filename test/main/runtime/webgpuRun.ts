/** Run by the test of WebGPU in a process of its own: one slice on both devices; prints the worst difference. */
import { createSlicePool } from '../../../src/main/runtime/slicePool.ts';
import type { SharedByWorkers, SliceReply, SliceSource } from '../../../src/main/superres/sliceWorker.ts';
import { convModel, randomImage } from '../../helpers/convModel.ts';

const [rows, columns] = [40, 33];
const layers = [
  { kernel: 5, channels: 8 },
  { kernel: 3, channels: 1 },
];

async function run(device: 'cpu' | 'webgpu'): Promise<Float32Array[]> {
  const pool = createSlicePool<SliceSource, SliceReply, SharedByWorkers | undefined>({
    entry: new URL('../../../src/main/superres/sliceWorker.ts', import.meta.url),
    modelFor: () => convModel({ rows, columns, layers }),
    device,
    workers: 1,
    shared: undefined,
  });
  const images: Float32Array[] = [];
  const tasks = [1, 2, 3].map((seed) => ({
    rows,
    columns,
    source: { kind: 'given' as const, inputs: { zero_filled: randomImage(rows, columns, seed) } },
  }));
  for await (const reply of pool.run(tasks)) images.push(reply.image);
  pool.close();
  return images;
}

const cpu = await run('cpu');
const webgpu = await run('webgpu');
let worst = 0;
for (const [n, image] of cpu.entries()) {
  for (const [at, value] of image.entries()) worst = Math.max(worst, Math.abs(value - webgpu[n]![at]!));
}
console.log(JSON.stringify({ images: webgpu.length, worst }));
process.exit(0);
