import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseModels } from '../../../src/main/evaluation/chooseModels.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { temporaryFolder } from './cases.ts';

let folder = '';

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTestPackage(join(folder, 'single-x2'), 'single-x2', testModel('srcnn', 2));
  await writeTestPackage(join(folder, 'guided-x2'), 'guided-x2', testModel('srcnn-guided', 2));
  await writeTestPackage(join(folder, 'guided-x4'), 'guided-x4', testModel('srcnn-guided', 4));
  await writeTestPackage(join(folder, 'copy'), 'single-x2', testModel('srcnn', 2));
  await writeTestPackage(join(folder, 'cubic'), 'cubic', testModel('srcnn', 2));
});

const ids = async (asked: Parameters<typeof chooseModels>[0], where = folder) =>
  (await chooseModels(asked, where)).models.map(({ id }) => id);

describe('chooseModels', () => {
  it('takes of all those of the target and scale with this reference or none', async () => {
    const shipped = await temporaryFolder();
    for (const [id, network, scale] of [
      ['a-x2', 'srcnn', 2],
      ['b-x2', 'srcnn-guided', 2],
      ['c-x4', 'srcnn', 4],
    ] as const) {
      await writeTestPackage(join(shipped, id), id, testModel(network, scale));
    }
    const all = { models: 'all', target: 't2', scale: 2 } as const;
    expect(await ids({ ...all, reference: 't1' }, shipped)).toEqual(['a-x2', 'b-x2']);
    expect(await ids({ ...all, reference: 'pd' }, shipped)).toEqual(['a-x2']);
    expect(await ids({ ...all, reference: undefined }, shipped)).toEqual(['a-x2']);
    expect(await ids({ ...all, reference: 't1', scale: 4 }, shipped)).toEqual(['c-x4']);
    await expect(ids({ ...all, target: 'flair' }, shipped)).rejects.toMatchObject({
      code: 'model-not-found',
      path: shipped,
    });

    await writeFile(join(shipped, 'b-x2', 'weights.safetensors'), 'broken');
    const { models, warnings } = await chooseModels({ ...all, reference: 't1' }, shipped);
    expect(models.map(({ id }) => id)).toEqual(['a-x2']);
    expect(warnings).toEqual([expect.stringContaining('b-x2')]);
  });

  it('takes each named model once, by id or path', async () => {
    const models = ['guided-x2', 'single-x2', join(folder, 'guided-x2')];
    expect(await ids({ models, target: 't2', reference: 't1', scale: 2 })).toEqual([
      'guided-x2',
      'single-x2',
    ]);
    // Named, a model need not be for this contrast.
    expect(await ids({ models: ['guided-x2'], target: 'flair', reference: 't1', scale: 2 })).toEqual([
      'guided-x2',
    ]);
  });

  it.each([
    [['guided-x4'], 't1', 'usage', /guided-x4 enhances ×4, not ×2/],
    [['guided-x2'], undefined, 'no-reference', /guided-x2/],
    [['nothing'], 't1', 'model-not-found', /nothing/],
    [['cubic'], 't1', 'usage', /called cubic/],
    [['single-x2', 'copy'], 't1', 'usage', /called single-x2/],
  ] as const)('refuses %j with the reference %s', async (models, reference, code, message) => {
    const run = ids({ models: [...models], target: 't2', reference, scale: 2 });
    await expect(run).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
