import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchResult, measureRatesInTurns } from '../measure.ts';
import { pythonWithTorch, StepProcess } from '../torch.ts';
import {
  TRAINING_LEARNING_RATE,
  TRAINING_NETWORKS,
  type TrainingNetwork,
  type TrainingProblem,
  trainingProblem,
} from './trainingNetworks.ts';

/** Steps in one turn, and turns. */
const STEPS = 5;
const TURNS = 7;
/** How far the losses may be apart after all steps: both start from the same weights and see the same data. */
const LOSS_TOLERANCE = 1e-3;

/**
 * Whole training steps (forward, loss, backward, Adam) in steps a second, and the memory they take, against
 * PyTorch on one thread, in turns. Without PyTorch only ours are told.
 */
export async function benchTraining(): Promise<BenchResult[]> {
  const python = pythonWithTorch();
  if (python === undefined) {
    console.error(
      'No Python with PyTorch was found (TANDEM_PYTHON, python3, /usr/bin/python3): training steps are not compared.',
    );
  }
  const results: BenchResult[] = [];
  for (const network of Object.keys(TRAINING_NETWORKS) as TrainingNetwork[]) {
    results.push(...(await benchNetwork(network, python)));
  }
  return results;
}

async function benchNetwork(network: TrainingNetwork, python: string | undefined): Promise<BenchResult[]> {
  const name = `training step, ${TRAINING_NETWORKS[network]}`;
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const ours = new StepProcess(process.execPath, [here('./trainingProcess.ts'), network]);
  const processes = [{ name, process: ours }];
  try {
    if (python !== undefined) {
      const file = join(folder, 'problem');
      writeFileSync(file, encodeProblem(trainingProblem(network)));
      const args = [here('../torch_training.py'), network, file, String(TRAINING_LEARNING_RATE)];
      processes.unshift({ name: `${name}: PyTorch`, process: new StepProcess(python, args) });
    }
    const measured = processes.map((one) => ({
      name: one.name,
      run: () => one.process.steps(STEPS),
      release: async () => {},
    }));
    const rates = await measureRatesInTurns(measured as [(typeof measured)[0]], TURNS, STEPS);
    const last = [];
    for (const one of processes) last.push({ name: one.name, ...(await one.process.steps(1)) });
    const [base] = last as [(typeof last)[0]];
    const apart = last.find(({ loss }) => !(Math.abs(loss / base.loss - 1) < LOSS_TOLERANCE));
    if (apart !== undefined) {
      throw new Error(
        `${apart.name} has the loss ${apart.loss}, ${base.name} ${base.loss}: not the same training`,
      );
    }
    const memory = last.map((one) => ({
      name: `${one.name}: memory`,
      value: one.grown / 1e6,
      unit: 'MB',
      against: one === base ? null : `${base.name}: memory`,
      ratio: one === base ? null : one.grown / base.grown,
      runs: 1,
    }));
    return [...rates, ...memory];
  } finally {
    for (const one of processes) await one.process.end();
    rmSync(folder, { recursive: true });
  }
}

/** As torch_training.py reads it: a line with the shapes, then the values of input, truth and parameters. */
function encodeProblem({ step, data, weights }: TrainingProblem): Uint8Array {
  const truth = data.get('truth')!;
  const images = [...data].filter(([name]) => name !== 'truth').map(([, image]) => image);
  const tensors = [
    joinChannels(images),
    truth,
    ...step.parameters.map(({ path, tensor }) => ({ shape: tensor.shape, data: weights.get(path)! })),
  ];
  const header = `${JSON.stringify(tensors.map(({ shape }) => shape))}\n`;
  return Buffer.concat([
    Buffer.from(header),
    ...tensors.map(({ data: values }) => new Uint8Array(values.buffer)),
  ]);
}

/** Images [N, 1, H, W] as the channels of one [N, C, H, W]; a single input as it is. */
function joinChannels(images: readonly { shape: readonly number[]; data: Float32Array }[]) {
  const [first] = images as [(typeof images)[0]];
  if (images.length === 1) return first;
  const [count, , height, width] = first.shape as [number, number, number, number];
  const data = new Float32Array(first.data.length * images.length);
  images.forEach((image, channel) => {
    for (let n = 0; n < count; n++) {
      const pixels = image.data.subarray(n * height * width, (n + 1) * height * width);
      data.set(pixels, (n * images.length + channel) * height * width);
    }
  });
  return { shape: [count, images.length, height, width], data };
}
