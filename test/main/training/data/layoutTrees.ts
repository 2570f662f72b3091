import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { operations, type Request, type RequestInput } from '../../../../src/core/contract/operations.ts';
import { encodeNifti } from '../../../../src/core/nifti/write.ts';
import type { Grid } from '../../../../src/core/volume/grid.ts';
import { fillVolume } from '../../../core/volume/volumes.ts';

const made: string[] = [];

afterAll(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder that is removed when the file's tests are done. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-layouts-'));
  made.push(folder);
  return folder;
}

/** Files below a new folder: empty, or with what is given. */
export async function treeOf(
  files: readonly string[],
  content: (file: string) => Uint8Array | string = () => '',
): Promise<string> {
  const root = await temporaryFolder();
  for (const file of files) {
    const path = join(root, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content(file));
  }
  return root;
}

/** A small axial volume of thick slices that shows something everywhere. */
export function smallNifti(brightness: number): Uint8Array {
  const grid: Grid = {
    size: [24, 16, 4],
    spacingMm: [1, 1, 4],
    originLps: [0, 0, 0],
    axesLps: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  };
  const volume = fillVolume(grid, ([i, j, k]) => brightness * (100 + i + 2 * j + 3 * k));
  return encodeNifti(volume, { dataType: 'float32' });
}

/** A whole request: the defaults of the contract for what is not said. */
export function prepareRequest(request: RequestInput<'dataPrepare'>): Request<'dataPrepare'> {
  return operations.dataPrepare.request.parse(request);
}
