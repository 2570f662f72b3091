import type { RegistrationReport } from '../../core/contract/schemas.ts';
import { IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { gridCentre } from '../../core/volume/grid.ts';
import type { Similarity } from '../../core/volume/mutualInformation.ts';
import { displacementMm, rotationAngleDeg } from '../../core/volume/rigid.ts';
import type { Volume } from '../../core/volume/volume.ts';
import type { Findings } from './pipeline.ts';
import type { RegistrationResult } from './types.ts';

/** Whether a registration is to be trusted. The cases behind every threshold are in docs/registration.md. */
export const THRESHOLDS = {
  /** Mutual information over the smaller entropy. */
  normalised: 0.1,
  /** Share of the information lost 3 mm off. */
  sharpness: 0.1,
  /** Median over the parts of the head of how far each would rather lie, mm. */
  partDriftMm: 2.5,
  /** Share of the target that the moved reference covers. */
  overlap: 0.25,
  /** Share of the target that the reference covers by the headers. */
  overlapByHeaders: 0.05,
  rotationDeg: 45,
  translationMm: 150,
} as const;

/** The verdict on what was found, with every reason in words. */
export function judge(fixed: Volume, moving: Volume, findings: Findings): RegistrationResult {
  const { before, after, motion, trouble } = findings;
  const rotationDeg = rotationAngleDeg(motion);
  const translationMm = displacementMm(motion, gridCentre(fixed.grid));
  const doubts: string[] = [];
  const doubt = (isBad: boolean, words: string): void => {
    if (isBad) doubts.push(words);
  };
  doubt(trouble !== undefined, `${trouble}.`);
  doubt(
    !(after.normalised >= THRESHOLDS.normalised),
    `The two images have little in common even where they fit best: ${after.normalised.toFixed(3)} of what one tells is told by the other (at least ${THRESHOLDS.normalised} is expected of one head in two contrasts).`,
  );
  doubt(
    !(after.sharpness >= THRESHOLDS.sharpness),
    `The best position is not a clear one: 3 mm off, the agreement drops by only ${percent(after.sharpness)} (at least ${percent(THRESHOLDS.sharpness)} is expected).`,
  );
  const drift = median(after.partDriftMm);
  doubt(drift === undefined, 'Too little of the target holds an image to check the position part by part.');
  doubt(
    drift !== undefined && drift > THRESHOLDS.partDriftMm,
    `Parts of the head would rather lie elsewhere: their own best positions are ${drift?.toFixed(1)} mm (median) from the common one (at most ${THRESHOLDS.partDriftMm} mm is expected).`,
  );
  const overlap = after.similarity.overlap;
  doubt(overlap < THRESHOLDS.overlap, `The reference covers only ${percent(overlap)} of the target.`);
  doubt(
    before.overlap < THRESHOLDS.overlapByHeaders,
    `By their headers the two series lie in different places (${percent(before.overlap)} of the target covered): check that they are of one patient and one body part.`,
  );
  doubt(
    rotationDeg > THRESHOLDS.rotationDeg,
    `The reference had to be turned by ${rotationDeg.toFixed(0)}°, further than a patient moves within a study: check the orientation in the headers.`,
  );
  doubt(
    translationMm > THRESHOLDS.translationMm,
    `The reference had to be moved by ${translationMm.toFixed(0)} mm, further than a patient moves within a study.`,
  );
  const report: RegistrationReport = {
    verdict: doubts.length === 0 ? 'trusted' : 'untrusted',
    reasons: [
      ...doubts,
      ...(doubts.length === 0 ? [confidence(findings, drift ?? 0)] : []),
      ...notes(fixed, moving),
    ],
    miBefore: before.overlap > 0 ? before.mi : null,
    miAfter: after.similarity.mi,
    rotationDeg,
    translationMm,
    overlap,
  };
  return { report, fixedToMoving: motion };
}

/** A result without a registration, because there is nothing to register. */
export function untrustedWithout(_fixed: Volume, reason: string): RegistrationResult {
  return {
    report: {
      verdict: 'untrusted',
      reasons: [reason],
      miBefore: null,
      miAfter: null,
      rotationDeg: 0,
      translationMm: 0,
      overlap: 0,
    },
    fixedToMoving: IDENTITY_AFFINE,
  };
}

/** The report of headers that were taken as they are. */
export function reportOfHeaders(similarity: Similarity): RegistrationReport {
  const mi = similarity.overlap > 0 ? similarity.mi : null;
  return {
    verdict: 'none',
    reasons: [
      `Registration was not asked for: the positions in the headers are taken as they are; the reference covers ${percent(similarity.overlap)} of the target.`,
    ],
    miBefore: mi,
    miAfter: mi,
    rotationDeg: 0,
    translationMm: 0,
    overlap: similarity.overlap,
  };
}

function confidence({ before, after }: Findings, drift: number): string {
  return `Agreement rose from ${before.mi.toFixed(2)} to ${after.similarity.mi.toFixed(2)} nats, is clearly best here (3 mm off it drops by ${percent(after.sharpness)}), and the parts of the head agree on the position to ${drift.toFixed(1)} mm.`;
}

function notes(fixed: Volume, moving: Volume): string[] {
  const invented = (volume: Volume) => volume.inventedSlices?.reduce((sum, flag) => sum + flag, 0) ?? 0;
  return [['target', invented(fixed)] as const, ['reference', invented(moving)] as const].flatMap(
    ([name, count]) =>
      count === 0
        ? []
        : [
            `For registration only, ${count} missing slice${count === 1 ? '' : 's'} of the ${name} ${count === 1 ? 'was' : 'were'} interpolated from the neighbours.`,
          ],
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function median(sorted: readonly number[]): number | undefined {
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
