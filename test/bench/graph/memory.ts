import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from '../measure.ts';

const SCRIPT = fileURLToPath(new URL('../../main/training/stepMemory.ts', import.meta.url));
/** By name, and whether they have blocks that could be computed again. */
const NETWORKS = [
  ['srcnn 9-5-5', false],
  ['srcnn 9-1-5', false],
  ['many weights', false],
  ['deep and narrow', true],
  ['deep and wide', true],
  ['scans and deformable convolutions', true],
] as const;

/**
 * The real peak of training steps, each network in a process of its own, against what was foretold of it; then
 * the same with its blocks computed again, against keeping them. Only Linux tells a process's peak.
 */
export function benchMemory(): BenchResult[] {
  if (process.platform !== 'linux') return [];
  return NETWORKS.flatMap(([network, hasBlocks]) => {
    const name = `memory of a training step, ${network}`;
    const kept = measure(network, 'none');
    const line = { unit: 'MB', runs: 1 };
    const foretold = {
      ...line,
      name: `${name}: foretold`,
      value: kept.foretoldMb,
      against: null,
      ratio: null,
    };
    const ratio = kept.peakMb / kept.foretoldMb;
    const real = { ...line, name, value: kept.peakMb, against: foretold.name, ratio };
    if (!hasBlocks) return [foretold, real];
    const value = measure(network, 'blocks').peakMb;
    const again = `${name}: blocks computed again`;
    return [foretold, real, { ...line, name: again, value, against: name, ratio: value / kept.peakMb }];
  });
}

function measure(network: string, recompute: string): { peakMb: number; foretoldMb: number } {
  const output = execFileSync(process.execPath, ['--expose-gc', SCRIPT, network, recompute]);
  return JSON.parse(output.toString()) as { peakMb: number; foretoldMb: number };
}
