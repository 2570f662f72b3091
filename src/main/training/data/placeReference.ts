import { TandemError } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import type { Affine } from '../../../core/volume/affine.ts';
import { IDENTITY_AFFINE } from '../../../core/volume/affine.ts';
import type { Volume } from '../../../core/volume/volume.ts';
import { judgeHeaders, registerRigid } from '../../registration/registerRigid.ts';

/** How references come to lie on their targets: checked and where it helps registered, or as the headers say. */
export type Placing = 'auto' | 'headers' | 'headers-unchecked';

export interface PlacedReference {
  readonly transform: Affine;
  readonly words: string;
}

/** A registration that tells less more than the headers do moves nothing that could be seen. */
const WORTH_MOVING = 1.02;

/**
 * Where a reference lies for training. `auto` judges the headers' positions and a registration alike, and takes
 * the registration where it is trusted and the images tell clearly more of each other with it; `headers` judges
 * the headers alone. Throws `registration-untrusted` where neither can be trusted, `cancelled`.
 */
export async function placeReference(
  target: Volume,
  reference: Volume,
  placing: Placing,
  job: JobContext,
): Promise<PlacedReference> {
  if (placing === 'headers-unchecked') {
    return { transform: IDENTITY_AFFINE, words: 'by the headers, unchecked' };
  }
  const lying = (await judgeHeaders(target, reference, job.signal)).report;
  const asItLies = `by the headers, checked: ${lying.reasons[0] ?? ''}`;
  if (placing === 'auto') {
    const { report, fixedToMoving } = await registerRigid(target, reference, job);
    const better = (report.miAfter ?? 0) > WORTH_MOVING * (lying.miAfter ?? 0);
    if (report.verdict === 'trusted' && (better || lying.verdict !== 'trusted')) {
      const moved = `${report.translationMm.toFixed(1)} mm and ${report.rotationDeg.toFixed(1)}°`;
      return {
        transform: fixedToMoving,
        words: `registered, moved by ${moved}: ${report.reasons[0] ?? ''}`,
      };
    }
  }
  if (lying.verdict === 'trusted') return { transform: IDENTITY_AFFINE, words: asItLies };
  throw new TandemError('registration-untrusted', lying.reasons.join(' '), {
    hint: 'Leave the case out, or check its files in a viewer.',
  });
}
