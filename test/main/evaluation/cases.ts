import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialValues } from '../../../src/core/graph/parameters.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';

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

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tandem-evaluation-'));
}

/** A case folder with one NIfTI a contrast. */
export async function writeCase(volumes: Readonly<Record<string, Volume>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, volume] of Object.entries(volumes)) {
    await writeFile(join(folder, `${name}.nii`), encodeNifti(volume, { dataType: 'float32' }));
  }
  return folder;
}
