import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { NIFTI1 } from '../../core/nifti/format.ts';
import { encodeNifti, exactScaling, type Scaling, type WrittenDataType } from '../../core/nifti/write.ts';
import { type Grid, gridAffine } from '../../core/volume/grid.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { streamFileAtomically } from './atomic.ts';
import { COMPRESSION_LEVEL } from './gzip.ts';

/** One of the volumes of a file, read when it is its turn. */
export interface VolumeSource {
  readonly read: () => Promise<{ readonly volume: Volume; readonly scalings: readonly Scaling[] }>;
}

/** What is known of the volumes once all have been looked at. */
export interface RepeatedVolumes {
  readonly grid: Grid;
  readonly emptySlices: readonly number[];
  readonly dataType: WrittenDataType;
  /** Under which all values of all volumes are whole 16-bit numbers; undefined where they are floats. */
  readonly scaling: Scaling | undefined;
}

/** Corners of two grids that differ by less are one, mm. */
const SAME_MM = 1e-3;

/**
 * Looks at volumes that are to stand in one file: their values and whether they share a grid. One is held at
 * a time.
 * @returns undefined where they do not lie on one grid
 * @throws TandemError as `read` does
 */
export async function examineVolumes(
  sources: readonly VolumeSource[],
  job: JobContext,
): Promise<RepeatedVolumes | undefined> {
  let grid: Grid | undefined;
  let candidates: readonly Scaling[] = [];
  const emptySlices: number[] = [];
  for (const { read } of sources) {
    throwIfCancelled(job.signal);
    const { volume, scalings } = await read();
    if (grid === undefined) {
      grid = volume.grid;
      candidates = scalings;
    } else if (!isSameGrid(grid, volume.grid)) return undefined;
    candidates = candidates.filter((one) => exactScaling(volume.voxels, [one]) !== undefined);
    emptySlices.push(volume.inventedSlices?.reduce((sum, flag) => sum + flag, 0) ?? 0);
  }
  if (grid === undefined) return undefined;
  const [scaling] = candidates;
  return { grid, emptySlices, scaling, dataType: scaling === undefined ? 'float32' : 'int16' };
}

function isSameGrid(a: Grid, b: Grid): boolean {
  if (a.size.some((side, axis) => side !== b.size[axis])) return false;
  const [first, second] = [gridAffine(a), gridAffine(b)];
  return first.every((row, r) =>
    row.every((value, c) => Math.abs(value - second[r]![c]!) * (c < 3 ? a.size[c]! : 1) <= SAME_MM),
  );
}

/** Dimensions 0 and 4 of a NIfTI-1 header, of 16 bits each. */
const NUMBER_OF_DIMENSIONS = NIFTI1.dim;
const FOURTH_DIMENSION = NIFTI1.dim + 8;
const MOST_VOLUMES = 32_767;

/**
 * Writes volumes one after another as a NIfTI-1 of four dimensions, gzipped where its name says so. The
 * spacing of the fourth is left 0: what it is, seconds or directions, is not said there.
 * @param examined what `examineVolumes` found of the same sources
 * @throws TandemError `too-large`, `cancelled`, and as `read` and `streamFileAtomically` do
 */
export async function writeVolumes(
  path: string,
  sources: readonly VolumeSource[],
  examined: RepeatedVolumes,
  description: string,
  job: JobContext,
): Promise<void> {
  if (sources.length > MOST_VOLUMES) {
    throw new TandemError('too-large', `${sources.length} volumes do not fit into one NIfTI file`, { path });
  }
  async function* pieces() {
    for (const [n, { read }] of sources.entries()) {
      throwIfCancelled(job.signal);
      const { volume } = await read();
      const { scaling } = examined;
      const bytes = encodeNifti(volume, {
        description,
        ...(scaling ? { scaling } : { dataType: 'float32' }),
      });
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      view.setInt16(NUMBER_OF_DIMENSIONS, 4, true);
      view.setInt16(FOURTH_DIMENSION, sources.length, true);
      yield n === 0 ? bytes : bytes.subarray(view.getFloat32(NIFTI1.voxOffset, true));
      job.progress({ stage: 'writing', done: n + 1, total: sources.length });
    }
  }
  await streamFileAtomically(path, async (file) => {
    const source = Readable.from(pieces(), { objectMode: true, highWaterMark: 1 });
    if (/\.gz$/i.test(path)) {
      await pipeline(source, createGzip({ level: COMPRESSION_LEVEL }), (packed) => writeAll(file, packed));
    } else await pipeline(source, (plain) => writeAll(file, plain));
  });
}

async function writeAll(file: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) await file.writeFile(chunk);
}
