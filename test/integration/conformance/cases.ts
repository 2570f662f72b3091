import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { zeroFillStack } from '../../../src/core/volume/kspace.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { allSeries } from '../../../src/main/studies/select.ts';
import type { SeriesEntry } from '../../../src/main/studies/types.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { dataRoot } from '../../helpers/data.ts';
import { PROVENANCE } from '../../main/export/enhancedSeries.ts';
import { runPython } from './judges.ts';

/** One source series of the matrix, as `sources.py` lists it. */
export interface Source {
  /** Says whether it is a real series, a turned copy of one, or generated. */
  readonly name: string;
  readonly vendor: string;
  readonly kind: 'classic' | 'enhanced' | 'mosaic';
  readonly orientation: 'axial' | 'sagittal' | 'coronal' | 'oblique';
  readonly folder: string;
}

/** A source, read by the studies room, at most four of its slices. */
export interface OpenSource extends Source {
  readonly entry: SeriesEntry;
  readonly stack: SliceStack;
  /** The files that these slices are in. */
  readonly files: readonly string[];
}

/** An enhanced series, written. */
export interface Exported {
  readonly name: string;
  readonly source: OpenSource;
  readonly scale: 2 | 4;
  /** One MR image a slice, or one Enhanced MR image. */
  readonly form: 'classic' | 'enhanced';
  readonly stack: SliceStack;
  readonly folder: string;
  readonly files: readonly string[];
  /** Its voxels as they were before they were stored: float32, all slices after each other. */
  readonly truth: string;
}

const SLICES = 4;

/** Writes all source series under `root`, real ones where the shared data are, and reads them. */
export async function openSources(root: string): Promise<OpenSource[]> {
  const data = dataRoot();
  runPython('sources.py', [root, ...(data === undefined ? [] : [join(data, 'dicom')])]);
  const sources = JSON.parse(await readFile(join(root, 'sources.json'), 'utf8')) as Source[];
  const opened: OpenSource[] = [];
  for (const source of sources) {
    const catalogue = await scanPaths([source.folder], QUIET_JOB);
    const entry = allSeries(catalogue)[0]!;
    const { stack } = await loadSeries(entry, QUIET_JOB);
    const start = Math.floor(Math.max(0, stack.slices.length - SLICES) / 2);
    const slices = stack.slices.slice(start, start + SLICES);
    const files = [...new Set(slices.map((slice) => slice.source!.path))];
    opened.push({ ...source, entry, stack: { ...stack, slices }, files });
  }
  return opened;
}

/**
 * Exports a source as its enhanced series: the real writing, but zero-filling in the place of a network, which
 * no part of writing can tell.
 */
export async function exportZeroFilled(
  root: string,
  source: OpenSource,
  scale: 2 | 4,
  form: Exported['form'],
): Promise<Exported> {
  const stack = zeroFillStack(source.stack, scale);
  const series: EnhancedSeries = {
    stack,
    target: source.entry,
    targetStack: source.stack,
    provenance: { ...PROVENANCE, scale },
    reference: undefined,
  };
  const name = `${source.name} ×${scale} ${form}`;
  const folder = join(root, source.name, `x${scale}-${form}`);
  const { files } = await exportEnhanced(series, folder, 'dicom', QUIET_JOB, { as: form });
  const truth = join(root, source.name, 'truth', `x${scale}-${form}.f32`);
  await mkdir(join(root, source.name, 'truth'), { recursive: true });
  await writeFile(truth, Buffer.concat(stack.slices.map(({ pixels }) => Buffer.from(pixels.buffer))));
  return { name, source, scale, form, stack, folder, files, truth };
}
