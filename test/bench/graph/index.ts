import type { BenchResult } from '../measure.ts';
import { benchAttention } from './attention.ts';
import { benchConvolution } from './convolution.ts';
import { benchDeformConv2d } from './deformConv2d.ts';
import { benchMemory } from './memory.ts';
import { benchSelectiveScan } from './selectiveScan.ts';
import { benchSrcnn } from './srcnn.ts';
import { benchTraining } from './training.ts';

/** The graph on the CPU engine, one intra-op thread. */
export async function benchGraph(): Promise<BenchResult[]> {
  return [
    ...(await benchConvolution()),
    ...(await benchDeformConv2d()),
    ...(await benchAttention()),
    ...(await benchSelectiveScan()),
    ...(await benchSrcnn()),
    ...(await benchTraining()),
    ...benchMemory(),
  ];
}
