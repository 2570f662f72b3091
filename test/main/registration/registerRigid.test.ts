import { describe, expect, it, vi } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { meanDistanceMm, moveGrid } from '../../../src/core/volume/rigid.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { registerRigid, registrationNone } from '../../../src/main/registration/registerRigid.ts';
import { headPoints, referenceHead, targetHead } from './heads.ts';

const target = targetHead();
const slight = rigidMotion([3, -2, 3.5], [4, -5, 3]);
const large = rigidMotion([18, -16, 18], [35, -40, 28]);

function withVoxels(volume: Volume, value: (n: number) => number): Volume {
  return { grid: volume.grid, voxels: volume.voxels.map((_, n) => value(n)) };
}

describe('rigid registration of a digital head', () => {
  it('recovers 5° and 7 mm to 0.3 mm, trusts it, and gives the same bytes again', {
    timeout: 300_000,
  }, async () => {
    const progress: number[] = [];
    const job = { progress: (p: { done: number }) => progress.push(p.done), signal: QUIET_JOB.signal };
    const reference = referenceHead(slight);
    const first = await registerRigid(target, reference, job);
    expect(meanDistanceMm(first.fixedToMoving, slight, headPoints())).toBeLessThan(0.3);
    expect(first.report.verdict).toBe('trusted');
    expect(first.report.miAfter!).toBeGreaterThan(first.report.miBefore! + 0.2);
    expect(first.report.rotationDeg).toBeCloseTo(5, 0);
    expect(first.report.overlap).toBeGreaterThan(0.95);
    expect(progress).toEqual([0, 1, 2, 3, 4, 5]);

    expect(await registerRigid(target, reference, QUIET_JOB)).toEqual(first);
  });

  it('recovers 30° and 60 mm to 0.3 mm, trusts it, with a gap in the target', {
    timeout: 300_000,
  }, async () => {
    const invented = new Uint8Array(target.grid.size[2]);
    const voxels = target.voxels.slice();
    const plane = target.grid.size[0] * target.grid.size[1];
    invented[14] = 1;
    voxels.fill(0, 14 * plane, 15 * plane);
    const gapped: Volume = { grid: target.grid, voxels, inventedSlices: invented };

    const { fixedToMoving, report } = await registerRigid(gapped, referenceHead(large), QUIET_JOB);
    expect(meanDistanceMm(fixedToMoving, large, headPoints())).toBeLessThan(0.3);
    expect(report.rotationDeg).toBeGreaterThan(27);
    expect(report.translationMm).toBeGreaterThan(50);
    expect(report.verdict).toBe('trusted');
    expect(report.reasons.join(' ')).toContain('1 missing slice was interpolated');
  });

  it('recovers 60° too but does not trust it: no patient turns so far', { timeout: 300_000 }, async () => {
    const turned = rigidMotion([35, -30, 40], [10, 5, -8]);
    const { fixedToMoving, report } = await registerRigid(target, referenceHead(turned), QUIET_JOB);
    expect(meanDistanceMm(fixedToMoving, turned, headPoints())).toBeLessThan(0.3);
    expect(report.verdict).toBe('untrusted');
    expect(report.reasons[0]).toContain('turned by');
  });

  it('does not trust a reference that lies elsewhere by its headers', { timeout: 300_000 }, async () => {
    const reference = referenceHead();
    const away = rigidMotion([0, 0, 0], [500, 0, 0]);
    const elsewhere: Volume = { grid: moveGrid(reference.grid, away), voxels: reference.voxels };
    const { fixedToMoving, report } = await registerRigid(target, elsewhere, QUIET_JOB);
    expect(meanDistanceMm(fixedToMoving, away, headPoints())).toBeLessThan(0.3);
    expect(report.verdict).toBe('untrusted');
    expect(report.miBefore).toBeNull();
    expect(report.reasons.join(' ')).toContain('different places');
  });

  it('does not trust noise', { timeout: 300_000 }, async () => {
    let state = 7;
    const noise = withVoxels(referenceHead(), () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 22;
    });
    const { report } = await registerRigid(target, noise, QUIET_JOB);
    expect(report.verdict).toBe('untrusted');
    expect(report.miAfter!).toBeLessThan(0.1);
  });

  it('does not trust halves of the head that do not overlap', { timeout: 300_000 }, async () => {
    const upper = targetHead({ slices: 14, centreLps: [0, 12, 36] });
    const lower = referenceHead(undefined, {
      orientation: 'oblique',
      slices: 26,
      centreLps: [0, -12, -36],
    });
    const { report } = await registerRigid(upper, lower, QUIET_JOB);
    expect(report.verdict).toBe('untrusted');
  });

  it('does not trust a head of another shape', { timeout: 300_000 }, async () => {
    const reference = referenceHead(slight);
    const [x, y, z] = reference.grid.spacingMm;
    const other: Volume = {
      voxels: reference.voxels,
      grid: { ...reference.grid, spacingMm: [x * 1.1, y * 0.95, z * 0.92] },
    };
    const { report } = await registerRigid(target, other, QUIET_JOB);
    expect(report.verdict).toBe('untrusted');
    expect(report.reasons.join(' ')).toContain('rather lie elsewhere');
  });

  it('says at once that a blank image cannot be registered', async () => {
    const reference = referenceHead();
    const noReference = await registerRigid(
      target,
      withVoxels(reference, () => 12),
      QUIET_JOB,
    );
    expect(noReference.report).toMatchObject({ verdict: 'untrusted', miAfter: null, overlap: 0 });
    expect(noReference.report.reasons[0]).toContain('reference is blank');
    const noTarget = await registerRigid(
      withVoxels(target, () => Number.NaN),
      reference,
      QUIET_JOB,
    );
    expect(noTarget.report.reasons[0]).toContain('target is blank');
  });

  it('stops within a second of being cancelled, at whatever step', { timeout: 300_000 }, async () => {
    const reference = referenceHead(slight);
    for (const at of [0, 1, 2]) {
      const controller = new AbortController();
      let cancelledAt = 0;
      const job = {
        signal: controller.signal,
        progress: ({ done }: { done: number }) => {
          if (done !== at) return;
          setTimeout(() => {
            cancelledAt = performance.now();
            controller.abort();
          }, 50);
        },
      };
      await expect(registerRigid(target, reference, job)).rejects.toMatchObject({ code: 'cancelled' });
      expect(performance.now() - cancelledAt).toBeLessThan(1000);
    }
    const cancelled = { ...QUIET_JOB, signal: AbortSignal.abort() };
    await expect(registerRigid(target, reference, cancelled)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('no registration', () => {
  it('keeps the headers and says how well they agree', async () => {
    const aligned = await registrationNone(target, referenceHead());
    const moved = await registrationNone(target, referenceHead(slight));
    expect(aligned.report.verdict).toBe('none');
    expect(aligned.report.rotationDeg).toBe(0);
    expect(aligned.report.miBefore!).toBeGreaterThan(moved.report.miBefore! + 0.2);
    expect(aligned.report.overlap).toBeGreaterThan(0.95);
    expect(moved.fixedToMoving).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ]);
  });
});

describe('a target that elastix cannot take', () => {
  it('is searched all the same, not trusted, and nothing is printed', { timeout: 300_000 }, async () => {
    const printed = vi.spyOn(process.stdout, 'write');
    const single = targetHead({ slices: 1 });
    const { report } = await registerRigid(single, referenceHead(slight), QUIET_JOB);
    const words = printed.mock.calls.map(([text]) => String(text)).join('');
    printed.mockRestore();
    expect(report.verdict).toBe('untrusted');
    expect(report.reasons[0]).toContain('gave up');
    expect(report.miAfter!).toBeGreaterThan(report.miBefore!);
    expect(words).toBe('');
  });
});
