import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../core/contract/operations.ts';
import { deviceKind, type SliceAxis } from '../../core/contract/schemas.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { Affine } from '../../core/volume/affine.ts';
import type { Slice, SliceStack } from '../../core/volume/sliceStack.ts';
import { writeFolderAtomically } from '../export/atomic.ts';
import { addEnhancement, type NewEnhancement, noteExport } from '../library/enhancementRows.ts';
import { privateDataFolder } from '../library/folder.ts';
import { inPassing, library } from '../library/library.ts';
import { isResultStored, makeRoom, resultFolder } from '../library/results.ts';
import { studyRow } from '../library/studyRows.ts';
import { loadSeries } from '../studies/load.ts';
import { regularVolume } from '../studies/regularVolume.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { SliceShelf } from './sliceShelf.ts';
import type { StoredSeries } from './store.ts';
import type { EnhancedSeries } from './types.ts';

/**
 * Enhanced series on disk: `voxels.f32` (slices in stack order, little-endian floats as the network gave them)
 * and `result.json`, everything else but the sources, which stay where they are and are read again. Written
 * whole or not at all; what is read back is bit for bit what was stored, or an error.
 */

const VOXELS = 'voxels.f32';
const FACTS = 'result.json';

interface StoredFacts {
  readonly schemaVersion: 1;
  readonly stack: Omit<SliceStack, 'slices'> & { readonly slices: readonly Omit<Slice, 'pixels'>[] };
  readonly voxelsSha256: string;
  readonly target: SeriesEntry;
  /** Of the target's pixels as they were read: what is compared with the result must be what it was made of. */
  readonly targetSha256: string;
  readonly plane: SliceAxis | null;
  readonly reference: SeriesEntry | null;
  /** Target points to reference points, as the network used it. */
  readonly transform: Affine | null;
  readonly fixedToMoving: Affine | null;
  readonly provenance: EnhancedSeries['provenance'];
  /** Its line in the history, in case that is lost. */
  readonly made: NewEnhancement;
}

/** What can be shown of a stored result without its sources. */
export interface StoredStack {
  readonly stack: SliceStack;
  readonly target: SeriesEntry;
  readonly reference: SeriesEntry | undefined;
  readonly provenance: EnhancedSeries['provenance'];
}

/**
 * Stores an enhanced series under an id and notes it in the history; what was not opened for longest makes room.
 * @param how.result what `enhance` answers
 * @throws TandemError `no-permission`, `write-failed` (the disk is full), `cancelled`; then nothing is stored
 */
export async function storeResult(
  id: string,
  { series, reference }: StoredSeries,
  { plane, result }: { readonly plane: SliceAxis | undefined; readonly result: Result<'enhance'> },
  job: JobContext,
): Promise<void> {
  privateDataFolder();
  const { slices, ...geometry } = series.stack;
  const made = historyOf(id, series, result);
  await writeFolderAtomically(
    resultFolder(id),
    async (folder) => {
      const facts: StoredFacts = {
        schemaVersion: 1,
        stack: { ...geometry, slices: slices.map(({ positionLps, source }) => ({ positionLps, source })) },
        voxelsSha256: await writeVoxels(join(folder, VOXELS), slices, job.signal),
        target: series.target,
        targetSha256: hashOfPixels(series.targetStack),
        plane: plane ?? null,
        reference: series.reference ?? null,
        transform: reference?.transform ?? null,
        fixedToMoving: series.fixedToMoving ?? null,
        provenance: series.provenance,
        made,
      };
      const file = await open(join(folder, FACTS), 'wx', 0o600);
      await file.writeFile(JSON.stringify(facts)).finally(() => file.close());
    },
    { signal: job.signal },
  );
  library().change((database) => addEnhancement(database, made));
  await makeRoom(library(), id);
}

/**
 * Notes an enhancement that is written somewhere and not kept here, where the library has its study: what was
 * made on the command line stands in the history too.
 */
export function noteWritten(
  id: string,
  series: EnhancedSeries,
  result: Result<'enhance'>,
  format: 'dicom' | 'nifti',
): void {
  const { folder } = result.output;
  // A command must not begin a library.
  if (folder === null || !existsSync(library().path)) return;
  inPassing((kept) =>
    kept.change((database) => {
      if (studyRow(database, series.target.studyUid) === undefined) return;
      addEnhancement(database, { ...historyOf(id, series, result), bytes: 0 });
      noteExport(database, id, { folder, format, atMs: Date.now() });
    }),
  );
}

function historyOf(
  id: string,
  { stack, target, reference, provenance }: EnhancedSeries,
  result: Result<'enhance'>,
) {
  const name = ({ summary }: SeriesEntry): string => summary.description || summary.contrast.name;
  const { model, scale, device, registration } = provenance;
  return {
    id,
    studyUid: target.studyUid,
    targetUid: target.summary.uid,
    target: name(target),
    referenceUid: reference?.summary.uid ?? null,
    reference: reference === undefined ? null : name(reference),
    model: model.id,
    modelVersion: model.version,
    scale,
    device: deviceKind.parse(device),
    verdict: registration.verdict,
    madeAtMs: Date.now(),
    seconds: result.seconds,
    result,
    bytes: 4 * stack.rows * stack.columns * stack.slices.length,
  } satisfies NewEnhancement;
}

