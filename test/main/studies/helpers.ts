import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import type { Grid } from '../../../src/core/volume/grid.ts';
import { dicomFile, type Elements } from '../../helpers/dicomBuilder.ts';

/** A folder with the given files, gone after the test. Names may hold folders. */
export async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-studies-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Names and bytes of the slices of a series. */
export function seriesFiles(prefix: string, slices: readonly Elements[]): Record<string, Uint8Array> {
  return Object.fromEntries(slices.map((slice, n) => [`${prefix}${n + 1}.dcm`, dicomFile(slice)]));
}

/** A NIfTI file whose voxels are their own numbers. */
export function niftiBytes(grid: Partial<Grid> = {}): Uint8Array {
  const full: Grid = {
    size: [4, 3, 2],
    spacingMm: [1, 1, 3],
    originLps: [0, 0, 0],
    axesLps: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    ...grid,
  };
  const count = full.size[0] * full.size[1] * full.size[2];
  return encodeNifti({ grid: full, voxels: Float32Array.from({ length: count }, (_, n) => n) });
}

/** The error that a promise is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<TandemError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TandemError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
