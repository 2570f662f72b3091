import {
  initialValues,
  l1Loss,
  parameterCount,
  toOnnx,
  trainingStep,
} from '../../../src/core/graph/index.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { blockedChannels } from '../../../src/main/runtime/blockedChannels.ts';
import { type BenchResult, measureInTurns } from '../measure.ts';
import { RUNS, ready } from './yardstick.ts';

/** SRCNN with the kernels that the paper compares. */
export async function benchSrcnn(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const kernels of [
    [9, 1, 5],
    [9, 3, 5],
    [9, 5, 5],
  ] as const) {
    results.push(...(await srcnnBench(kernels)));
  }
  return results;
}

/** Inference and training step of SRCNN on the same number of pixels. */
async function srcnnBench(kernels: readonly [number, number, number]): Promise<BenchResult[]> {
  const size = { batch: 6, rows: 80, columns: 80 };
  const label = `srcnn-guided ${kernels.join('-')}, 6 × 80×80`;
  const inference = networkGraph('srcnn-guided', { kernels }, 2, size);
  const training = networkGraph('srcnn-guided', { kernels }, 2, size);
  const truth = training.graph.input('truth', training.enhanced.shape);
  const step = trainingStep(training.graph, l1Loss(training.enhanced, truth), {
    name: 'step',
    blockedChannels: await blockedChannels(),
  });
  const parameters = initialValues(inference.parameters, 1);
  const forward = toOnnx({ name: 'srcnn', outputs: { enhanced: inference.enhanced }, parameters });
  return measureInTurns(
    [
      await ready(
        `${label}: forward (${parameterCount(inference.parameters)} parameters)`,
        forward,
        inference.graph,
      ),
      await ready(`${label}: training step`, step.onnx, training.graph),
    ],
    RUNS,
  );
}
