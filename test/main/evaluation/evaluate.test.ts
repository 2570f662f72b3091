import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { degradeStack } from '../../../src/core/volume/kspace.ts';
import { evaluateCase } from '../../../src/main/evaluation/evaluateCase.ts';
import { loadEvaluationCase } from '../../../src/main/evaluation/evaluationCase.ts';
import { fillVolume } from '../../core/volume/volumes.ts';
import { dataRoot } from '../../helpers/data.ts';
import { headGrid as grid, head, untrainedModel, writeCase } from './cases.ts';

describe('loadEvaluationCase', () => {
  it('takes axial RAS slices with content, cropped to multiples of 8, in [0, 1]', async () => {
    const folder = await writeCase({ t2: head(100), t1: head(7) });
    const { truth, reference, name } = await loadEvaluationCase(folder, 't2', 't1');
    expect(folder.endsWith(name)).toBe(true);
    expect([truth.columns, truth.rows]).toEqual([40, 48]);
    // RAS: columns run to the right (−x), rows to the front (−y), slices to the head.
    expect(truth.iAxisLps.map((x) => Math.round(x) + 0)).toEqual([-1, 0, 0]);
    expect(truth.jAxisLps.map((x) => Math.round(x) + 0)).toEqual([0, -1, 0]);
    // Slices 2 … 6 of the file (radius 12 mm and more) hold a tenth; ascending is from the feet.
    expect(truth.slices.map((slice) => slice.positionLps[2])).toEqual([12, 15, 18, 21, 24]);
    const brightest = Math.max(...truth.slices[1]!.pixels);
    expect(brightest).toBeLessThanOrEqual(1);
    expect(brightest).toBeGreaterThan(0.95);
    expect(Math.max(...truth.slices[0]!.pixels)).toBe(1);
    expect(truth.slices.every(({ pixels }) => pixels.every((value) => value >= 0))).toBe(true);
    expect(Math.max(...reference!.voxels)).toBe(1);
    expect(reference!.grid.size).toEqual([45, 50, 7]);
  });

  it('says what is missing', async () => {
    const folder = await writeCase({ t2: head(1), blank: fillVolume(grid, () => 0) });
    await expect(loadEvaluationCase(folder, 't2', 't1')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('t1.nii.gz'),
    });
    await expect(loadEvaluationCase(join(folder, 'none'), 't2', 't1')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('folder'),
    });
    await expect(loadEvaluationCase(folder, 'blank', undefined)).rejects.toMatchObject({
      code: 'nothing-readable',
    });
  });
});

