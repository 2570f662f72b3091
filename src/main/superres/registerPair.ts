import type { AlignedBy, RegistrationReport } from '../../core/contract/schemas.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { type Affine, IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { stackToVolume } from '../../core/volume/convert.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { judgeGiven, registerRigid, registrationNone } from '../registration/registerRigid.ts';
import type { RegistrationResult } from '../registration/types.ts';
import { regularVolume } from '../studies/regularVolume.ts';
import type { LoadedSeries } from '../studies/types.ts';
import { cachedRegistration } from './registrationCache.ts';

/** How the reference comes to lie on its target. */
export type Placement =
  /** By registration, refined from a given position where there is one. */
  | { readonly kind: 'register'; readonly from?: Affine | undefined }
  /** As it is given, judged like any other; by nobody where it is the headers' own position. */
  | { readonly kind: 'given'; readonly motion: Affine; readonly by?: AlignedBy | undefined }
  /** As the headers say. */
  | { readonly kind: 'headers' };

export interface RegisterPairOptions {
  readonly placement: Placement;
  /** Go on although the verdict is `untrusted`. */
  readonly acceptRegistration: boolean;
  /** Plane of the target's slices, where the request chose one. */
  readonly plane?: string | undefined;
}

/** What `enhance` reports where the model needs no reference. */
export const NO_REFERENCE: RegistrationReport = {
  verdict: 'none',
  reasons: ['The model works on the target alone: there is nothing to register.'],
  miBefore: null,
  miAfter: null,
  rotationDeg: 0,
  translationMm: 0,
  overlap: 0,
};

/**
 * Lays the reference on the target, or takes the headers as they are. Made once for a pair while the
 * process runs. Throws `registration-untrusted` with the reasons unless the request accepts that, and
 * `no-overlap` where by the headers the two have no place in common.
 *
 * @param moving the reference as a volume
 */
export async function registerPair(
  options: RegisterPairOptions,
  target: LoadedSeries,
  reference: LoadedSeries,
  moving: Volume,
  job: JobContext,
): Promise<RegistrationResult> {
  const result = await placeReference(options.placement, options.plane, target, reference, moving, job);
  const { verdict, reasons, overlap } = result.report;
  if (verdict === 'untrusted' && !options.acceptRegistration) {
    throw new TandemError('registration-untrusted', reasons.join(' '), {
      hint: 'Check that both series are of the same patient; --accept-registration goes on all the same, --registration none takes the positions in the headers.',
    });
  }
  if (verdict === 'none' && overlap === 0) {
    throw new TandemError('no-overlap', 'The reference does not cover any part of the target', {
      hint: 'Check that both series show the same part of the same patient, or let them be registered.',
    });
  }
  return result;
}

/**
 * Where the reference lies on the target, with the verdict, whatever that is. Made once for a pair while the
 * process runs.
 *
 * @param moving the reference as a volume
 * @throws TandemError `bad-geometry` where the target fits no regular grid and is to be registered or judged
 */
export async function placeReference(
  placement: Placement,
  plane: string | undefined,
  target: LoadedSeries,
  reference: LoadedSeries,
  moving: Volume,
  job: JobContext,
): Promise<RegistrationResult> {
  const settings = JSON.stringify([placement, plane ?? '']);
  return cachedRegistration(target.entry, reference.entry, settings, () => {
    if (placement.kind === 'headers') return headersOnly(target, moving, job);
    const fixed = regularVolume(target.stack, target.entry.summary.path);
    return placement.kind === 'register'
      ? registerRigid(fixed, moving, job, placement.from)
      : judgeGiven(fixed, moving, placement.motion, placement.by, job);
  });
}

/** Enhancing needs no regular grid of the target, only measuring how well the headers agree does. */
async function headersOnly(
  target: LoadedSeries,
  moving: Volume,
  job: JobContext,
): Promise<RegistrationResult> {
  let fixed: Volume;
  try {
    fixed = stackToVolume(target.stack);
  } catch (error) {
    if (!(error instanceof TandemError) || error.code !== 'bad-geometry') throw error;
    const reason = `The positions in the headers are taken as they are; how well they agree could not be measured: ${error.message}.`;
    const report = { ...NO_REFERENCE, reasons: [reason], overlap: Number.NaN };
    return { report, fixedToMoving: IDENTITY_AFFINE };
  }
  return registrationNone(fixed, moving, job.signal);
}

/** The report, its overlap taken from what the slices were covered where it could not be measured before. */
export function withCoverage(report: RegistrationReport, coverage: number): RegistrationReport {
  return Number.isNaN(report.overlap) ? { ...report, overlap: coverage } : report;
}
