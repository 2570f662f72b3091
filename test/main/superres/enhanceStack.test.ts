import { describe, expect, it } from 'vitest';
import { type JobContext, type Progress, QUIET_JOB } from '../../../src/core/job.ts';
import type { InferenceSource } from '../../../src/core/networks/index.ts';
import { type Affine, IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import { zeroFillStack } from '../../../src/core/volume/kspace.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import type { MemoryBudget } from '../../../src/main/runtime/memory.ts';
import { type EnhancedStack, enhanceStack } from '../../../src/main/superres/enhanceStack.ts';
import { drawnModel, type TestModel, testModel } from '../../helpers/modelPackage.ts';
import { blob, centroid, makeReference, makeStack, noise } from './stacks.ts';

const budget: MemoryBudget = { totalMb: 4000, perWorkerMb: 2000, cores: 2 };
const guided = testModel('srcnn-guided', 2, { correction: true });

function enhance(
  target: SliceStack,
  model: InferenceSource,
  options: {
    readonly reference?: ReturnType<typeof makeReference>;
    readonly transform?: Affine;
    readonly budget?: MemoryBudget;
    readonly job?: JobContext;
  } = {},
): Promise<EnhancedStack> {
  const { reference, transform = IDENTITY_AFFINE } = options;
  return enhanceStack(
    {
      target,
      reference: reference && { volume: reference, transform },
      model,
      device: 'cpu',
      budget: options.budget ?? budget,
    },
    options.job ?? QUIET_JOB,
  );
}

const pixelsOf = (stack: SliceStack): Float32Array[] => stack.slices.map(({ pixels }) => pixels);

/** Largest difference of two stacks' pixels. */
function worst(a: SliceStack, b: SliceStack): number {
  let most = 0;
  for (const [n, { pixels }] of a.slices.entries()) {
    for (const [at, value] of pixels.entries()) {
      most = Math.max(most, Math.abs(value - b.slices[n]!.pixels[at]!));
    }
  }
  return most;
}

/** The guided network that adds the reference, scaled to [0, 1], to the target: every kernel a single 1. */
function addingReference(): TestModel {
  const model = testModel('srcnn-guided', 2, { features: [1, 1] });
  const weights = new Map(
    [...model.weights].map(([path, { shape, data }]) => {
      const delta = new Float32Array(data.length);
      // The last input channel is the reference; the centre of its kernel.
      const kernel = (shape[2] ?? 0) * (shape[3] ?? 0);
      if (path.endsWith('weight')) delta[data.length - kernel + (kernel - 1) / 2] = 1;
      return [path, { shape, data: delta }];
    }),
  );
  return { ...model, weights };
}

describe('enhanceStack', () => {
  it('is zero-filling where the network corrects nothing: nothing clipped, all scaled back', async () => {
    const values = noise(1);
    const target = makeStack(() => values() - 200);
    target.slices[1]!.pixels[77] = 50_000;
    const before = pixelsOf(target).map((pixels) => pixels.slice());
    for (const scale of [2, 4] as const) {
      const { stack, tiled } = await enhance(target, testModel('srcnn', scale));
      const expected = zeroFillStack(target, scale);
      expect(worst(stack, expected)).toBeLessThan(0.01);
      expect([stack.rows, stack.columns]).toEqual([24 * scale, 20 * scale]);
      expect(stack.spacingMm).toEqual([2 / scale, 1.5 / scale]);
      expect(tiled).toBe(false);
    }
    expect(pixelsOf(target)).toEqual(before);
  });

  it('keeps positions, sources, orientation and thickness of the target, the gap too', async () => {
    const target = makeStack(noise(1));
    const { stack } = await enhance(target, testModel('srcnn', 2));
    expect(stack.slices.map(({ positionLps }) => positionLps)).toEqual(
      target.slices.map(({ positionLps }) => positionLps),
    );
    expect(stack.slices.map(({ source }) => source)).toEqual(target.slices.map(({ source }) => source));
    expect([stack.iAxisLps, stack.jAxisLps, stack.sliceThicknessMm]).toEqual([
      target.iAxisLps,
      target.jAxisLps,
      target.sliceThicknessMm,
    ]);
  });

  it('gives the same bytes for any number of workers, whole or in tiles', async () => {
    const target = makeStack(noise(2), { rows: 64, columns: 56, slices: 5 });
    const reference = makeReference(noise(3), [110, 110, 30]);
    const one = await enhance(target, guided, { reference, budget: { ...budget, cores: 1 } });
    const four = await enhance(target, guided, { reference, budget: { ...budget, cores: 4 } });
    const small = one.estimatedMbPerWorker - 1;
    const tiled = await enhance(target, guided, {
      reference,
      budget: { totalMb: 4 * small, perWorkerMb: small, cores: 2 },
    });
    expect([one.workers, four.workers, tiled.workers]).toEqual([1, 4, 2]);
    expect([one.tiled, four.tiled, tiled.tiled]).toEqual([false, false, true]);
    expect(pixelsOf(four.stack)).toEqual(pixelsOf(one.stack));
    expect(pixelsOf(tiled.stack)).toEqual(pixelsOf(one.stack));
    expect(worst(one.stack, zeroFillStack(target, 2))).toBeGreaterThan(1);
  });

  it('gives the same bytes in tiles where a network folds more pixels than the scale', async () => {
    const target = makeStack(noise(2), { rows: 90, columns: 77, slices: 1 });
    const reference = makeReference(noise(3), [110, 110, 30]);
    const model = drawnModel('edsr-guided', { blocks: 1, features: 4, fold: 4 }, 2);
    const whole = await enhance(target, model, { reference });
    const small = whole.estimatedMbPerWorker - 1;
    const tiled = await enhance(target, model, {
      reference,
      budget: { totalMb: small, perWorkerMb: small, cores: 1 },
    });
    expect([whole.tiled, tiled.tiled]).toEqual([false, true]);
    expect(pixelsOf(tiled.stack)).toEqual(pixelsOf(whole.stack));
    expect(worst(whole.stack, zeroFillStack(target, 2))).toBeGreaterThan(1);
  });

  it.each<[string, Record<string, unknown>]>([
    ['glmamba', { channels: 8, N: 4 }],
    ['sanet', { n_resblocks: 1, n_feats: 16, effective_stages: 2 }],
    ['iconet', { channels: 8, rscfl: 2, N: 4, crb_reduction: 2 }],
  ])('gives the same bytes with 1, 2 and 4 workers, whole and in tiles: %s', async (network, options) => {
    const target = makeStack(noise(2), { rows: 88, columns: 76, slices: 5 });
    const reference = makeReference(noise(3), [110, 110, 30]);
    const model = drawnModel(network, options, 2);
    const whole = await enhance(target, model, { reference, budget: { ...budget, cores: 1 } });
    const small = whole.estimatedMbPerWorker - 1;
    const budgets = { whole: budget, tiled: { totalMb: 4 * small, perWorkerMb: small } };
    for (const [kind, memory] of Object.entries(budgets)) {
      const results: EnhancedStack[] = [];
      for (const cores of [1, 2, 4]) {
        results.push(await enhance(target, model, { reference, budget: { ...memory, cores } }));
      }
      expect(results.map(({ workers }) => workers)).toEqual([1, 2, 4]);
      expect(results.map(({ tiled }) => tiled)).toEqual(Array(3).fill(kind === 'tiled'));
      const [one, two, four] = results.map(({ stack }) => pixelsOf(stack));
      expect(two).toEqual(one);
      expect(four).toEqual(one);
      expect(one!.every((pixels) => pixels.every(Number.isFinite))).toBe(true);
    }
  });

  it('keeps a landmark of the target at its place in the patient', async () => {
    const place: Vec3 = [-8.3, 7.1, 0];
    const target = makeStack(blob(place, 4), { rows: 32, columns: 32 });
    const { stack } = await enhance(target, testModel('srcnn', 4));
    for (const n of stack.slices.keys()) {
      const found = centroid(stack, n);
      expect(Math.abs(found[0] - place[0])).toBeLessThan(0.1 * stack.spacingMm[0]);
      expect(Math.abs(found[1] - place[1])).toBeLessThan(0.1 * stack.spacingMm[1]);
    }
  });

  it('lays a landmark of the reference, moved, at the place of the target', async () => {
    const place: Vec3 = [-8.3, 7.1, 0];
    const empty = makeStack(() => 0, { rows: 32, columns: 32 });
    const moved = makeReference(blob([place[0] + 4, place[1] - 3, 0], 4), [80, 80, 30]);
    const transform: Affine = [
      [1, 0, 0, 4],
      [0, 1, 0, -3],
      [0, 0, 1, 0.5],
    ];
    const { stack, coverage } = await enhance(empty, addingReference(), { reference: moved, transform });
    expect(coverage).toBe(1);
    for (const n of stack.slices.keys()) {
      const found = centroid(stack, n);
      expect(Math.abs(found[0] - place[0])).toBeLessThan(0.1 * stack.spacingMm[0]);
      expect(Math.abs(found[1] - place[1])).toBeLessThan(0.1 * stack.spacingMm[1]);
      // 1 is the 99.9th percentile of the reference.
      expect(Math.max(...stack.slices[n]!.pixels)).toBeCloseTo(1.05, 1);
    }
  });

  it('does not depend on the units of target and reference', async () => {
    const target = makeStack(noise(4));
    const reference = makeReference(noise(5), [60, 60, 30]);
    const larger = {
      ...target,
      slices: target.slices.map((slice) => ({ ...slice, pixels: slice.pixels.map((value) => value * 1024) })),
    };
    const dimmer = { ...reference, voxels: reference.voxels.map((value) => value / 64) };
    const { stack } = await enhance(target, guided, { reference });
    const other = await enhance(larger, guided, { reference: dimmer });
    const scaled = pixelsOf(other.stack).map((pixels) => pixels.map((value) => value / 1024));
    expect(scaled).toEqual(pixelsOf(stack));
  });

  it('counts voxels without a finite value, takes them as 0 and says so', async () => {
    const target = makeStack(noise(6));
    const clean = makeStack(noise(6));
    for (const [slice, at, value] of [
      [0, 5, Number.NaN],
      [2, 9, Number.POSITIVE_INFINITY],
    ] as const) {
      target.slices[slice]!.pixels[at] = value;
      clean.slices[slice]!.pixels[at] = 0;
    }
    const reference = makeReference(noise(7));
    reference.voxels[40_000] = Number.NaN;
    const { stack, warnings } = await enhance(target, guided, { reference });
    expect(warnings).toEqual([{ code: 'not-finite-voxels', message: expect.stringContaining('2 voxels') }]);
    expect(pixelsOf(stack).every((pixels) => pixels.every(Number.isFinite))).toBe(true);
    reference.voxels[40_000] = 0;
    const expected = await enhance(clean, guided, { reference });
    expect(pixelsOf(stack)).toEqual(pixelsOf(expected.stack));
  });

  it('only interpolates where the reference does not reach, and names the slices', async () => {
    const target = makeStack(noise(8), { rows: 40, columns: 36 });
    // Ends above the first slices only, and in the middle of the others.
    const reference = makeReference(noise(9), [30, 90, 15]);
    const { stack, coverage, warnings } = await enhance(target, guided, { reference });
    const interpolated = zeroFillStack(target, 2);
    expect(coverage).toBeGreaterThan(0.1);
    expect(coverage).toBeLessThan(0.9);
    expect(warnings).toEqual([{ code: 'partial-overlap', message: expect.stringContaining('slices 1–4') }]);
    // The last slice lies beyond the reference.
    expect(pixelsOf(stack)[3]).toEqual(pixelsOf(interpolated)[3]);
    const differs = [...pixelsOf(stack)[0]!].map((value, at) =>
      Math.abs(value - pixelsOf(interpolated)[0]![at]!),
    );
    const share = differs.filter((difference) => difference > 0).length / differs.length;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.6);
  });

  it('does not take a long gap of the reference for an image', async () => {
    const target = makeStack(noise(8));
    const reference = makeReference(noise(9));
    const inPlane = 60 * 60;
    const inventedSlices = new Uint8Array(30).fill(1, 8, 13);
    const voxels = reference.voxels.slice();
    voxels.fill(0, 8 * inPlane, 13 * inPlane);
    const { stack, warnings } = await enhance(target, guided, {
      reference: { ...reference, voxels, inventedSlices },
    });
    // Slice 1 lies at k = 9.2.
    expect(pixelsOf(stack)[0]).toEqual(pixelsOf(zeroFillStack(target, 2))[0]);
    expect(warnings[0]?.code).toBe('partial-overlap');
  });

  it('refuses a reference elsewhere, a missing one, and memory that nothing fits in', async () => {
    const target = makeStack(noise(1));
    const elsewhere: Affine = [
      [1, 0, 0, 500],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ];
    const reference = makeReference(noise(2));
    await expect(enhance(target, guided, { reference, transform: elsewhere })).rejects.toMatchObject({
      code: 'no-overlap',
    });
    await expect(enhance(target, guided)).rejects.toMatchObject({ code: 'no-reference' });
    await expect(
      enhance(target, guided, { reference, budget: { totalMb: 20, perWorkerMb: 20, cores: 2 } }),
    ).rejects.toMatchObject({ code: 'out-of-memory', hint: expect.stringContaining('TANDEM_MEMORY_MB') });
  });

  it('reports every slice with the time left, and what it will take beforehand', async () => {
    const seen: Progress[] = [];
    const job = { ...QUIET_JOB, progress: (progress: Progress) => seen.push(progress) };
    await enhance(makeStack(noise(1), { slices: 8 }), testModel('srcnn', 2), { job });
    expect(seen.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seen[0]?.message).toMatch(/^cpu, 2 workers of about \d+ MB$/);
    expect(seen[4]?.secondsLeft).toBeGreaterThan(0);
    expect(seen[8]?.secondsLeft).toBe(0);
  });

  it('is cancelled within a second in the middle of large slices', async () => {
    const controller = new AbortController();
    let started = 0;
    const job: JobContext = {
      signal: controller.signal,
      progress: ({ done }) => {
        if (done !== 1) return;
        started = performance.now();
        controller.abort();
      },
    };
    const target = makeStack(noise(1), { rows: 256, columns: 256, slices: 12 });
    const model = testModel('srcnn', 2, { features: [64, 32] });
    await expect(enhance(target, model, { job })).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