describe('evaluateCase', () => {
  it.each([
    ['srcnn', 2],
    ['srcnn-guided', 4],
  ] as const)('measures an untrained %s at ×%i as zero-filling', async (network, scale) => {
    const loaded = await loadEvaluationCase(await writeCase({ t2: head(100), t1: head(7) }), 't2', 't1');
    const methods = await evaluateCase(
      loaded,
      { model: untrainedModel(network, scale), device: 'cpu', registration: 'none' },
      QUIET_JOB,
    );
    expect(Object.keys(methods)).toEqual(['zero-fill', 'cubic', 'untrained']);
    const [zeroFill, cubic, untrained] = [methods['zero-fill']!, methods.cubic!, methods.untrained!];
    for (const key of ['psnr', 'ssim', 'psnrInside', 'ssimInside'] as const) {
      expect(untrained[key]).toBeCloseTo(zeroFill[key], 4);
      expect(cubic[key]).not.toBeCloseTo(zeroFill[key], 3);
    }
    expect(zeroFill.psnr).toBeGreaterThan(15);
    expect(zeroFill.ssimInside).toBeLessThan(1);
  });

  it('finds nothing lost where nothing was above the kept frequencies', async () => {
    const loaded = await loadEvaluationCase(await writeCase({ t2: head(100) }), 't2', undefined);
    const smooth = (slice: Float32Array) =>
      slice.map((_, at) => {
        const [row, column] = [Math.floor(at / 40), at % 40];
        return (
          0.5 + 0.2 * Math.cos((2 * Math.PI * 3 * row) / 48) + 0.2 * Math.sin((2 * Math.PI * 4 * column) / 40)
        );
      });
    const truth = {
      ...loaded.truth,
      slices: loaded.truth.slices.map((s) => ({ ...s, pixels: smooth(s.pixels) })),
    };
    expect(degradeStack(truth, 2).rows).toBe(24);
    const methods = await evaluateCase(
      { ...loaded, truth },
      { model: untrainedModel('srcnn', 2), device: 'cpu', registration: 'none' },
      QUIET_JOB,
    );
    expect(methods['zero-fill']!.psnr).toBeGreaterThan(100);
    expect(methods.untrained!.psnr).toBeGreaterThan(100);
    expect(methods['zero-fill']!.ssimInside).toBeCloseTo(1, 6);
  });

  it('has no inside to measure where the foreground is thin', async () => {
    const lines = fillVolume(grid, ([, j]) => (j % 6 === 0 ? 5 : 0));
    const loaded = await loadEvaluationCase(await writeCase({ t2: lines }), 't2', undefined);
    const run = evaluateCase(
      loaded,
      { model: untrainedModel('srcnn', 2), device: 'cpu', registration: 'none' },
      QUIET_JOB,
    );
    await expect(run).rejects.toMatchObject({ code: 'nothing-readable' });
  });

  it('refuses a registration that is not to be trusted, and a guided model without its reference', async () => {
    const folder = await writeCase({ t2: head(100), blank: fillVolume(grid, () => 1) });
    const model = untrainedModel('srcnn-guided', 2);
    const blank = await loadEvaluationCase(folder, 't2', 'blank');
    const registered = evaluateCase(blank, { model, device: 'cpu', registration: 'rigid' }, QUIET_JOB);
    await expect(registered).rejects.toMatchObject({ code: 'registration-untrusted' });
    const alone = await loadEvaluationCase(folder, 't2', undefined);
    const unguided = evaluateCase(alone, { model, device: 'cpu', registration: 'none' }, QUIET_JOB);
    await expect(unguided).rejects.toMatchObject({ code: 'no-reference' });
  });

  it('stops when it is cancelled', async () => {
    const loaded = await loadEvaluationCase(await writeCase({ t2: head(100) }), 't2', undefined);
    const job = { progress: () => {}, signal: AbortSignal.abort() };
    const run = evaluateCase(
      loaded,
      { model: untrainedModel('srcnn', 2), device: 'cpu', registration: 'none' },
      job,
    );
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe.skipIf(!dataRoot())('the published baselines of tcga-fg-6692 [needs shared data]', () => {
  // As on the first model cards: PSNR and SSIM over all voxels, then inside.
  it.each([
    [
      2,
      {
        'zero-fill': [32.94391647884238, 0.9105192599811173, 31.224212322134054, 0.9346461386454841],
        cubic: [32.674308075239885, 0.9154438151180081, 30.866896022439438, 0.9350791211975803],
      },
    ],
    [
      4,
      {
        'zero-fill': [27.998679868132143, 0.7650781474049407, 25.01056694208863, 0.7415027431614145],
        cubic: [27.818468384713082, 0.7733977535670891, 24.8497823542677, 0.7381754481965919],
      },
    ],
  ] as const)('at ×%i', { timeout: 60_000 }, async (scale, published) => {
    const loaded = await loadEvaluationCase(join(dataRoot() ?? '', 'pairs/tcga-fg-6692'), 't2', undefined);
    const methods = await evaluateCase(
      loaded,
      { model: untrainedModel('srcnn', scale), device: 'cpu', registration: 'none' },
      QUIET_JOB,
    );
    for (const [name, numbers] of Object.entries(published)) {
      const { psnr, ssim, psnrInside, ssimInside } = methods[name]!;
      for (const [at, value] of [psnr, ssim, psnrInside, ssimInside].entries()) {
        expect(value).toBeCloseTo(numbers[at]!, 9);
      }
    }
    expect(methods.untrained!.psnr).toBeCloseTo(methods['zero-fill']!.psnr, 3);
  });
});
