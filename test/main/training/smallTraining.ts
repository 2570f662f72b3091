import { expect } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import type { JobContext, Progress } from '../../../src/core/job.ts';
import { createRandom } from '../../../src/core/random.ts';
import { NO_AUGMENTATION } from '../../../src/main/training/augmentation.ts';
import type { TrainingCase } from '../../../src/main/training/data/trainingCase.ts';
import { TRAINING_DEFAULTS, type TrainingSettings } from '../../../src/main/training/settings.ts';
import type { TrainingData } from '../../../src/main/training/train.ts';
import { caseOf } from './trainingCases.ts';

/** A small network, and patches turned and mirrored only. */
export const SETTINGS: TrainingSettings = {
  ...TRAINING_DEFAULTS,
  network: 'srcnn-guided',
  options: { features: [8, 4], kernels: [5, 3, 3] },
  scale: 2,
  steps: 12,
  batch: 2,
  patch: 32,
  learningRate: 2e-3,
  loss: 'l1',
  seed: 7,
  augmentation: NO_AUGMENTATION,
};

/** Discs and bars with sharp edges, seen bright and dark: what one contrast shows, the other guides. */
export function pairOfImages({ rows = 64, columns = 56, seed = 1, name = 'discs' } = {}): TrainingCase {
  const random = createRandom(seed);
  const truth = new Float32Array(rows * columns).fill(0.2);
  for (let shape = 0; shape < 12; shape++) {
    const [row, column, radius] = [random.integer(rows), random.integer(columns), 3 + random.integer(8)];
    const value = random.between(0.1, 1);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        if (Math.hypot(r - row, c - column) < radius) truth[r * columns + c] = value;
      }
    }
  }
  const reference = truth.map((value) => 1 - 0.7 * value);
  return caseOf(rows, columns, [{ truth, reference }], {
    name,
    files: [{ name: 't2.nii.gz', sha256: 'a'.repeat(64) }],
    sliceThicknessMm: 3,
  });
}

export const trainedOn = (...train: TrainingCase[]): TrainingData => ({ train, validation: [] });
export const discs = pairOfImages();
export const cases = trainedOn(discs);
/** A job that is cancelled once this many steps are done. */
export function cancelledAfter(steps: number): JobContext {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    progress: ({ done }: Progress) => {
      if (done >= steps) controller.abort();
    },
  };
}

/** What a promise is rejected with, a TandemError. */
export async function failure(promise: Promise<unknown>): Promise<TandemError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TandemError);
  return error as TandemError;
}