/** What is stored under an id, without its sources; undefined where nothing is. Throws `failed` where it is damaged. */
export async function readStoredStack(id: string, job: JobContext): Promise<StoredStack | undefined> {
  const facts = await readFacts(id);
  if (facts === undefined) return undefined;
  const { target, reference, provenance } = facts;
  return { stack: await readStack(id, facts, job), target, reference: reference ?? undefined, provenance };
}

/**
 * What is stored under an id with its sources, read from where they are now; undefined where nothing is stored.
 *
 * @param locate finds where a series is now: folders are moved.
 * @throws TandemError `not-found` where the sources are gone, `bad-header` where they are not what the result
 *   was made of; `failed` where the stored files are damaged
 */
export async function readStoredSeries(
  id: string,
  locate: (entry: SeriesEntry, role: 'target' | 'reference') => Promise<SeriesEntry>,
  job: JobContext,
): Promise<StoredSeries | undefined> {
  const facts = await readFacts(id);
  if (facts === undefined) return undefined;
  const targetEntry = await locate(facts.target, 'target');
  const target = await loadSeries(targetEntry, job, { plane: facts.plane ?? undefined });
  if (hashOfPixels(target.stack) !== facts.targetSha256) {
    throw new TandemError('bad-header', 'The target has changed since it was enhanced', {
      path: targetEntry.summary.path,
      hint: 'Enhance it again.',
    });
  }
  const referenceEntry = facts.reference === null ? undefined : await locate(facts.reference, 'reference');
  const reference = referenceEntry && (await loadSeries(referenceEntry, job));
  const stack = await readStack(id, facts, job);
  return {
    series: {
      // Sources as they are read now: a folder may have moved.
      stack: {
        ...stack,
        slices: stack.slices.map((slice, n) => withSource(slice, target.stack.slices[n]?.source)),
      },
      target: targetEntry,
      targetStack: target.stack,
      reference: referenceEntry,
      fixedToMoving: facts.fixedToMoving ?? undefined,
      provenance: facts.provenance,
    },
    reference:
      reference === undefined || facts.transform === null
        ? undefined
        : {
            volume: regularVolume(reference.stack, reference.entry.summary.path),
            transform: facts.transform,
          },
  };
}

/** Pixels stay a getter where they lie on disk. */
function withSource(slice: Slice, source: Slice['source']): Slice {
  return {
    positionLps: slice.positionLps,
    source,
    get pixels() {
      return slice.pixels;
    },
  };
}

async function writeVoxels(path: string, slices: readonly Slice[], signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  try {
    for (const { pixels } of slices) {
      throwIfCancelled(signal);
      const bytes = bytesOf(pixels);
      hash.update(bytes);
      await file.writeFile(bytes);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function readFacts(id: string): Promise<StoredFacts | undefined> {
  if (!isResultStored(id)) return undefined;
  const path = join(resultFolder(id), FACTS);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const facts = parseJson(text) as Partial<StoredFacts> | undefined;
  if (facts?.schemaVersion !== 1) throw damaged(path);
  return facts as StoredFacts;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readStack(id: string, facts: StoredFacts, job: JobContext): Promise<SliceStack> {
  const { slices, ...geometry } = facts.stack;
  const pixelsPerSlice = geometry.rows * geometry.columns;
  const path = join(resultFolder(id), VOXELS);
  const shelf = new SliceShelf(pixelsPerSlice, slices.length);
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    for (const [n, { positionLps, source }] of slices.entries()) {
      throwIfCancelled(job.signal);
      const pixels = new Float32Array(pixelsPerSlice);
      const bytes = bytesOf(pixels);
      let got = 0;
      while (got < bytes.length) {
        const { bytesRead } = await file.read(bytes, got, bytes.length - got);
        if (bytesRead === 0) throw damaged(path);
        got += bytesRead;
      }
      hash.update(bytes);
      shelf.put({ positionLps, source, pixels }, pixels);
      job.progress({ stage: 'reading', done: n + 1, total: slices.length });
    }
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== facts.voxelsSha256) throw damaged(path);
  return { ...geometry, sliceThicknessMm: geometry.sliceThicknessMm, slices: shelf.slices };
}

function hashOfPixels(stack: SliceStack): string {
  const hash = createHash('sha256');
  for (const { pixels } of stack.slices) hash.update(bytesOf(pixels));
  return hash.digest('hex');
}

function bytesOf(pixels: Float32Array): Uint8Array {
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

function damaged(path: string): TandemError {
  return new TandemError('failed', 'The stored enhanced series is damaged', {
    path,
    hint: 'Enhance again; the same model and series give the same result.',
  });
}
