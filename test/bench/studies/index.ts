import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { dicomFile, lo, mrSlice } from '../../helpers/dicomBuilder.ts';
import type { BenchResult } from '../measure.ts';

const FILES = 10_000;
const SERIES = 50;
const MATRIX = 256;
/** Private elements of a real header: it then takes more than the reader's first bytes. */
const PRIVATE_BYTES = 80_000;

/** Time and peak memory of indexing 10 000 files of 200 kB, in a process of its own. */
export async function benchStudies(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-index-'));
  try {
    writeFiles(folder);
    const script = fileURLToPath(new URL('indexProcess.ts', import.meta.url));
    const told = execFileSync(process.execPath, [script, folder], { encoding: 'utf8' });
    const { seconds, cpuSeconds, peakBytes, slices } = JSON.parse(told) as Record<string, number>;
    if (slices !== FILES) throw new Error(`${slices} of ${FILES} images were indexed`);
    const result = (name: string, value: number, unit: string): BenchResult => ({
      name,
      value,
      unit,
      against: null,
      ratio: null,
      runs: 1,
    });
    return [
      result(`index ${FILES} files`, seconds!, 's'),
      // What other work on the machine does not change.
      result(`index ${FILES} files, processor`, cpuSeconds!, 's'),
      result(`peak memory of indexing ${FILES} files`, peakBytes! / 1e6, 'MB'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeFiles(folder: string): void {
  const pixels = Array.from({ length: MATRIX * MATRIX }, (_, n) => n % 4096);
  const perSeries = FILES / SERIES;
  for (let series = 0; series < SERIES; series++) {
    const below = join(folder, String(series));
    mkdirSync(below);
    for (let n = 0; n < perSeries; n++) {
      const slice = mrSlice({
        studyUid: `1.2.3.${Math.floor(series / 10)}`,
        seriesUid: `1.2.3.4.${series}`,
        seriesNumber: series,
        instanceNumber: n + 1,
        sopInstanceUid: `1.2.3.5.${series}.${n}`,
        positionLps: [0, 0, n],
        columns: MATRIX,
        rows: MATRIX,
        pixels,
        extra: {
          [0x00290010]: lo('TANDEM BENCH'),
          [0x00291010]: { vr: 'OB', value: new Uint8Array(PRIVATE_BYTES) },
          [TAG.SequenceName]: lo('*tse2d1_11'),
        },
      });
      writeFileSync(join(below, `IM${n}`), dicomFile(slice));
    }
  }
}
