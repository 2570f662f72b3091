import { describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import type { TrainingSettings } from '../../../src/main/training/settings.ts';
import { type TrainingData, trainNetwork } from '../../../src/main/training/train.ts';
import { Validation } from '../../../src/main/training/validation.ts';
import { pairOfImages, SETTINGS } from './smallTraining.ts';
import { caseOf, imageOf } from './trainingCases.ts';

const image = (name: string, seed: number) => pairOfImages({ rows: 48, columns: 40, seed, name });
const DATA: TrainingData = { train: [image('a', 1)], validation: [image('b', 2)] };
/** Steps that do not know how many there will be: the best is not the last. */
const RESTLESS: TrainingSettings = {
  ...SETTINGS,
  schedule: 'constant',
  warmUp: 0,
  learningRate: 2e-3,
  steps: 12,
  validateEvery: 1,
};

describe('the weights that are kept', () => {
  it('are those best in validation, of the step that is told', async () => {
    const result = await trainNetwork(RESTLESS, DATA, {}, QUIET_JOB);
    const gains = result.records.map(({ validation }) => validation!.gainInside);
    const best = gains.indexOf(Math.max(...gains));
    expect(best).toBeGreaterThan(0);
    expect(best).toBeLessThan(12);
    expect(result.keptStep).toBe(best);
    expect(result.validation).toEqual(result.records[best]!.validation);
    const shorter = await trainNetwork({ ...RESTLESS, steps: best, keep: 'last' }, DATA, {}, QUIET_JOB);
    expect(result.weights).toEqual(shorter.weights);
    const validation = new Validation(DATA.validation, RESTLESS);
    expect(await validation.measure(result.weights, QUIET_JOB.signal)).toEqual(result.validation);
  });

  it('are the last ones where those are asked for, or nothing was validated', async () => {
    const last = await trainNetwork({ ...RESTLESS, keep: 'last' }, DATA, {}, QUIET_JOB);
    expect(last.keptStep).toBe(12);
    expect(last.validation).toEqual(last.records.at(-1)!.validation);
    const alone = await trainNetwork(RESTLESS, { ...DATA, validation: [] }, {}, QUIET_JOB);
    expect(alone).toMatchObject({ keptStep: 12, validation: undefined });
    expect(alone.weights).toEqual(last.weights);
  });

  it('are those of the start where no step was better, and then the training stops early', async () => {
    // Too short to change a weight.
    const settings = { ...RESTLESS, learningRate: 1e-30, validateEvery: 2, patience: 3 };
    const result = await trainNetwork(settings, DATA, {}, QUIET_JOB);
    expect(result).toMatchObject({ steps: 6, plannedSteps: 12, keptStep: 0 });
    expect(result.validation).toMatchObject({ gain: 0, gainInside: 0 });
    // Patience counts from the best.
    const patient = await trainNetwork({ ...RESTLESS, patience: 12 }, DATA, {}, QUIET_JOB);
    expect(patient.steps).toBe(12);
  });

  it('are chosen by the whole image where the foreground is nowhere deep enough to have an inside', async () => {
    const truth = imageOf(48, 40, (row, column) => (row % 8 < 4 && column % 8 < 4 ? 0.5 + row / 96 : 0));
    const thin = caseOf(48, 40, [{ truth, reference: truth.map((value) => 1 - value) }], { name: 'thin' });
    const data = { train: [thin], validation: [{ ...thin, patient: 'other' }] };
    const result = await trainNetwork({ ...RESTLESS, learningRate: 2e-3 }, data, {}, QUIET_JOB);
    const gains = result.records.map(({ validation }) => validation!.gain);
    expect(result.validation!.gainInside).toBeNaN();
    expect(result.keptStep).toBe(gains.indexOf(Math.max(...gains)));
    expect(result.keptStep).toBeGreaterThan(0);
  });

  it('begin with those of another training, as far as they fit', async () => {
    const first = await trainNetwork(RESTLESS, DATA, {}, QUIET_JOB);
    const still = { ...RESTLESS, steps: 1, learningRate: 1e-30 };
    const second = await trainNetwork(still, DATA, { start: first.weights }, QUIET_JOB);
    expect(second.records[0]!.validation).toEqual(first.validation);
    expect(second.weights).toEqual(first.weights);
    // Of a network with a wider last layer but one, the first layer fits.
    const options = { features: [8, 6], kernels: [5, 3, 3] };
    const wider = await trainNetwork({ ...still, options }, DATA, { start: first.weights }, QUIET_JOB);
    const fits = [...wider.weights].filter(
      ([path, { data }]) => first.weights.get(path)!.data.length === data.length,
    );
    expect(fits.length).toBeGreaterThan(0);
    expect(fits.length).toBeLessThan(wider.weights.size);
    for (const [path, { shape, data }] of fits) {
      expect({ path, shape, data }).toEqual({ path, ...first.weights.get(path)! });
    }
  });
});
