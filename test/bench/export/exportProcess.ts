import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import type { SeriesEntry } from '../../../src/main/studies/types.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { cs, dicomFile, mrSlice } from '../../helpers/dicomBuilder.ts';
import { PROVENANCE } from '../../main/export/enhancedSeries.ts';
import { peakBytes } from '../peakMemory.ts';

/**
 * Exports one series in a process of its own, whose memory is then its own; prints the peak in bytes as JSON. All
 * slices are given in one buffer, filled when a slice is asked for: what is measured is what the export holds.
 */
const [folder, form, count] = process.argv.slice(2) as [string, 'classic' | 'enhanced', string];
const MATRIX = 256;
const SCALE = 4;

const files = join(folder, 'source');
mkdirSync(files, { recursive: true });
const sources = Array.from({ length: Number(count) }, (_, n) => {
  const sopInstanceUid = `1.2.3.6.${n + 1}`;
  const slice = mrSlice({
    sopInstanceUid,
    instanceNumber: n + 1,
    positionLps: [0, 0, 2 * n],
    columns: MATRIX,
    rows: MATRIX,
    extra: { [TAG.SequenceVariant]: cs('NONE'), 1572885: cs('BRAIN') },
  });
  const path = join(files, `IM${String(n).padStart(5, '0')}`);
  writeFileSync(path, dicomFile(slice));
  return { path, sopInstanceUid, sopClassUid: '1.2.840.10008.5.1.4.1.1.4' };
});

/** Slices whose pixels are made when they are asked for, in a buffer that all of them share. */
function stackOf(matrix: number): EnhancedSeries['stack'] {
  const buffer = new Float32Array(matrix * matrix);
  return {
    columns: matrix,
    rows: matrix,
    spacingMm: [256 / matrix, 256 / matrix],
    iAxisLps: [1, 0, 0],
    jAxisLps: [0, 1, 0],
    sliceThicknessMm: 2,
    slices: sources.map((source, n) => ({
      positionLps: [0, 0, 2 * n],
      source,
      get pixels() {
        for (let at = 0; at < buffer.length; at++) buffer[at] = (at + 37 * n) % 4096;
        return buffer;
      },
    })),
  };
}

const entry: SeriesEntry = {
  summary: {
    uid: '1.2.3.2',
    number: 2,
    description: 'AX T2',
    modality: 'MR',
    format: 'dicom',
    size: [MATRIX, MATRIX, sources.length],
    spacingMm: [1, 1, 2],
    orientation: 'axial',
    contrast: { name: 't2', why: '' },
    warnings: [],
    path: files,
  },
  studyUid: '1.2.3.1',
  frameOfReferenceUid: '1.2.3.3',
  files: sources.map(({ path }) => path),
};
const series: EnhancedSeries = {
  stack: stackOf(MATRIX * SCALE),
  target: entry,
  targetStack: stackOf(MATRIX),
  reference: undefined,
  provenance: { ...PROVENANCE, scale: SCALE },
};
await exportEnhanced(series, join(folder, 'out'), 'dicom', QUIET_JOB, { as: form });
process.stdout.write(JSON.stringify({ peakBytes: peakBytes() }));
