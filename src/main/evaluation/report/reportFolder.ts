import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluateResult } from '../../../core/contract/evaluation.ts';
import type { SliceStack } from '../../../core/volume/sliceStack.ts';
import { makeFolders } from '../../export/makeFolders.ts';
import type { CaseComparison } from '../evaluateCase.ts';
import { ERROR_FULL_SCALE, errorPng, greyPng, type ShownSlice } from './errorMaps.ts';
import { type CaseMaps, evaluationHtml, type SliceMaps } from './html.ts';
import { evaluationMarkdown } from './markdown.ts';
import { SLICES_HEADER, sliceRows } from './slicesCsv.ts';

/** The report of an evaluation as it grows: a case at a time, so that memory holds one. */
export interface ReportFolder {
  readonly addCase: (
    name: string,
    truth: SliceStack,
    methods: CaseComparison['methods'],
    shown: readonly ShownSlice[],
  ) => Promise<void>;
  /** Writes results.json, results.md and results.html. */
  readonly finish: (result: EvaluateResult) => Promise<void>;
}

/**
 * Writes into an empty folder: slices.csv, maps/ (PNG), and at last the results as JSON, Markdown and one
 * page of HTML.
 */
export async function openReportFolder(folder: string, scale: 2 | 4): Promise<ReportFolder> {
  const slicesPath = join(folder, 'slices.csv');
  const maps: CaseMaps[] = [];
  await writeFile(slicesPath, SLICES_HEADER);
  return {
    async addCase(name, truth, methods, shown) {
      await appendFile(slicesPath, sliceRows(name, truth, methods));
      await makeFolders(join(folder, 'maps', name));
      const slices: SliceMaps[] = [];
      for (const slice of shown) slices.push(await writeMaps(folder, name, truth, slice, scale));
      const aspect = (truth.columns * truth.spacingMm[0]) / (truth.rows * truth.spacingMm[1]);
      maps.push({ case: name, aspect, slices });
    },
    async finish(result) {
      await writeFile(join(folder, 'results.json'), `${JSON.stringify(result, null, 2)}\n`);
      await writeFile(join(folder, 'results.md'), evaluationMarkdown(result));
      const read = (file: string) => readFile(join(folder, file));
      await writeFile(join(folder, 'results.html'), evaluationHtml(result, maps, read));
    },
  };
}

async function writeMaps(
  folder: string,
  name: string,
  { rows, columns }: SliceStack,
  { index, truth, methods }: ShownSlice,
  scale: 2 | 4,
): Promise<SliceMaps> {
  const slice = index + 1;
  const start = `slice-${String(slice).padStart(3, '0')}`;
  const put = async (what: string, png: Buffer): Promise<string> => {
    const file = `maps/${name}/${start}-${what}.png`;
    await writeFile(join(folder, file), png);
    return file;
  };
  const written: SliceMaps['methods'][number][] = [];
  const truthFile = await put('truth', greyPng(truth, rows, columns));
  for (const [method, image] of methods) {
    written.push({
      method,
      image: await put(method, greyPng(image, rows, columns)),
      error: await put(`${method}-error`, errorPng(truth, image, rows, columns, ERROR_FULL_SCALE[scale])),
    });
  }
  return { slice, truth: truthFile, methods: written };
}
