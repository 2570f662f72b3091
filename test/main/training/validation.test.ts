import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { truncateKspace, zeroFill } from '../../../src/core/volume/kspace.ts';
import { psnrVolume } from '../../../src/core/volume/metrics.ts';
import { evaluateCase } from '../../../src/main/evaluation/evaluateCase.ts';
import { loadEvaluationCase } from '../../../src/main/evaluation/evaluationCase.ts';
import { loadTrainingCase } from '../../../src/main/training/data/pairFiles.ts';
import type { TrainingCase } from '../../../src/main/training/data/trainingCase.ts';
import { Validation } from '../../../src/main/training/validation.ts';
import { head, untrainedModel, writeCase } from '../evaluation/cases.ts';
import { pairOfImages } from './smallTraining.ts';
import { caseOf, imageOf } from './trainingCases.ts';

const { signal } = QUIET_JOB;

/** What is validated: the network whose correction is zero, or one that adds `offset` everywhere. */
function network(scale: 2 | 4, offset = 0) {
  const model = untrainedModel('srcnn-guided', scale);
  const last = [...model.weights.keys()].at(-1)!;
  const weights = new Map<string, NamedTensor>(model.weights);
  weights.set(last, { shape: [1], data: Float32Array.of(offset) });
  return { what: { ...model, device: 'cpu' as const }, weights };
}

function measure(cases: readonly TrainingCase[], scale: 2 | 4, offset = 0) {
  const { what, weights } = network(scale, offset);
  return new Validation(cases, what).measure(weights, signal);
}

describe('validation', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await writeCase({ t2: head(100), t1: head(40, 1) });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    2, 4,
  ] as const)('has the numbers of evaluation where all slices are chosen: ×%i', async (scale) => {
    const evaluated = await loadEvaluationCase(folder, 't2', 't1');
    const model = untrainedModel('srcnn-guided', scale);
    const options = { model, device: 'cpu', registration: 'none' } as const;
    const methods = await evaluateCase(evaluated, options, QUIET_JOB);
    const source = await loadTrainingCase(folder, { target: 't2', reference: 't1' }, QUIET_JOB);
    expect(source.places).toHaveLength(evaluated.truth.slices.length);
    const score = await measure([source], scale);
    const expected = methods['zero-fill']!;
    expect(score.psnr).toBeCloseTo(expected.psnr, 4);
    expect(score.psnrInside).toBeCloseTo(expected.psnrInside, 4);
    expect(score.ssim).toBeCloseTo(expected.ssim, 5);
    expect(score.ssimInside).toBeCloseTo(expected.ssimInside, 5);
    expect([score.gain, score.gainInside]).toEqual([0, 0]);
  });

  it('is of what the weights give, against zero-filling', async () => {
    const source = pairOfImages();
    const { truth } = source.slice(0);
    const low = truncateKspace(truth, 64, 56, 2);
    const filled = zeroFill(low.pixels, low.rows, low.columns, 64, 56);
    const score = await measure([source], 2, 0.05);
    const psnr = psnrVolume([truth], [filled.map((value) => value + 0.05)]);
    expect(score.psnr).toBeCloseTo(psnr, 3);
    expect(score.gain).toBeCloseTo(psnr - psnrVolume([truth], [filled]), 3);
    expect(score.gain).toBeLessThan(-0.5);
  });

  it('is the mean over the cases, each of a few slices spread over its stack', async () => {
    const read: number[] = [];
    const one = pairOfImages({ seed: 1 }).slice(0);
    const many = caseOf(
      64,
      56,
      Array.from({ length: 40 }, () => one),
      {
        slice: (n) => {
          read.push(n);
          return one;
        },
      },
    );
    const other = pairOfImages({ seed: 5, name: 'other' });
    const both = await measure([many, other], 2, 0.05);
    expect(read).toEqual([3, 10, 16, 23, 30, 36]);
    const [a, b] = [await measure([many], 2, 0.05), await measure([other], 2, 0.05)];
    for (const name of ['psnr', 'psnrInside', 'gain', 'gainInside', 'ssim', 'ssimInside'] as const) {
      expect(both[name]).toBeCloseTo((a[name] + b[name]) / 2, 4);
    }
    const hundred = Array.from({ length: 30 }, () => other);
    expect(new Validation(hundred, network(2).what).slices).toBe(30);
  });

  it.each([
    2, 4,
  ] as const)('crops large slices to their middle, on the grid of the smaller images: ×%i', async (scale) => {
    const [rows, columns] = [40, 312];
    const truth = imageOf(
      rows,
      columns,
      (row, column) => 0.5 + 0.3 * Math.sin(row / 2) * Math.cos(column / 3),
    );
    const source = caseOf(rows, columns, [{ truth, reference: truth }]);
    const low = truncateKspace(truth, rows, columns, scale);
    const middle = (image: Float32Array, factor: number) =>
      image.filter((_, n) => {
        const column = (n % (columns / factor)) * factor;
        return column >= 28 && column < 28 + 256;
      });
    const filled = middle(zeroFill(low.pixels, low.rows, low.columns, rows, columns), 1);
    const expected = psnrVolume([middle(truth, 1)], [filled]);
    expect((await measure([source], scale)).psnr).toBeCloseTo(expected, 3);
  });

  it('counts a case that has no inside for the whole image alone', async () => {
    const thin = imageOf(48, 40, (row, column) => (row % 8 < 4 && column % 8 < 4 ? 1 : 0));
    const none = caseOf(48, 40, [{ truth: thin, reference: thin }]);
    const deep = pairOfImages();
    const both = await measure([none, deep], 2, 0.05);
    expect(both.psnrInside).toBe((await measure([deep], 2, 0.05)).psnrInside);
    expect(both.psnr).not.toBe((await measure([deep], 2, 0.05)).psnr);
    expect((await measure([none], 2)).gainInside).toBeNaN();
  });

  it('is empty without cases, and can be cancelled', async () => {
    const { what, weights } = network(2);
    expect(new Validation([], what).isEmpty).toBe(true);
    const validation = new Validation([pairOfImages()], what);
    expect(validation.isEmpty).toBe(false);
    await expect(validation.measure(weights, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
