import { readFile } from 'node:fs/promises';
import dicomParser from 'dicom-parser';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { type ExportOptions, exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';

/** When the tests' exports are made. */
export const NOW = new Date('2026-11-22T09:15:30.500Z');

/** Exports as DICOM and reads every file again with dicom-parser. */
export async function exportDicom(series: EnhancedSeries, out: string, options: ExportOptions = {}) {
  const written = await exportEnhanced(series, out, 'dicom', QUIET_JOB, { now: NOW, ...options });
  const sets = await Promise.all(
    written.files.map(async (path) => dicomParser.parseDicom(await readFile(path))),
  );
  return { written, sets };
}

/** Numbers of a DS. */
export const numbers = (set: dicomParser.DataSet, tag: string) => set.string(tag)!.split('\\').map(Number);
/** Items of a sequence. */
export const items = (set: dicomParser.DataSet, tag: string) =>
  (set.elements[tag]?.items ?? []).map((item) => item.dataSet!);
/** Code values of a code sequence. */
export const codes = (set: dicomParser.DataSet, tag: string) =>
  items(set, tag).map((item) => item.string('x00080100'));
/** Bytes of a value. */
export const bytesOf = (set: dicomParser.DataSet, tag: string) => {
  const element = set.elements[tag]!;
  return Buffer.from(set.byteArray.subarray(element.dataOffset, element.dataOffset + element.length));
};
/** Stored pixels. */
export const storedOf = (set: dicomParser.DataSet) => {
  const copy = Uint8Array.from(bytesOf(set, 'x7fe00010')).buffer;
  return set.uint16('x00280103') === 1 ? new Int16Array(copy) : new Uint16Array(copy);
};
