import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { dicomFile, lo, mrSlice } from '../../helpers/dicomBuilder.ts';
import type { BenchResult } from '../measure.ts';

interface Folder {
  readonly files: number;
  readonly series: number;
  /** Edge of the images, pixels. */
  readonly matrix: number;
  /** Private elements of a real header: it then takes more than the reader's first bytes. */
  readonly privateBytes: number;
}

const FOLDERS: readonly Folder[] = [
  { files: 10_000, series: 50, matrix: 256, privateBytes: 80_000 },
  // An archive's folder; small files, so that it fits a disk: headers and names are what an index is made of.
  { files: 100_000, series: 500, matrix: 32, privateBytes: 0 },
];

/** Time and peak memory of indexing 10 000 files of 200 kB and 100 000 of 4 kB, each in a process of its own. */
export async function benchStudies(): Promise<BenchResult[]> {
  return FOLDERS.flatMap(benchFolder);
}

function benchFolder(kind: Folder): BenchResult[] {
  const { files } = kind;
  const folder = mkdtempSync(join(tmpdir(), 'tandem-index-'));
  try {
    writeFiles(folder, kind);
    const script = fileURLToPath(new URL('indexProcess.ts', import.meta.url));
    const told = execFileSync(process.execPath, [script, folder], { encoding: 'utf8' });
    const { seconds, cpuSeconds, peakBytes, slices, reports } = JSON.parse(told) as Record<string, number>;
    if (slices !== files) throw new Error(`${slices} of ${files} images were indexed`);
    if (reports! < files / 1000) throw new Error(`progress was told ${reports} times`);
    const result = (name: string, value: number, unit: string): BenchResult => ({
      name,
      value,
      unit,
      against: null,
      ratio: null,
      runs: 1,
    });
    return [
      result(`index ${files} files`, seconds!, 's'),
      // What other work on the machine does not change.
      result(`index ${files} files, processor`, cpuSeconds!, 's'),
      result(`peak memory of indexing ${files} files`, peakBytes! / 1e6, 'MB'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeFiles(folder: string, { files, series: count, matrix, privateBytes }: Folder): void {
  const pixels = Array.from({ length: matrix * matrix }, (_, n) => n % 4096);
  const perSeries = files / count;
  for (let series = 0; series < count; series++) {
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
        columns: matrix,
        rows: matrix,
        pixels,
        extra: {
          [0x00290010]: lo('TANDEM BENCH'),
          [0x00291010]: { vr: 'OB', value: new Uint8Array(privateBytes) },
          [TAG.SequenceName]: lo('*tse2d1_11'),
        },
      });
      writeFileSync(join(below, `IM${n}`), dicomFile(slice));
    }
  }
}
