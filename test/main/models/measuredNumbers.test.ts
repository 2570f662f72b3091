import { describe, expect, it } from 'vitest';
import type { EvaluatedCase } from '../../../src/core/contract/evaluation.ts';
import type { ImageQuality } from '../../../src/core/contract/schemas.ts';
import type { ModelCard } from '../../../src/main/models/card.ts';
import { evaluatedNumbers } from '../../../src/main/models/evaluatedNumbers.ts';
import type { ModelPackage } from '../../../src/main/models/loadModelPackage.ts';
import { unseenGainOf, withNumbers } from '../../../src/main/models/measuredNumbers.ts';
import { groupsToMeasure, titleOf } from '../../../src/main/models/measuringGroups.ts';
import { enhancingMemoryMb } from '../../../src/main/superres/enhanceStack.ts';
import { testModel } from '../../helpers/modelPackage.ts';

const quality = (value: number): ImageQuality => ({
  psnr: value,
  ssim: value / 100,
  psnrInside: value - 1,
  ssimInside: value / 200,
});

const measured = (name: string, own: number, trainedOn = false) => ({
  case: name,
  trainedOn,
  scale: 2 as const,
  slices: 5,
  methods: { 'zero-fill': quality(30), m: quality(own) },
});

const performance = { device: 'CPU, 1 core', secondsPerSlice: 0.5, rows: 48, columns: 40 };

const rows = (psnr: number) => [{ disturbance: 'blank', psnr, psnrInside: psnr }];

/** A package by its card alone. */
function packageOf(network: 'srcnn' | 'srcnn-guided', change: Partial<ModelCard> = {}): ModelPackage {
  const { weights, ...model } = testModel(network, change.scale ?? 2, { features: [2, 1] });
  const contrasts = { target: 't2', reference: network === 'srcnn' ? null : 't1' };
  const card = {
    id: 'm',
    ...model,
    contrasts,
    measured: [],
    training: null,
    ...change,
  } as unknown as ModelCard;
  return { id: card.id, path: `/packages/${card.id}`, card, weights, weightsSha256: '' };
}

describe('withNumbers', () => {
  it('puts a case’s new numbers in the place of its old ones, and keeps the others', () => {
    const card = {
      id: 'm',
      licence: { weights: 'CC0' },
      measured: [measured('ann', 31), measured('zoe', 32)],
      robustness: [
        { case: 'zoe', rows: rows(28) },
        { case: 'ann', rows: rows(29) },
      ],
    } as unknown as ModelCard;
    const before = structuredClone(card);
    const found = [measured('bob', 34), measured('ann', 33)];
    const robustness = [{ case: 'ann', rows: rows(20) }];
    expect(withNumbers(card, { measured: found, robustness, performance })).toEqual({
      ...before,
      measured: [measured('ann', 33), measured('zoe', 32), measured('bob', 34)],
      robustness: [
        { case: 'zoe', rows: rows(28) },
        { case: 'ann', rows: rows(20) },
      ],
      performance,
    });
    expect(card).toEqual(before);
  });

  it('says nothing of disturbed references where there never were any', () => {
    const card = { id: 'm', measured: [] } as unknown as ModelCard;
    const anew = withNumbers(card, { measured: [measured('ann', 33)], robustness: [], performance });
    expect(anew).not.toHaveProperty('robustness');
  });
});

describe('unseenGainOf', () => {
  it('is the mean gain inside over the cases that were not trained on', () => {
    const card = { id: 'm', measured: [measured('a', 31), measured('b', 34), measured('c', 40, true)] };
    expect(unseenGainOf(card)).toEqual({ cases: 2, psnrInside: 2.5 });
    expect(unseenGainOf({ id: 'm', measured: [measured('c', 40, true)] })).toBeNull();
    expect(unseenGainOf({ id: 'called otherwise once', measured: [measured('a', 31)] })).toBeNull();
  });
});

