import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { segmentationImportOperation } from '../../../src/main/segmentation/importOperation.ts';
import { loadSegmentationPackage } from '../../../src/main/segmentation/packages/loadPackage.ts';
import { brightFiles, brightModel, SPEC } from './models.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-segmentation-import-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let folders = 0;
const take = (files: Parameters<typeof brightFiles>[1] = {}) => {
  const folder = join(root, `${folders++}`);
  const out = join(folder, 'package');
  return segmentationImportOperation({ ...brightFiles(folder, files), id: 'bright', out }, QUIET_JOB);
};

/** The model with one size of its input and output left open. */
function withOpenAxis(axis: number): Uint8Array {
  const model = fromBinary(ModelProtoSchema, brightModel());
  for (const { type } of [...model.graph!.input, ...model.graph!.output]) {
    if (type?.value.case !== 'tensorType') throw new Error('no tensor');
    type.value.value.shape!.dim[axis]!.value = { case: 'dimParam', value: 'N' };
  }
  return toBinary(ModelProtoSchema, model);
}

describe('a segmentation model from elsewhere', () => {
  it('becomes a package that loads, with its bytes as they were, and says where it is from', async () => {
    const made = await take({ spec: { limits: ['Knows nothing'] } });
    expect(made).toMatchObject({ model: 'bright', opset: 21 });
    expect(made.secondsPerImage).toBeGreaterThan(0);
    const { card, onnx } = await loadSegmentationPackage(made.path);
    expect(Buffer.from(onnx!)).toEqual(Buffer.from(brightModel()));
    expect(card).toMatchObject({
      source: { kind: 'onnx', input: 'scan', output: 'mask', imported: { file: 'bright.onnx' } },
      envelope: null,
      training: null,
      limits: ['Knows nothing'],
      licence: { weights: 'mine' },
    });
    expect((await readdir(made.path)).sort()).toEqual(['card.md', 'model.json', 'model.onnx']);
    expect(await readFile(join(made.path, 'card.md'), 'utf8')).toMatch(/imported from bright\.onnx/);
  });

  it('may leave the number of its images open, but not their size', async () => {
    const made = await take({ model: withOpenAxis(0) });
    expect((await loadSegmentationPackage(made.path)).card.source.kind).toBe('onnx');
    await expect(take({ model: withOpenAxis(3) })).rejects.toMatchObject({
      code: 'bad-model',
      hint: expect.stringContaining('dynamic axes'),
    });
  });

  it('is refused again where its bytes were changed after it was taken in', async () => {
    const { path } = await take();
    const file = join(path, 'model.onnx');
    const bytes = await readFile(file);
    bytes[bytes.length - 20]! ^= 1;
    await writeFile(file, bytes);
    await expect(loadSegmentationPackage(path)).rejects.toMatchObject({
      code: 'bad-model',
      message: expect.stringMatching(/hash differs/),
    });
  });

  it.each([
    [
      'a description of more contrasts',
      { spec: { contrasts: [SPEC.contrasts[0]] } },
      /input scan has the shape \[1, 2, 64, 64\], the description says \[1, 1, 64, 64\]/,
    ],
    [
      'a description of another canvas',
      { spec: { canvas: { size: 32, pixelMm: 1 } } },
      /input scan has the shape/,
    ],
    ['a description of more channels', { spec: { channels: 3 } }, /output mask has the shape/],
    ['logits that are said to be probabilities', { spec: { output: 'probabilities' } }, /outside 0 to 1/],
    [
      'a meaning that has no code',
      { spec: { labels: [{ ...SPEC.labels[0], meaning: 'tumor' }] } },
      /“tumor”, which has no code/,
    ],
    ['bytes that are no model', { model: new TextEncoder().encode('this is not a model') }, /no ONNX model/],
    ['weights that are not finite', { model: brightModel({ above: Number.NaN }) }, /not finite/],
  ] as const)('is refused with %s, and nothing is written', async (_, files, message) => {
    const before = folders;
    await expect(take(files as never)).rejects.toMatchObject({
      code: 'bad-model',
      message: expect.stringMatching(message),
    });
    expect((await readdir(join(root, `${before}`))).sort()).toEqual(['bright.json', 'bright.onnx']);
  });

  it('is refused where its description is wrong, with the place', async () => {
    await expect(take({ spec: { threshold: 2 } } as never)).rejects.toMatchObject({
      code: 'bad-header',
      message: expect.stringMatching(/^threshold/),
    });
    await expect(take({ spec: { wrong: 1 } } as never)).rejects.toMatchObject({ code: 'bad-header' });
  });

  it('does not take the place of another one of the same name', async () => {
    const files = brightFiles(join(root, 'twice'));
    await segmentationImportOperation({ ...files, id: 'twice' }, QUIET_JOB);
    await expect(segmentationImportOperation({ ...files, id: 'twice' }, QUIET_JOB)).rejects.toMatchObject({
      code: 'output-exists',
    });
    expect((await loadSegmentationPackage('twice')).id).toBe('twice');
  });
});
