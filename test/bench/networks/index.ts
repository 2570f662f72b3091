import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { writeSafetensors } from '../../../src/core/graph/safetensors.ts';
import { networkCost } from '../../../src/core/networks/cost.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { type BenchResult, median } from '../measure.ts';
import { pythonWithTorch } from '../torch.ts';
import { enginePeak } from './enginePeak.ts';
import { NETWORKS, problem, SCALE, SIDE } from './problem.ts';
import { secondsOfTrainingStep } from './trainingStep.ts';

/** Slices of a timed run: enough that every core has several. */
const SLICES = 8;
const RUNS = 3;
/** Those that are measured against the same network in PyTorch. */
const IN_TORCH: readonly string[] = ['sanet', 'glmamba'];
/** Two engines compute the same network: largest difference of the enhanced image, of its own range. */
const AGREEMENT = 1e-3;

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Every network at 240×240, ×2, on all cores, as `enhance` runs it: seconds a slice against its floor on this
 * machine, memory of a worker, seconds of a training step; two of them against PyTorch.
 */
export async function benchNetworks(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const network of NETWORKS) results.push(...(await benchNetwork(network)));
  return results;
}

async function benchNetwork(network: string): Promise<BenchResult[]> {
  const label = `${network} ×${SCALE}, ${SIDE}×${SIDE}`;
  const cores = availableParallelism();
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const python = IN_TORCH.includes(network) ? pythonWithTorch() : undefined;
  const [ourImage, theirImage, file] = ['ours', 'theirs', 'problem.safetensors'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const ours = new Process(process.execPath, [here('./slicesProcess.ts'), network, ourImage]);
  // As many processes of one thread as cores: PyTorch's own threads gain less on small tensors.
  const theirs: Process[] = [];
  if (python !== undefined) {
    const { weights, inputs } = problem(network);
    const images = [...inputs].map(([name, tensor]) => [`input:${name}`, tensor] as const);
    writeFileSync(file, writeSafetensors(new Map([...weights, ...images])));
    for (let n = 0; n < cores; n++) {
      theirs.push(new Process(python, [here('./torch_networks.py'), network, file, theirImage]));
    }
  } else if (IN_TORCH.includes(network)) {
    console.error(`${network} in PyTorch: not run, no Python here has it (TANDEM_PYTHON names one)`);
  }
  try {
    // Once unmeasured: sessions open, memory is taken, and both give the same image.
    await ours.run(cores);
    if (theirs.length > 0) {
      await runAll(theirs, 1);
      checkAgreement(network, ourImage, theirImage);
    }
    const times: { ours: number[]; theirs: number[]; floor: number[] } = { ours: [], theirs: [], floor: [] };
    let [ourPeak, theirPeak] = [0, 0];
    for (let n = 0; n < RUNS; n++) {
      const peak = await enginePeak();
      times.floor.push(floorSeconds(network, peak) / cores);
      const mine = await ours.run(SLICES);
      times.ours.push(mine.seconds / SLICES);
      ourPeak = mine.grown;
      if (theirs.length === 0) continue;
      const other = await runAll(theirs, 1);
      times.theirs.push(other.seconds / cores);
      theirPeak = other.grown;
    }
    const name = `${label}: a slice, ${cores} workers`;
    const floor = `${label}: its floor`;
    const ratio = (a: readonly number[], b: readonly number[]) => median(a.map((value, n) => value / b[n]!));
    const line = { unit: 's', runs: RUNS };
    const memory = `${label}: memory of a worker`;
    const results: BenchResult[] = [
      { ...line, name: floor, value: median(times.floor), against: null, ratio: null },
      { ...line, name, value: median(times.ours), against: floor, ratio: ratio(times.ours, times.floor) },
      { name: memory, value: ourPeak / 2 ** 20, unit: 'MB', against: null, ratio: null, runs: 1 },
    ];
    if (theirs.length > 0) {
      results.push({
        ...line,
        name: `${label}: a slice in PyTorch, ${cores} processes of 1 thread`,
        value: median(times.theirs),
        against: name,
        ratio: ratio(times.theirs, times.ours),
      });
      const value = theirPeak / 2 ** 20;
      const theirMemory = `${label}: memory of a PyTorch process`;
      const compared = { against: memory, ratio: theirPeak / ourPeak, runs: 1 };
      results.push({ name: theirMemory, value, unit: 'MB', ...compared });
    }
    results.push({
      name: `${network} ×${SCALE}: training step, 4 × 64×64, 1 thread`,
      value: await secondsOfTrainingStep(network),
      unit: 's',
      against: null,
      ratio: null,
      runs: RUNS,
    });
    return results;
  } finally {
    await ours.end();
    await Promise.all(theirs.map((one) => one.end()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same number of slices in every process at once. */
async function runAll(
  processes: readonly Process[],
  slices: number,
): Promise<{ seconds: number; grown: number }> {
  const all = await Promise.all(processes.map((one) => one.run(slices)));
  return {
    seconds: Math.max(...all.map(({ seconds }) => seconds)),
    grown: Math.max(...all.map(({ grown }) => grown)),
  };
}

/**
 * The least time of a slice on one core, in seconds: its multiply-accumulates at the engine's own peak (of a
 * convolution; of a matrix product for linear layers and attention), and for every state of a scan one Exp.
 */
function floorSeconds(network: string, peak: Awaited<ReturnType<typeof enginePeak>>): number {
  const { enhanced } = networkGraph(network, {}, SCALE, { batch: 1, rows: SIDE, columns: SIDE });
  let seconds = 0;
  for (const { operator, multiplyAccumulates } of networkCost([enhanced]).byOperator) {
    // The recurrence counts two for a state and token: h and what is read of it.
    if (operator === 'selectiveScan') seconds += (multiplyAccumulates / 2) * peak.secondsAnExp;
    else if (/conv/i.test(operator)) seconds += multiplyAccumulates / peak.convolution;
    else seconds += multiplyAccumulates / peak.product;
  }
  return seconds;
}

function checkAgreement(network: string, ourImage: string, theirImage: string): void {
  const [a, b] = [ourImage, theirImage].map((path) => {
    const bytes = readFileSync(path);
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }) as [Float32Array, Float32Array];
  let [worst, largest] = [0, 0];
  for (let n = 0; n < a.length; n++) {
    worst = Math.max(worst, Math.abs(a[n]! - b[n]!));
    largest = Math.max(largest, Math.abs(a[n]!));
  }
  if (a.length !== b.length || !(worst <= AGREEMENT * largest)) {
    throw new Error(`${network}: PyTorch's image differs by ${worst} of ${largest}: not the same network`);
  }
}

/** A process that computes slices as it is asked to: a line with their number in, a line of JSON out. */
class Process {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** Seconds that the slices took, and the growth of the peak of memory in bytes. */
  async run(slices: number): Promise<{ seconds: number; grown: number }> {
    const start = performance.now();
    this.child.stdin!.write(`${slices}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`${this.child.spawnargs.join(' ')} ended before it had its slices`);
    const { grown } = JSON.parse(value) as { grown: number };
    return { seconds: (performance.now() - start) / 1000, grown };
  }

  end(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    this.child.stdin!.end();
    return ended;
  }
}
