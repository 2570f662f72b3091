import type { EvaluatedCase, EvaluateResult } from '../../../../src/core/contract/evaluation.ts';
import type { MethodMeasurement } from '../../../../src/main/evaluation/evaluateCase.ts';
import { qualitySpreadOf, summarise } from '../../../../src/main/evaluation/summarise.ts';

const quality = (db: number) => ({ psnr: db + 2, ssim: 0.9, psnrInside: db, ssimInside: 0.8 });

/** A result of two cases with awkward names, zero-filling and one guided model 3 dB above it. */
export function resultOfTwo(): EvaluateResult {
  const levels = [29, 31];
  const measured = levels.map((db) => ({
    methods: new Map<string, MethodMeasurement>(
      [['zero-fill', db] as const, ['guided', db + 3] as const].map(([name, level]) => [
        name,
        { volume: quality(level), slices: [0, 1, -1].map((d) => quality(level + d)), secondsPerSlice: 1 },
      ]),
    ),
    disturbed: [
      {
        disturbance: 'blank' as const,
        note: 'with all its voxels 0',
        methods: { guided: { ...quality(db - 1), coverage: 1 } },
      },
    ],
  }));
  const models = [
    {
      id: 'guided',
      path: '/m/guided',
      network: 'srcnn-guided',
      version: '1.0.0',
      parameters: 62465,
      usesReference: true,
      weightsSha256: 'a'.repeat(64),
    },
  ];
  const cases: EvaluatedCase[] = measured.map(({ methods, disturbed }, at) => ({
    case: ['a<b>', 'case|2'][at]!,
    path: '/cases',
    files: [{ name: 't2.nii.gz', sha256: 'b'.repeat(64) }],
    trainedOn: at === 1 ? ['guided'] : [],
    slices: 3,
    rows: 8,
    columns: 8,
    registration: null,
    methods: Object.fromEntries(
      [...methods].map(([name, { volume, slices }]) => [
        name,
        { ...volume, perSlice: qualitySpreadOf(slices), secondsPerSlice: 1 },
      ]),
    ),
    disturbed,
    warnings: [],
  }));
  return {
    target: 't2',
    reference: 't1',
    scale: 2,
    models,
    cases,
    failed: [],
    summary: summarise(measured, models),
    warnings: [],
    out: null,
    device: 'cpu',
    registration: 'none',
    software: '0.1.0',
    notice: 'Research use only, not for diagnosis.',
  };
}
