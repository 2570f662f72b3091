import { operations, type Result } from '../../../src/core/contract/operations.ts';

/** What an enhancement answers, as the contract has it. */
export const ENHANCED: Result<'enhance'> = operations.enhance.result.parse({
  id: 'e1',
  model: 'edsr-x2',
  device: 'cpu',
  fallBacks: [],
  registration: {
    verdict: 'none',
    reasons: [],
    miBefore: null,
    miAfter: null,
    rotationDeg: 0,
    translationMm: 0,
    overlap: 0,
  },
  output: {
    files: [],
    companions: [],
    folder: null,
    seriesUid: '',
    size: [96, 96, 4],
    spacingMm: [1, 1, 5],
    originLps: [0, 0, 0],
  },
  clipped: 0,
  tiled: false,
  workers: 1,
  estimatedMbPerWorker: 100,
  seconds: 3,
  peakMb: 400,
  warnings: [],
  validation: null,
});
