import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import { enhanceOperation } from '../../../src/main/superres/enhanceOperation.ts';
import { exportOperation } from '../../../src/main/superres/exportOperation.ts';
import { volumeOperation } from '../../../src/main/superres/volumeOperation.ts';
import { type TestModel, testModel, writeTestPackage } from '../../helpers/modelPackage.ts';

let root: string;
let study: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-enhance-'));
  study = join(root, 'study');
  const request = operations.phantom.request.parse({
    out: study,
    matrix: 48,
    referenceMatrix: 64,
    slices: 5,
    sliceThicknessMm: 20,
    gapAfter: 3,
  });
  await phantomOperation(request, QUIET_JOB);
  const guided = testModel('srcnn-guided', 2, { correction: true });
  await writePackage('guided', guided);
  await writePackage('single', testModel('srcnn', 2));
  await writePackage('narrow', testModel('srcnn', 4), { target: ['pd'], matrix: [64, 128] });
}, 120_000);

async function writePackage(
  id: string,
  model: TestModel,
  envelope: Parameters<typeof writeTestPackage>[3] = {},
): Promise<void> {
  await mkdir(join(root, id));
  await writeTestPackage(join(root, id), id, model, envelope);
}

afterAll(() => rm(root, { recursive: true, force: true }));

function enhance(options: Partial<RequestInput<'enhance'>> & { readonly modelId?: string } = {}) {
  const { modelId = 'guided', ...rest } = options;
  const request: RequestInput<'enhance'> = {
    target: { paths: [study], series: '1' },
    reference: { paths: [study], series: '2' },
    scale: 2,
    model: join(root, modelId),
    device: 'cpu',
    registration: 'none',
    ...rest,
  };
  return enhanceOperation(operations.enhance.request.parse(request), QUIET_JOB);
}

