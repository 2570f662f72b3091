import { type AcceptanceReport, acceptanceReport } from '../../src/core/contract/acceptance.ts';

/** An acceptance report of weights, on four patients with one threshold of 1 dB: it passed with 1.5. */
export function testReport(weightsSha256: string, change: Partial<AcceptanceReport> = {}): AcceptanceReport {
  const at = '2026-11-22T20:00:00.000Z';
  const threshold = {
    quantity: 'psnrInside' as const,
    basis: 'difference' as const,
    statistic: 'mean' as const,
    atLeast: 1,
    whereMeasured: false,
  };
  return acceptanceReport.parse({
    format: 'tandem-acceptance',
    formatVersion: 1,
    software: 'Tandem MR 0.1.0',
    notice: 'Research use only. Not for diagnosis.',
    begun: at,
    ended: at,
    device: 'cpu',
    scale: 2,
    target: 't2',
    reference: 't1',
    base: { id: 'base', version: '1.0.0', network: 'srcnn-guided', weightsSha256: 'a'.repeat(64) },
    tuned: { id: 'tuned', version: '1.0.0', network: 'srcnn-guided', weightsSha256 },
    thresholds: {
      file: 'thresholds.json',
      sha256: 'b'.repeat(64),
      modified: at,
      read: at,
      content: { format: 'tandem-thresholds', formatVersion: 1, thresholds: [threshold] },
    },
    testSet: {
      sha256: 'c'.repeat(64),
      manifestSha256: null,
      patients: 4,
      cases: 4,
      slices: 40,
      failed: [],
      leaks: [],
    },
    patients: [],
    cases: [],
    statistics: [],
    worstSlices: [],
    verdicts: [{ threshold, value: 1.5, outcome: 'passed', words: 'The mean gain is 1.5 dB.' }],
    passed: true,
    failures: [],
    ...change,
  });
}