describe('evaluatedNumbers', () => {
  const evaluated = (name: string, seconds: number, columns = 40): EvaluatedCase => {
    const method = { perSlice: {} as never, secondsPerSlice: seconds };
    return {
      case: name,
      path: `/cases/${name}`,
      files: [],
      trainedOn: [],
      slices: 5,
      rows: 48,
      columns,
      registration: null,
      methods: {
        'zero-fill': { ...quality(30), ...method },
        cubic: { ...quality(29), ...method },
        other: { ...quality(50), ...method },
        m: { ...quality(33), ...method },
      },
      disturbed: [
        { disturbance: 'blank', note: '', methods: { m: { ...quality(27), coverage: 1 } } },
        { disturbance: 'shift-1mm', note: '', methods: { other: { ...quality(28), coverage: 1 } } },
      ],
      warnings: [],
    };
  };

  it('takes the model’s own numbers and those of interpolation', () => {
    const numbers = evaluatedNumbers(packageOf('srcnn-guided'), [evaluated('ann', 1)]);
    expect(numbers.measured).toEqual([
      {
        case: 'ann',
        trainedOn: false,
        scale: 2,
        slices: 5,
        methods: { 'zero-fill': quality(30), cubic: quality(29), m: quality(33) },
      },
    ]);
    expect(numbers.robustness).toEqual([
      { case: 'ann', rows: [{ disturbance: 'blank', psnr: 27, psnrInside: 26 }] },
    ]);
  });

  it('knows a case that was trained on by its files, and a patient by name', () => {
    const training = {
      cases: [{ name: 'bob-v1' }, { name: 'scan-77', patient: 'eve' }],
      data: { split: { train: ['kim'], validation: ['lea'], test: ['max'] } },
    } as unknown as ModelCard['training'];
    const byHash = { ...evaluated('renamed', 1), trainedOn: ['m'] };
    const ofOther = { ...evaluated('of-another-model', 1), trainedOn: ['other'] };
    const names = ['bob-v3', 'bobby', 'eve', 'scan-77', 'kim_ses-02', 'lea', 'max'];
    const cases = [byHash, ofOther, ...names.map((name) => evaluated(name, 1))];
    const { measured: found } = evaluatedNumbers(packageOf('srcnn', { training }), cases);
    expect(found.filter(({ trainedOn }) => trainedOn).map((one) => one.case)).toEqual([
      'renamed',
      'bob-v3',
      'eve',
      'kim_ses-02',
    ]);
  });

  it('tells the median speed with the size that it was measured at, and its memory', () => {
    const model = packageOf('srcnn');
    const cases = [evaluated('slow', 9, 80), evaluated('quick', 1, 56), evaluated('usual', 3, 64)];
    const { performance: told } = evaluatedNumbers(model, cases);
    expect(told).toMatchObject({ secondsPerSlice: 3, rows: 48, columns: 64 });
    const source = { ...testModel('srcnn', 2, { features: [2, 1] }) };
    expect(told.memoryMb).toBe(enhancingMemoryMb(source, 48, 64));
    expect(enhancingMemoryMb(source, 480, 640)).toBeGreaterThan(told.memoryMb!);
    expect(evaluatedNumbers(model, cases.slice(0, 2)).performance.secondsPerSlice).toBe(1);
  });
});

describe('groupsToMeasure', () => {
  const t2 = (id: string, network: 'srcnn' | 'srcnn-guided', scale: 2 | 4 = 2) =>
    packageOf(network, { id, scale });
  const flair = packageOf('srcnn-guided', { id: 'f', contrasts: { target: 'flair', reference: 't1' } });
  const told = (models: ModelPackage[], asked = {}) =>
    groupsToMeasure(models, asked).map((group) => [titleOf(group), group.models.map(({ id }) => id)]);

  it('puts together what sees the same images', () => {
    const models = [
      t2('a', 'srcnn'),
      t2('b', 'srcnn-guided'),
      flair,
      t2('c', 'srcnn', 4),
      t2('d', 'srcnn-guided'),
    ];
    expect(told(models)).toEqual([
      ['t2 ← t1 ×2', ['b', 'd', 'a']],
      ['flair ← t1 ×2', ['f']],
      ['t2 ×4', ['c']],
    ]);
    expect(told([t2('b', 'srcnn-guided'), flair], { target: 'T2w', reference: 'pd' })).toEqual([
      ['T2w ← pd ×2', ['b', 'f']],
    ]);
    // A reference that is asked for is none of a model of single images.
    expect(told([t2('a', 'srcnn')], { reference: 't1' })).toEqual([['t2 ×2', ['a']]]);
  });

  it('asks for a contrast that the card does not say', () => {
    const brought = packageOf('srcnn-guided', { contrasts: { target: 't2', reference: 'unknown' } });
    expect(() => groupsToMeasure([brought], {})).toThrow(/what contrast its reference has/);
    expect(told([brought], { reference: 't1' })).toEqual([['t2 ← t1 ×2', ['m']]]);
  });
});
