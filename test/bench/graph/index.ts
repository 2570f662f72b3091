import type { BenchResult } from '../measure.ts';
import { benchAttention } from './attention.ts';
import { benchConvolution } from './convolution.ts';
import { benchSrcnn } from './srcnn.ts';
import { benchTraining } from './training.ts';

/** The graph on the CPU engine, one intra-op thread. */
export async function benchGraph(): Promise<BenchResult[]> {
  return [...(await benchConvolution()), ...(await benchAttention()), ...(await benchSrcnn()), ...(await benchTraining())];
}
