import { expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import type { LoadedSeries } from '../../../src/main/studies/types.ts';
import { registerPair, withCoverage } from '../../../src/main/superres/registerPair.ts';
import { makeReference, makeStack, noise } from './stacks.ts';

function loaded(uid: string, stack: LoadedSeries['stack']): LoadedSeries {
  return { entry: { summary: { uid }, files: [] } as unknown as LoadedSeries['entry'], stack };
}

it('takes the headers of a target whose slices fit no regular grid', async () => {
  const regular = makeStack(noise(1), { slices: 6 });
  const uneven = [0, 1, 1.7, 9, 9.6, 40].map((z, n) => ({
    ...regular.slices[n]!,
    positionLps: [-20, -15, z] as const,
  }));
  const target = loaded('uneven', { ...regular, slices: uneven });
  const reference = loaded('reference', regular);
  const options = { placement: { kind: 'headers' }, acceptRegistration: false } as const;
  const { report, fixedToMoving } = await registerPair(
    options,
    target,
    reference,
    makeReference(noise(2)),
    QUIET_JOB,
  );
  expect(fixedToMoving).toEqual(IDENTITY_AFFINE);
  expect(report).toMatchObject({ verdict: 'none', miAfter: null });
  expect(report.reasons[0]).toContain('could not be measured');
  expect(withCoverage(report, 0.75).overlap).toBe(0.75);
  expect(withCoverage({ ...report, overlap: 0.5 }, 0.75).overlap).toBe(0.5);
  await expect(
    registerPair(
      { ...options, placement: { kind: 'register' } },
      target,
      reference,
      makeReference(noise(2)),
      QUIET_JOB,
    ),
  ).rejects.toMatchObject({ code: 'bad-geometry' });
});
