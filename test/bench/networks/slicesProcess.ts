import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { inferenceModel } from '../../../src/core/networks/index.ts';
import { SlicePool } from '../../../src/main/runtime/slicePool.ts';
import { workerUrl } from '../../../src/main/runtime/workerUrl.ts';
import type { SharedByWorkers, SliceReply, SliceSource } from '../../../src/main/superres/sliceWorker.ts';
import { peakBytes } from '../peakMemory.ts';
import { problem, SCALE, SIDE } from './problem.ts';

/**
 * Enhances slices as its parent asks, through the pool of worker threads that `enhance` uses, on all cores:
 * slicesProcess.ts NETWORK OUTPUT. A line with their number in, a line of JSON out: how much the peak of
 * resident memory has grown since before the first, for each worker. OUTPUT gets the first image, raw.
 */

const [network = '', output = ''] = process.argv.slice(2);
const { weights, inputs } = problem(network);
const workers = availableParallelism();
const images = Object.fromEntries([...inputs].map(([name, { data }]) => [name, data]));
const before = peakBytes();
const pool = new SlicePool<SliceSource, SliceReply, SharedByWorkers | undefined>({
  entry: workerUrl(
    'sliceWorker',
    new URL('../../../src/main/superres/enhanceStack.ts', import.meta.url).href,
  ),
  modelFor: (rows, columns) => inferenceModel({ network, options: {}, scale: SCALE, weights }, rows, columns),
  device: 'cpu',
  workers,
  shared: undefined,
  workerMb: 0,
});

for await (const line of createInterface({ input: process.stdin })) {
  const tasks = Array.from({ length: Number(line) }, () => ({
    rows: SIDE,
    columns: SIDE,
    source: { kind: 'given', inputs: images } as const,
  }));
  let first: Float32Array | undefined;
  for await (const { image } of pool.run(tasks)) first ??= image;
  if (output !== '' && first !== undefined) writeFileSync(output, first);
  console.log(JSON.stringify({ grown: (peakBytes() - before) / workers }));
}
pool.close();
process.exit(0);
