import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from '../measure.ts';

const FEW = 40;
const MANY = 4 * FEW;

/** With room to spare, garbage is left lying: a small heap shows what is held. */
const SMALL_HEAP = ['--max-old-space-size=64', '--max-semi-space-size=1'];

/**
 * Peak memory of exporting an enhanced series of 1024 × 1024 pixels, few slices and four times as many, each in a
 * process of its own and one after the other: memory that grows with the series would be seen in the ratio.
 */
export async function benchExport(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-export-'));
  const script = fileURLToPath(new URL('exportProcess.ts', import.meta.url));
  const peakMb = (form: string, slices: number): number => {
    const target = join(folder, `${form}-${slices}`);
    const told = execFileSync(process.execPath, [...SMALL_HEAP, script, target, form, `${slices}`], {
      encoding: 'utf8',
    });
    return (JSON.parse(told) as { peakBytes: number }).peakBytes / 1e6;
  };
  try {
    return ['classic', 'enhanced'].flatMap((form) => {
      const name = (slices: number) => `peak memory of exporting ${slices} slices, ${form}`;
      const [few, many] = [peakMb(form, FEW), peakMb(form, MANY)];
      const common = { unit: 'MB', runs: 1 };
      return [
        { ...common, name: name(FEW), value: few, against: null, ratio: null },
        { ...common, name: name(MANY), value: many, against: name(FEW), ratio: many / few },
      ];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
