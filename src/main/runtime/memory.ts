import { readFileSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { nodesBehind } from '../../core/graph/graph.ts';
import { tensorMemory } from '../../core/graph/memory.ts';
import type { ShardedStep } from '../../core/graph/shardedStep.ts';
import type { Tensor } from '../../core/graph/tensor.ts';
import type { TrainingStep } from '../../core/graph/trainingStep.ts';
import type { NetworkGraph } from '../../core/networks/index.ts';

const MEGABYTE = 1024 * 1024;

/** What a run may take. */
export interface MemoryBudget {
  /** For all workers together. */
  readonly totalMb: number;
  /** For one worker: a slice that needs more runs in tiles. */
  readonly perWorkerMb: number;
  /** Most workers, whatever the memory. */
  readonly cores: number;
}

/**
 * How much one worker may take before its slices run in tiles, by the estimate: with what that may be short of,
 * 1.3 GB for a core. A fixed number, so that the same input gives the same tiles, and the same bytes, on a busy
 * machine and on a free one.
 */
const WORKER_MB = 1024;
/** Share of the memory that is free now which a run takes for itself. */
const SHARE_OF_FREE = 0.7;

/**
 * The budget of this machine now: a share of the memory that is free (TANDEM_MEMORY_MB where set), all
 * cores (TANDEM_WORKERS where set).
 */
export function machineBudget(environment: NodeJS.ProcessEnv = process.env): MemoryBudget {
  const set = positive(environment.TANDEM_MEMORY_MB);
  const totalMb = set ?? availableMemoryMb() * SHARE_OF_FREE;
  return {
    totalMb,
    perWorkerMb: Math.min(WORKER_MB, totalMb),
    cores: Math.floor(positive(environment.TANDEM_WORKERS) ?? availableParallelism()),
  };
}

/** How many workers of `workerMb` each the budget allows, at least one, at most one a slice. */
export function workerCount(budget: MemoryBudget, workerMb: number, slices: number): number {
  return Math.max(1, Math.min(budget.cores, slices, Math.floor(budget.totalMb / workerMb)));
}

/** Memory that could be taken without swapping, MiB: the system's, or less where a control group limits it. */
export function availableMemoryMb(): number {
  const system = meminfo(readText('/proc/meminfo')) ?? freemem() / MEGABYTE;
  return Math.min(system, controlGroupMb() ?? Number.POSITIVE_INFINITY);
}

/** MemAvailable of /proc/meminfo, MiB. */
function meminfo(text: string | undefined): number | undefined {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(text ?? '');
  return match ? Number(match[1]) / 1024 : undefined;
}

/** What is left of the control group's limit (version 2), page cache that can be dropped counted as free. */
function controlGroupMb(): number | undefined {
  const folder = '/sys/fs/cgroup';
  const limit = positive(readText(`${folder}/memory.max`));
  const used = positive(readText(`${folder}/memory.current`));
  if (limit === undefined || used === undefined) return undefined;
  const cache = /^inactive_file (\d+)$/m.exec(readText(`${folder}/memory.stat`) ?? '');
  return Math.max(0, limit - used + Number(cache?.[1] ?? 0)) / MEGABYTE;
}

/**
 * How much of its memory arena onnxruntime takes for each byte of computed tensors alive, as measured
 * (test/main/superres/workerMemory.test.ts): convolutions alone, whose tensors are of a few sizes, leave few
 * gaps; attention, pools and above all scans of tokens, with tensors of many sizes, leave large ones.
 */
const ARENA = { convolutions: 1.5, attention: 2, scans: 3 } as const;
/** Weights lie in the arena too, and some a second time in the layout that convolutions want. */
const ARENA_FED = 1.75;

/** Memory of one worker, MiB, that runs this network; `prepared` is the size of the slice, where it is tiled. */
export function workerMb(
  { network, enhanced }: Pick<NetworkGraph, 'network' | 'enhanced'>,
  prepared: { readonly rows: number; readonly columns: number } = sizeOf(enhanced.shape),
): number {
  const { fed, computed } = tensorMemory([enhanced]);
  const arena = ARENA_FED * fed + ARENA[kindOf(network, enhanced)] * computed;
  return preparingMb(prepared.rows, prepared.columns) + arena / MEGABYTE;
}

/**
 * Memory of one worker, MiB, that prepares slices of this size and runs no network: a thread with its code
 * 60 MiB, preparing an image (spectra in double precision, the resampled reference, copies) 64 bytes a pixel.
 */
export function preparingMb(rows: number, columns: number): number {
  return 60 + (64 * rows * columns) / MEGABYTE;
}

function kindOf({ sees }: NetworkGraph['network'], enhanced: Tensor): keyof typeof ARENA {
  if (sees === 'neighbourhood') return 'convolutions';
  return nodesBehind([enhanced]).some(({ operator }) => operator === 'selectiveScan') ? 'scans' : 'attention';
}

function sizeOf(shape: readonly number[]): { rows: number; columns: number } {
  return { rows: shape.at(-2)!, columns: shape.at(-1)! };
}

/**
 * Memory of training on the CPU, MiB, beyond what the process holds anyway. Measured with onnxruntime 1.30 on
 * SRCNNs and residual networks (test/main/training/memory.test.ts): its arena leaves gaps of up to twice the
 * largest tensor; results are copied for JavaScript, and copies of earlier steps, some 32 MiB of them, wait to
 * be collected; the session itself takes 8 MiB.
 */
export function trainingMb({ memory }: Pick<TrainingStep, 'memory'>): number {
  const { fed, computed, largest, state } = memory;
  return 8 + 32 + (fed + computed + 2 * largest + state) / MEGABYTE;
}

/** A thread with the code that computes shards, MiB, beyond its session. */
const SHARD_THREAD_MB = 32;

/**
 * The same of training in shards (test/main/training/parallelMemory.test.ts): as many sessions as shards are
 * computed at once, each with 16 MiB of copies of its results that wait to be collected, and that of the update.
 */
export function shardedTrainingMb(
  { memory, shards }: Pick<ShardedStep, 'memory' | 'shards'>,
  workers: number,
): number {
  const { gradient, update, state } = memory;
  const atOnce = Math.max(1, Math.min(workers, shards));
  const sessionMb = 8 + 16 + (gradient.fed + gradient.computed + 2 * gradient.largest) / MEGABYTE;
  const updateMb = 8 + 32 + (update.fed + update.computed + state) / MEGABYTE;
  return atOnce * sessionMb + (atOnce - 1) * SHARD_THREAD_MB + updateMb;
}

/** What a training may take, MiB: what is free now, or TANDEM_MEMORY_MB where set. */
export function trainingBudgetMb(environment: NodeJS.ProcessEnv = process.env): number {
  return positive(environment.TANDEM_MEMORY_MB) ?? availableMemoryMb();
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text?.trim());
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
}
