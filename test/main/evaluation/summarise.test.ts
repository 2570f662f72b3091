import { describe, expect, it } from 'vitest';
import type { ImageQuality } from '../../../src/core/contract/schemas.ts';
import { type MeasuredCase, summarise } from '../../../src/main/evaluation/summarise.ts';

const quality = (psnr: number, psnrInside: number): ImageQuality => ({
  psnr,
  ssim: psnr / 50,
  psnrInside,
  ssimInside: psnrInside / 50,
});

/** A case in which each method has that PSNR inside, and on three slices 1 dB less, as much, 1 dB more. */
function measured(inside: Readonly<Record<string, number>>): MeasuredCase {
  return {
    methods: new Map(
      Object.entries(inside).map(([name, db]) => [
        name,
        {
          volume: quality(db + 2, db),
          slices: [-1, 0, 1].map((step) => quality(db + 2 + step, db + step)),
          secondsPerSlice: 0.1,
        },
      ]),
    ),
    disturbed: [],
  };
}

const models = [
  { id: 'guided', usesReference: true },
  { id: 'single', usesReference: false },
  { id: 'poor', usesReference: false },
];
const one = (bump: number): MeasuredCase =>
  measured({ 'zero-fill': 30 + bump, cubic: 29, single: 31 + bump, guided: 33 + 2 * bump, poor: 28 });

describe('summarise', () => {
  it('ranks by PSNR inside, with mean, sample sd and gain over cases', () => {
    const { methods, singleImage } = summarise([one(0), one(1), one(2)], models);
    expect(methods.map(({ method }) => method)).toEqual(['guided', 'single', 'zero-fill', 'cubic', 'poor']);
    expect(methods.map(({ kind }) => kind === 'model')).toEqual([true, true, false, false, true]);
    const [best] = methods;
    expect(best!.quality.psnrInside).toEqual({ n: 3, mean: 35, sd: 2 });
    expect(best!.gain.psnrInside).toEqual({ n: 3, mean: 4, sd: 1 });
    expect(best!.gain.psnr.mean).toBeCloseTo(4, 10);
    expect(best!.perSlice.psnrInside).toMatchObject({ n: 9, mean: 35 });
    expect(singleImage).toBe('single');
  });

  it('pairs slices where cases are few, and cases from six on', () => {
    const few = summarise([one(0), one(1)], models).tests;
    expect(new Set(few.map(({ over }) => over))).toEqual(new Set(['slices']));
    expect(few.every(({ n }) => n === 6)).toBe(true);
    const many = summarise([0, 1, 2, 3, 4, 5].map(one), models).tests;
    expect(new Set(many.map(({ over }) => over))).toEqual(new Set(['cases']));
    const found = many.find(
      ({ model, role, measure }) => model === 'guided' && role === 'zero-fill' && measure === 'psnrInside',
    )!;
    expect(found).toMatchObject({ n: 6, meanDifference: 5.5, wilcoxon: { p: 2 / 64, method: 'exact' } });
    expect(found.interval95![0]).toBeGreaterThan(3);
    expect(found.interval95![0]).toBeLessThan(5.5);
    expect(found.interval95![1]).toBeGreaterThan(5.5);
  });

  it('tests each model against the best of the others', () => {
    const { tests } = summarise([one(0), one(1)], models);
    const rivals = tests.filter(({ role, measure }) => role === 'best-rival' && measure === 'psnrInside');
    expect(rivals.map(({ model, against }) => [model, against])).toEqual([
      ['guided', 'single'],
      ['single', 'guided'],
      ['poor', 'guided'],
    ]);
    expect(rivals[0]!.meanDifference).toBeCloseTo(2.5, 10);
    expect(rivals[1]!.meanDifference).toBeCloseTo(-2.5, 10);
    const alone = summarise([measured({ 'zero-fill': 30, cubic: 29, guided: 33 })], models.slice(0, 1));
    expect(alone.tests.map(({ role }) => role)).toEqual(['zero-fill', 'zero-fill']);
    expect(alone.singleImage).toBeNull();
  });

  it('leaves out slices without an inside, on both sides of a pair', () => {
    const [first, second] = [one(0), one(1)];
    const slices = first.methods.get('guided')!.slices as ImageQuality[];
    slices[1] = quality(35, Number.NaN);
    const { tests, methods } = summarise([first, second], models);
    expect(tests.find(({ model }) => model === 'guided')!.n).toBe(5);
    expect(methods[0]!.perSlice.psnrInside.n).toBe(5);
    expect(methods[0]!.perSlice.psnr.n).toBe(6);
  });

  it('says what a disturbed reference costs, and against the best single image', () => {
    const withShift = (bump: number, db: number): MeasuredCase => ({
      ...one(bump),
      disturbed: [
        {
          disturbance: 'shift-2mm',
          note: '',
          methods: { guided: { ...quality(db + 2, db), coverage: 0.9 } },
        },
      ],
    });
    const { disturbed } = summarise([withShift(0, 30), withShift(1, 33), one(2)], models);
    expect(disturbed).toHaveLength(1);
    const [row] = disturbed;
    expect(row).toMatchObject({ disturbance: 'shift-2mm', model: 'guided' });
    expect(row!.quality.psnrInside).toMatchObject({ n: 2, mean: 31.5 });
    // Undisturbed 33 and 35, single 31 and 32: only the cases that were disturbed count.
    expect(row!.toUndisturbed.psnrInside).toBeCloseTo(-2.5, 10);
    expect(row!.toSingleImage!.psnrInside).toBeCloseTo(0, 10);
    expect(summarise([withShift(0, 30)], [models[0]!]).disturbed[0]!.toSingleImage).toBeNull();
  });
});
