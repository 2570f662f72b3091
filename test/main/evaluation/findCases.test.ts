import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findCases } from '../../../src/main/evaluation/findCases.ts';
import { temporaryFolder } from './cases.ts';

let root = '';

async function folder(path: string, ...files: string[]): Promise<string> {
  const made = join(root, path);
  await mkdir(made, { recursive: true });
  for (const file of files) await writeFile(join(made, file), '');
  return made;
}

beforeAll(async () => {
  root = await temporaryFolder();
  await folder('all/b', 't2.nii.gz', 't1.nii.gz');
  await folder('all/a', 't2.nii');
  await folder('all/flair-only', 'flair.nii.gz');
  await folder('all/notes', 'readme.txt');
  await folder('all/deep/c', 't2.nii.gz');
  await folder('more/a', 't2.nii.gz');
  await folder('linked');
  await symlink(join(root, 'all/b'), join(root, 'linked/b'));
});

describe('findCases', () => {
  it('takes cases and folders of cases, one level deep, each once', async () => {
    const { cases, without } = await findCases([join(root, 'all/b'), join(root, 'all')], 't2');
    expect(cases).toEqual([
      { name: 'b', path: join(root, 'all/b') },
      { name: 'a', path: join(root, 'all/a') },
    ]);
    expect(without).toEqual([{ name: 'flair-only', path: join(root, 'all/flair-only') }]);
  });

  it('tells cases of one name apart, and follows links to cases', async () => {
    const { cases } = await findCases([join(root, 'all'), join(root, 'more'), join(root, 'linked')], 't2');
    expect(cases.map(({ name }) => name)).toEqual(['all-a', 'all-b', 'more-a', 'linked-b']);
  });

  it('names every folder that has no case, before anything is read', async () => {
    const wrong = [join(root, 'all/flair-only'), join(root, 'all'), join(root, 'nowhere')];
    const run = findCases(wrong, 't2');
    await expect(run).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/t2\.nii\.gz.*flair-only.*nowhere/),
    });
    await expect(findCases([join(root, 'nowhere')], 't2')).rejects.toMatchObject({
      code: 'not-found',
      path: join(root, 'nowhere'),
      message: 'There is no such folder',
    });
    await expect(findCases([join(root, 'all')], 'pd')).rejects.toMatchObject({
      code: 'not-found',
      path: join(root, 'all'),
      message: expect.stringContaining('pd.nii.gz'),
    });
  });
});
