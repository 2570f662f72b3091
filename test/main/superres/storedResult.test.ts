import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { resultFolder } from '../../../src/main/library/results.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import { enhanceOperation } from '../../../src/main/superres/enhanceOperation.ts';
import { exportOperation } from '../../../src/main/superres/exportOperation.ts';
import { enhancedStore } from '../../../src/main/superres/store.ts';
import { volumeOperation } from '../../../src/main/superres/volumeOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';

const ID = '8c9a2e0e-5b1f-4f7e-9a51-0d2c1a3b4c5d';
let root: string;
let study: string;
let homeBefore: string | undefined;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-stored-'));
  homeBefore = process.env.TANDEM_HOME;
  process.env.TANDEM_HOME = join(root, 'home');
  await mkdir(join(root, 'guided'));
  await writeTestPackage(join(root, 'guided'), 'guided', testModel('srcnn-guided', 2, { correction: true }));
}, 120_000);

afterAll(async () => {
  if (homeBefore === undefined) delete process.env.TANDEM_HOME;
  else process.env.TANDEM_HOME = homeBefore;
  await rm(root, { recursive: true, force: true });
});

beforeEach(async () => {
  study = await mkdtemp(join(root, 'study-'));
  await rm(join(root, 'home'), { recursive: true, force: true });
  const request = { out: join(study, 'images'), matrix: 32, slices: 4, sliceThicknessMm: 20, gapAfter: 2 };
  await phantomOperation(operations.phantom.request.parse(request), QUIET_JOB);
});

async function enhance(change: Partial<RequestInput<'enhance'>> = {}) {
  const images = join(study, 'images');
  const request: RequestInput<'enhance'> = {
    target: { paths: [images], series: '1' },
    reference: { paths: [images], series: '2' },
    scale: 2,
    model: join(root, 'guided'),
    device: 'cpu',
    registration: 'none',
    keepAs: ID,
    ...change,
  };
  return enhanceOperation(operations.enhance.request.parse(request), QUIET_JOB);
}

/** As a process finds it that did not make it. */
function restart(): void {
  enhancedStore.clear();
}

async function filesOf(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).sort();
  return new Map(
    await Promise.all(
      names.map(
        async (name): Promise<[string, string]> => [
          name,
          (await readFile(join(folder, name))).toString('hex'),
        ],
      ),
    ),
  );
}

const volume = (kind: 'enhanced' | 'zero-filled' | 'aligned-reference', id = ID) =>
  volumeOperation({ kind, id }, QUIET_JOB);

describe('a stored enhanced series', () => {
  it('is after a restart what it was before, to the bit, shown and exported', async () => {
    expect((await enhance()).id).toBe(ID);
    const kinds = ['enhanced', 'zero-filled', 'aligned-reference'] as const;
    const before = await Promise.all(kinds.map((kind) => volume(kind)));
    const request = operations.export.request.parse({ id: ID, out: join(study, 'one'), format: 'nifti' });
    await exportOperation(request, QUIET_JOB);
    const dicom = operations.export.request.parse({ id: ID, out: join(study, 'dicom1'), format: 'dicom' });
    const first = await exportOperation(dicom, QUIET_JOB);
    restart();
    expect(await Promise.all(kinds.map((kind) => volume(kind)))).toEqual(before);
    await exportOperation({ ...request, out: join(study, 'two') }, QUIET_JOB);
    expect(await filesOf(join(study, 'two'))).toEqual(await filesOf(join(study, 'one')));
    // UIDs follow from sources, weights, parameters and pixels.
    const again = await exportOperation({ ...dicom, out: join(study, 'dicom2') }, QUIET_JOB);
    expect(again.output.seriesUid).toBe(first.output.seriesUid);
  });

  it('can be looked at without its sources, and says which folder it misses for the rest', async () => {
    await enhance();
    const before = await volume('enhanced');
    await rename(join(study, 'images'), join(study, 'unplugged'));
    restart();
    expect(await volume('enhanced')).toEqual(before);
    await expect(volume('zero-filled')).rejects.toMatchObject({
      code: 'not-found',
      path: expect.stringContaining(join(study, 'images')),
    });
  });

  it('is not compared with a target that has changed', async () => {
    await enhance();
    restart();
    const series = join(study, 'images/series-1-t2');
    const [name = ''] = await readdir(series);
    const bytes = await readFile(join(series, name));
    bytes[bytes.length - 1] = bytes[bytes.length - 1]! ^ 1;
    await writeFile(join(series, name), bytes);
    await expect(volume('zero-filled')).rejects.toMatchObject({ code: 'bad-header' });
    expect((await volume('enhanced')).size).toEqual([64, 64, 4]);
  });

  it.each([
    ['cut short', async (path: string) => truncate(path, 1000)],
    [
      'changed by one bit',
      async (path: string) => {
        const bytes = await readFile(path);
        bytes[77] = bytes[77]! ^ 4;
        await writeFile(path, bytes);
      },
    ],
  ])('is an error where its file is %s, never other pixels', async (_, spoil) => {
    await enhance();
    restart();
    await spoil(join(resultFolder(ID), 'voxels.f32'));
    await expect(volume('enhanced')).rejects.toMatchObject({
      code: 'failed',
      path: join(resultFolder(ID), 'voxels.f32'),
    });
  });

  it('stays in memory, with a warning, where it cannot be stored', async () => {
    await writeFile(join(root, 'home'), 'a file where the folder should be');
    const { warnings, id } = await enhance();
    expect(warnings.find(({ code }) => code === 'not-stored')?.message).toContain('could not be stored');
    expect((await volume('enhanced', id)).size).toEqual([64, 64, 4]);
  });

  it('is not stored by an enhancement that nobody wants to keep', async () => {
    const { id } = await enhance({ keepAs: undefined });
    restart();
    await expect(volume('enhanced', id)).rejects.toMatchObject({ code: 'series-not-found' });
  });
});