describe('enhance', () => {
  it('enhances a study, keeps it for the views and writes it where asked', async () => {
    const out = join(root, 'out');
    const result = await enhance({ out });
    expect(operations.enhance.result.parse(result)).toMatchObject({
      model: 'guided',
      device: 'cpu',
      registration: { verdict: 'none' },
      tiled: false,
      clipped: 0,
      validation: { files: 4, series: 1, errors: 0 },
    });
    expect(result.deviceReason).not.toBe('');
    expect(result.output.size).toEqual([96, 96, 4]);
    expect(result.output.files).toHaveLength(4);
    expect((await readdir(out)).filter((name) => name.endsWith('.dcm'))).toHaveLength(4);
    expect(result.peakMb).toBeGreaterThan(50);

    const target = await volumeOperation(
      { kind: 'series', series: { paths: [study], series: '1' } },
      QUIET_JOB,
    );
    expect(target).toMatchObject({ size: [48, 48, 5], dataType: 'int16', inventedSlices: [3] });
    const enhanced = await volumeOperation({ kind: 'enhanced', id: result.id }, QUIET_JOB);
    expect(operations.volume.result.parse(enhanced)).toMatchObject({
      size: [96, 96, 5],
      originLps: target.originLps,
      dataType: 'float32',
      inventedSlices: [3],
    });
    expect(enhanced.voxels.byteLength).toBe(96 * 96 * 5 * 4);
    expect(enhanced.label).toContain('×2');
    // The window that fits the target fits the enhanced series.
    expect(enhanced.window.width / target.window.width).toBeGreaterThan(0.7);
    expect(enhanced.window.width / target.window.width).toBeLessThan(1.5);
    const filled = await volumeOperation({ kind: 'zero-filled', id: result.id }, QUIET_JOB);
    const aligned = await volumeOperation({ kind: 'aligned-reference', id: result.id }, QUIET_JOB);
    for (const view of [filled, aligned]) {
      expect(view).toMatchObject({ size: enhanced.size, originLps: enhanced.originLps, inventedSlices: [3] });
    }

    const exported = await exportOperation(
      { id: result.id, out: join(root, 'nifti'), format: 'nifti', as: 'source', companions: [] },
      QUIET_JOB,
    );
    expect(exported.output.files).toHaveLength(1);
    expect(exported.validation).toBeNull();
    const asDicom = await exportOperation(
      { id: result.id, out: join(root, 'checked'), format: 'dicom', as: 'source', companions: [] },
      QUIET_JOB,
    );
    // The phantom has a gap, and so has what is made of it.
    expect(asDicom.validation).toMatchObject({ files: asDicom.output.files.length, series: 1, errors: 0 });
    await expect(
      exportOperation({ id: result.id, out, format: 'dicom', as: 'source', companions: [] }, QUIET_JOB),
    ).rejects.toMatchObject({
      code: 'output-exists',
    });
  });

  it('writes the same pixels at every run', async () => {
    const [one, two] = [await enhance(), await enhance()];
    const [a, b] = [
      await volumeOperation({ kind: 'enhanced', id: one.id }, QUIET_JOB),
      await volumeOperation({ kind: 'enhanced', id: two.id }, QUIET_JOB),
    ];
    expect(one.id).not.toBe(two.id);
    expect(Buffer.compare(a.voxels, b.voxels)).toBe(0);
  });

  it('says that a single-image model does not use the reference, and needs none', async () => {
    const result = await enhance({ modelId: 'single' });
    expect(result.warnings).toContainEqual({ code: 'reference-not-used', message: expect.any(String) });
    const alone = await enhance({ modelId: 'single', reference: undefined });
    expect(alone.warnings.map(({ code }) => code)).toEqual(['model-not-accepted']);
    expect(alone.modelState).toBe('candidate');
    expect(alone.registration.reasons.join()).toContain('nothing to register');
    await expect(
      volumeOperation({ kind: 'aligned-reference', id: alone.id }, QUIET_JOB),
    ).rejects.toMatchObject({ code: 'no-reference' });
  });

  it('warns outside of what the model has seen', async () => {
    const { warnings } = await enhance({ modelId: 'narrow', scale: 4, reference: undefined });
    expect(warnings.map(({ code }) => code)).toEqual([
      'outside-model-envelope',
      'outside-model-envelope',
      'model-not-accepted',
    ]);
    expect(warnings[0]?.message).toContain('pd');
    expect(warnings[1]?.message).toContain('192');
  });

  it('says what reading a NIfTI target had to make do with', async () => {
    const path = join(root, 'series.nii');
    const grid = {
      size: [24, 20, 3] as const,
      spacingMm: [1, 1, 4] as const,
      originLps: [0, 0, 0] as const,
      axesLps: [[1, 0, 0] as const, [0, 1, 0] as const, [0, 0, 1] as const] as const,
    };
    const voxels = Float32Array.from({ length: 24 * 20 * 3 }, (_, n) => n + 0.5);
    voxels[7] = Number.NaN;
    const first = encodeNifti({ grid, voxels });
    const view = new DataView(first.buffer, first.byteOffset);
    // dim: four, two volumes; no qform and no sform.
    view.setInt16(40, 4, true);
    view.setInt16(48, 2, true);
    view.setInt16(252, 0, true);
    view.setInt16(254, 0, true);
    await writeFile(path, Buffer.concat([first, Buffer.alloc(first.length - 352)]));
    const { warnings } = await enhance({
      modelId: 'single',
      target: { paths: [], series: path },
      reference: undefined,
    });
    const said = warnings.filter(({ message }) => message.startsWith('In the target: '));
    expect(said.map(({ code }) => code).sort()).toEqual([
      'first-volume-only',
      'missing-geometry',
      'not-finite-voxels',
    ]);
  });

  it('refuses, before it reads any pixel, what cannot work', async () => {
    await expect(enhance({ reference: undefined })).rejects.toMatchObject({ code: 'no-reference' });
    await expect(enhance({ scale: 4 })).rejects.toMatchObject({ code: 'usage' });
    await expect(enhance({ reference: { paths: [study], series: '1' } })).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(enhance({ modelId: 'absent' })).rejects.toMatchObject({ code: 'model-not-found' });
    await expect(enhance({ target: { paths: [study], series: '99' } })).rejects.toMatchObject({
      code: 'series-not-found',
    });
    const full = join(root, 'full');
    await mkdir(full);
    await writeFile(join(full, 'file'), '');
    await expect(enhance({ out: full })).rejects.toMatchObject({ code: 'output-exists' });
    expect(await readdir(full)).toEqual(['file']);
  });

  it('refuses a registration that is not to be trusted, with the reasons, unless told to go on', async () => {
    const blank = join(root, 'blank.nii');
    const size = [40, 40, 40] as const;
    const grid = {
      size,
      spacingMm: [6, 6, 4] as const,
      originLps: [-120, -120, -80] as const,
      axesLps: [[1, 0, 0] as const, [0, 1, 0] as const, [0, 0, 1] as const] as const,
    };
    await writeFile(blank, encodeNifti({ grid, voxels: new Float32Array(64_000).fill(7) }));
    const reference = { paths: [], series: blank };
    await expect(enhance({ reference, registration: 'rigid' })).rejects.toMatchObject({
      code: 'registration-untrusted',
      message: expect.stringContaining('blank'),
      hint: expect.stringContaining('--accept-registration'),
    });
    await expect(enhance({ reference, registration: 'none' })).resolves.toMatchObject({
      registration: { verdict: 'none' },
    });
  });

  it('refuses a reference that covers nothing of the target', async () => {
    const far = join(root, 'far.nii');
    const grid = {
      size: [20, 20, 20] as const,
      spacingMm: [1, 1, 1] as const,
      originLps: [2000, 0, 0] as const,
      axesLps: [[1, 0, 0] as const, [0, 1, 0] as const, [0, 0, 1] as const] as const,
    };
    await writeFile(far, encodeNifti({ grid, voxels: Float32Array.from({ length: 8000 }, (_, n) => n) }));
    await expect(enhance({ reference: { paths: [], series: far } })).rejects.toMatchObject({
      code: 'no-overlap',
    });
  });
});

it('volume and export say when an enhanced series is gone', async () => {
  const gone = { code: 'series-not-found', hint: 'Enhance again.' };
  await expect(volumeOperation({ kind: 'enhanced', id: 'x' }, QUIET_JOB)).rejects.toMatchObject(gone);
  await expect(
    exportOperation(
      { id: 'x', out: join(root, 'gone'), format: 'nifti', as: 'source', companions: [] },
      QUIET_JOB,
    ),
  ).rejects.toMatchObject(gone);
});
