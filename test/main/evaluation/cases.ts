import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { initialValues } from '../../../src/core/graph/parameters.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import type { Grid } from '../../../src/core/volume/grid.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { fillVolume } from '../../core/volume/volumes.ts';

/** A network of the smallest size, not trained: its correction is zero, so it must equal zero-filling. */
export function untrainedModel(network: 'srcnn' | 'srcnn-guided', scale: 2 | 4) {
  const options = { features: [1, 1], kernels: [1, 1, 1] };
  const { parameters } = networkGraph(network, options, scale, { batch: 1, rows: 8, columns: 8 });
  const values = initialValues(parameters, 1);
  const weights = new Map(
    parameters.map(({ path, tensor }) => [path, { shape: [...tensor.shape], data: values.get(path)! }]),
  );
  return { id: 'untrained', network, options, scale, weights };
}

const made: string[] = [];

afterAll(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder that is removed when the file's tests are done. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-evaluation-'));
  made.push(folder);
  return folder;
}

/** A case folder with one NIfTI a contrast: a new one, or the one named. */
export async function writeCase(volumes: Readonly<Record<string, Volume>>, folder?: string): Promise<string> {
  const target = folder ?? (await temporaryFolder());
  await mkdir(target, { recursive: true });
  for (const [name, volume] of Object.entries(volumes)) {
    await writeFile(join(target, `${name}.nii`), encodeNifti(volume, { dataType: 'float32' }));
  }
  return target;
}

// Slices run along i, head to foot; j runs to the left, k to the back.
export const headGrid: Grid = {
  size: [7, 45, 50],
  spacingMm: [3, 1, 1],
  originLps: [-20, -25, 30],
  axesLps: [
    [0, 0, -1],
    [1, 0, 0],
    [0, 1, 0],
  ],
};

/**
 * A disc of texture 17 mm in radius around (2, 0), and one bright dot; smaller towards the head and empty at
 * the top. Patients differ in their texture.
 */
export function head(brightness: number, patient = 0): Volume {
  return fillVolume(headGrid, ([slice], [x, y]) => {
    const radius = Math.min(17, 6 * slice);
    const inside = Math.hypot(x - 2, y) < radius;
    const dot = slice === 6 && x === 2 && y === 0;
    const texture = Math.sin(x / 2 + patient) * Math.cos(y / 3);
    return dot ? 50 * brightness : inside ? brightness * (3 + texture) : 0;
  });
}
