import { describe, expect, it } from 'vitest';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import type { Affine } from '../../../src/core/volume/affine.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { judge, THRESHOLDS } from '../../../src/main/registration/judge.ts';
import type { Findings } from '../../../src/main/registration/pipeline.ts';

const volume: Volume = {
  grid: {
    size: [3, 3, 3],
    spacingMm: [1, 1, 1],
    originLps: [-1, -1, -1],
    axesLps: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  },
  voxels: new Float32Array(27),
};

const good = {
  mi: 0.7,
  normalised: 0.25,
  sharpness: 0.3,
  mirrored: 0.6,
  overlap: 1,
  overlapBefore: 0.95,
  drift: [0, 0, 0.5, 0.5, 0.5, 0.5, 0.7, 0.7],
  motion: rigidMotion([3, 0, 0], [0, 4, 0]),
};

function verdictOf(changes: Partial<typeof good> & { trouble?: string }) {
  const it = { ...good, ...changes };
  const entropies = { fixedEntropy: 2.8, movingEntropy: 2.8 };
  const findings: Findings = {
    motion: it.motion as Affine,
    before: { mi: 0.2, overlap: it.overlapBefore, ...entropies },
    after: {
      similarity: { mi: it.mi, overlap: it.overlap, ...entropies },
      normalised: it.normalised,
      sharpness: it.sharpness,
      partDriftMm: it.drift,
      mirrored: it.mirrored,
    },
    trouble: changes.trouble,
  };
  return judge(volume, volume, findings).report;
}

describe('the verdict', () => {
  it('is trusted, with the numbers in words, where nothing speaks against it', () => {
    const report = verdictOf({});
    expect(report.verdict).toBe('trusted');
    expect(report.rotationDeg).toBeCloseTo(3, 9);
    expect(report.translationMm).toBeCloseTo(4, 9);
    expect(report.miBefore).toBe(0.2);
    expect(report.miAfter).toBe(0.7);
    expect(report.reasons).toHaveLength(1);
    expect(report.reasons[0]).toContain('0.20 to 0.70');
  });

  it.each([
    ['little in common', { normalised: THRESHOLDS.normalised - 0.001 }],
    ['not a clear one', { sharpness: THRESHOLDS.sharpness - 0.001 }],
    ['not a clear one', { sharpness: Number.NaN }],
    ['rather lie elsewhere', { drift: [0, 0, 0.5, 0.5, 1, 1, 1.7, 2] }],
    ['too little to check', { drift: [0, 0, 0] }],
    ['mirrored left to right', { mirrored: 1.2 }],
    ['covers only 14 %', { overlap: 0.14 }],
    ['different places', { overlapBefore: 0.04 }],
    ['turned by 46°', { motion: rigidMotion([0, 46, 0], [0, 0, 0]) }],
    ['moved by 151 mm', { motion: rigidMotion([0, 0, 0], [0, 0, 151]) }],
    ['lost it', { trouble: 'The refinement lost it' }],
  ])('is untrusted, saying that %s', (words, changes) => {
    const report = verdictOf(changes);
    expect(report.verdict).toBe('untrusted');
    expect(report.reasons.join(' ').toLowerCase()).toContain(words.toLowerCase());
  });

  it('bears one part of the head that cannot be placed, as an operated or cut-off one', () => {
    expect(verdictOf({ drift: [0, 0, 0.5, 0.5, 0.5, 0.5, 0.7, 9] }).verdict).toBe('trusted');
  });

  it('says where a trusted reference does not reach', () => {
    const report = verdictOf({ overlap: 0.5 });
    expect(report.verdict).toBe('trusted');
    expect(report.reasons.join(' ')).toContain('covers 50 % of the target');
  });

  it('has no mutual information before where the headers do not overlap', () => {
    expect(verdictOf({ overlapBefore: 0 }).miBefore).toBeNull();
  });
});
