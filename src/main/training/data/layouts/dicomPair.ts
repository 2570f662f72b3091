import { createHash } from 'node:crypto';
import { acquiredCounts } from '../../../../core/dicom/zeroFilled.ts';
import type { JobContext } from '../../../../core/job.ts';
import { degradeStack } from '../../../../core/volume/kspace.ts';
import { reorientToRas, slicesInRas } from '../../../../core/volume/reorient.ts';
import { fillInventedSlices } from '../../../../core/volume/resample.ts';
import { sha256OfFile } from '../../../studies/caseFolder.ts';
import { instanceAt, loadSeries, readInstancesOf } from '../../../studies/load.ts';
import { regularVolume } from '../../../studies/regularVolume.ts';
import type { SeriesEntry } from '../../../studies/types.ts';
import type { PairVolumes } from '../pairFiles.ts';

/** A series in words: `series 6 “AX FSE T2”, 55 files`. */
export function seriesWords({ summary, files }: SeriesEntry): string {
  const number = summary.number === null ? 'a series without number' : `series ${summary.number}`;
  return `${number} “${summary.description}”, ${files.length} files`;
}

/**
 * The volumes of two series of a study, the target at the resolution that was acquired. What fills gaps between
 * its slices serves registration alone: those planes are marked. Throws what reading throws, `bad-geometry` where
 * slices make no regular grid.
 */
export async function readDicomPair(
  target: SeriesEntry,
  reference: SeriesEntry | undefined,
  { signal }: JobContext,
): Promise<PairVolumes> {
  const quiet: JobContext = { signal, progress: () => {} };
  const sources = [await source(target), ...(reference === undefined ? [] : [await source(reference)])];
  const asWritten = (await loadSeries(target, quiet)).stack;
  const factor = await interpolation(target);
  const stack = factor > 1 ? degradeStack(asWritten, factor) : asWritten;
  const volume = regularVolume(stack, target.summary.path);
  const { voxels } = fillInventedSlices(volume, Number.POSITIVE_INFINITY);
  const { axis, reversed } = slicesInRas(volume.grid);
  const invented = volume.inventedSlices?.slice();
  if (reversed) invented?.reverse();
  return {
    target: reorientToRas({ grid: volume.grid, voxels }),
    acquired: { axis, invented },
    reference: reference && (await referenceVolume(reference, quiet)),
    files: sources.map(({ name, sha256 }) => ({ name, sha256 })),
    warnings: sources.flatMap(({ warnings }) => warnings),
  };
}

async function referenceVolume(entry: SeriesEntry, job: JobContext) {
  const { stack } = await loadSeries(entry, job);
  return regularVolume(stack, entry.summary.path);
}

/**
 * How many times more pixels than samples the scanner made, in the direction that it interpolated most; 1 where
 * it did not or where the header does not tell. Both directions are reduced by it, so that pixels keep their
 * shape: k-space beyond it is empty along one of them, and a network would learn to leave it so.
 */
async function interpolation(target: SeriesEntry): Promise<number> {
  if (!target.summary.warnings.some(({ code }) => code === 'zero-filled')) return 1;
  const place = target.slices?.[0] ?? { file: 0 };
  const path = target.files[place.file]!;
  const instance = instanceAt(await readInstancesOf(path), path, place);
  const counts = acquiredCounts(instance) ?? [];
  const factor = Math.max(1, ...counts.map(({ pixels, acquired }) => pixels / Math.round(acquired)));
  // Rounding must not cost the last sample.
  return Math.max(1, factor * (1 - 1e-9));
}

/**
 * A series as the source of a case: a hash over the sorted hashes of its files, so that their names do not matter.
 * That it lies on the disk a second time, byte for byte, is nothing to be warned of.
 */
async function source(entry: SeriesEntry) {
  const hashes: string[] = [];
  for (const path of entry.files) hashes.push(await sha256OfFile(path));
  const joined = createHash('sha256').update(hashes.toSorted().join('\n')).digest('hex');
  const warnings = entry.summary.warnings.filter(({ code }) => code !== 'duplicate-slices');
  const isCopied = warnings.length < entry.summary.warnings.length && (await areCopies(entry, hashes));
  return { name: seriesWords(entry), sha256: joined, warnings: isCopied ? warnings : entry.summary.warnings };
}

async function areCopies({ copies = [] }: SeriesEntry, hashes: readonly string[]): Promise<boolean> {
  const known = new Set(hashes);
  for (const path of copies) if (!known.has(await sha256OfFile(path))) return false;
  return copies.length > 0;
}
