import { describe, expect, it } from 'vitest';
import { envelopeWarnings, type ModelEnvelope } from '../../../src/main/superres/envelope.ts';

const envelope: ModelEnvelope = {
  target: ['t2'],
  reference: ['t1'],
  spacingMm: [0.5, 1],
  matrix: [152, 448],
  sliceThicknessMm: [1, 4],
};
const inside = { rows: 240, columns: 240, spacingMm: [0.9, 0.9] as const };
const series = (name: 't1' | 't2' | 'flair' | 'unknown') => ({ contrast: { name, why: '' } });

describe('the envelope of what a model was trained on', () => {
  it('is silent inside it, headers’ rounding included', () => {
    expect(envelopeWarnings(envelope, inside, 4, series('t2'), series('t1'))).toEqual([]);
    expect(
      envelopeWarnings(envelope, { ...inside, spacingMm: [1.02, 1.02] }, 4.1, series('t2'), undefined),
    ).toEqual([]);
  });

  it.each([
    ['target', { ...inside }, 4, series('flair'), series('t1'), /target is flair.*trained with t2/],
    [
      'reference',
      { ...inside },
      4,
      series('t2'),
      series('unknown'),
      /contrast of the reference is not known/,
    ],
    [
      'spacing',
      { ...inside, spacingMm: [0.2148, 0.2148] as const },
      4,
      series('t2'),
      series('t1'),
      /0\.215 mm.*0\.5–1 mm/,
    ],
    ['matrix', { ...inside, rows: 1024 }, 4, series('t2'), series('t1'), /is 1024; .*152–448/],
    ['thickness', { ...inside }, 5, series('t2'), series('t1'), /thickness is 5 mm.*1–4 mm/],
  ])('says what lies outside: %s', (_what, enhanced, thickness, target, reference, message) => {
    const warnings = envelopeWarnings(envelope, enhanced, thickness, target, reference);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({
      code: 'outside-model-envelope',
      message: expect.stringMatching(message),
    });
  });
});
