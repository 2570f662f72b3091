import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import type { CompanionFacts, SourceSeries } from '../../../src/core/dicom/derived/companion.ts';
import type { DataSet } from '../../../src/core/dicom/derived/dataSet.ts';
import { encodeDicomFile } from '../../../src/core/dicom/derived/encode.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { companionSource } from '../../../src/main/export/companionSource.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import type { SeriesEntry } from '../../../src/main/studies/types.ts';
import { readSeries } from './enhancedSeries.ts';

export const ORIENTATIONS = ['axial', 'sagittal', 'coronal', 'oblique'] as const;

export interface PhantomSource {
  readonly folder: string;
  readonly entry: SeriesEntry;
  readonly stack: SliceStack;
  readonly source: SourceSeries;
}

/** A small phantom study: its series as companions name them. */
export async function phantomSources(
  out: string,
  request: Omit<RequestInput<'phantom'>, 'out'> = {},
): Promise<PhantomSource[]> {
  const asked = operations.phantom.request.parse({ matrix: 20, slices: 5, ...request, out });
  const { series } = await phantomOperation(asked, QUIET_JOB);
  return Promise.all(
    series.map(async ({ path }) => {
      const { entry, stack } = await readSeries(path);
      return { folder: path, entry, stack, source: await companionSource(entry, QUIET_JOB) };
    }),
  );
}

export const FACTS: CompanionFacts & {
  readonly dimensionOrganizationUid: string;
  readonly content: { readonly label: string; readonly description: string };
} = {
  seriesUid: '2.25.101',
  sopInstanceUid: '2.25.102',
  seriesNumber: 9100,
  seriesDescription: 'Companion RUO',
  createdAt: new Date('2026-11-22T09:15:30.500Z'),
  localOffsetMinutes: 60,
  appVersion: '0.1.0',
  deviceUid: '2.25.103',
  dimensionOrganizationUid: '2.25.104',
  content: { label: 'TUMOUR', description: 'Something that was found' },
};

export async function writeDicom(folder: string, name: string, dataSet: DataSet): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, encodeDicomFile(dataSet));
  return path;
}
