import type { AlignedBy, RegistrationReport } from '../../core/contract/schemas.ts';
import { IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { gridCentre } from '../../core/volume/grid.ts';
import type { Similarity } from '../../core/volume/mutualInformation.ts';
import { displacementMm, rotationAngleDeg } from '../../core/volume/rigid.ts';
import type { Volume } from '../../core/volume/volume.ts';
import type { Findings } from './pipeline.ts';
import type { RegistrationResult } from './types.ts';

/** Whether a registration is to be trusted. The cases behind every threshold are in docs/registration.md. */
export const THRESHOLDS = {
  /** Mutual information over the smaller entropy, at least. */
  normalised: 0.08,
  /** Share of the information lost 3 mm off, at least. */
  sharpness: 0.06,
  /** How far three quarters of the parts of the head would rather lie, mm, at most. */
  partDriftMm: 1.6,
  /** Mutual information with the reference mirrored over that without, at most: a symmetric head has about 1. */
  mirrored: 1.1,
  /** Parts that must have been checked. */
  parts: 4,
  /** Share of the target that the moved reference covers, at least. */
  overlap: 0.15,
  /** Share of the target that the reference covers by the headers, at least. */
  overlapByHeaders: 0.05,
  /** At most. */
  rotationDeg: 45,
  /** At most. */
  translationMm: 150,
} as const;

/** Below this share of the target covered, the report says so although it can be trusted. */
const NOTABLE_OVERLAP = 0.8;

/** The verdict on what was found, or given by the user, with every reason in words. */
export function judge(fixed: Volume, moving: Volume, findings: Findings, by?: AlignedBy): RegistrationResult {
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
  const drift = driftOf(after.partDriftMm);
  doubt(
    after.mirrored > THRESHOLDS.mirrored,
    `The reference fits ${after.mirrored.toFixed(1)} times better when it is mirrored left to right: the side is wrong in the header of one of the series.`,
  );
  doubt(
    after.partDriftMm.length < THRESHOLDS.parts,
    'The two images share too little to check the position part by part.',
  );
  doubt(
    drift > THRESHOLDS.partDriftMm,
    `Parts of the target would rather lie elsewhere, by ${drift.toFixed(1)} mm (at most ${THRESHOLDS.partDriftMm} mm is expected): it may be another patient or body part.`,
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
      ...(by === 'manual' ? [GIVEN] : []),
      ...doubts,
      ...(doubts.length === 0 ? [confidence(findings, drift)] : []),
      ...notes(fixed, moving, overlap),
    ],
    miBefore: before.overlap > 0 ? before.mi : null,
    miAfter: after.similarity.mi,
    rotationDeg,
    translationMm,
    overlap,
    by,
  };
  return { report, fixedToMoving: motion };
}

/** Said first of every position that registration did not find. */
export const GIVEN =
  'The position of the reference was given by the user (set by hand, or from a file), not found by registration.';

/** A result without a registration, because there is nothing to register. */
export function untrustedWithout(reason: string): RegistrationResult {
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
  const [was, is] = [before.mi.toFixed(2), after.similarity.mi.toFixed(2)];
  const agreement = after.similarity.mi > before.mi + 0.01 ? `rose from ${was} to ${is}` : `was and is ${is}`;
  return `Agreement ${agreement} nats, is clearly best here (3 mm off it drops by ${percent(after.sharpness)}), and the parts of the image agree on the position to ${drift.toFixed(1)} mm.`;
}

function notes(fixed: Volume, moving: Volume, overlap: number): string[] {
  const words: string[] = [];
  if (overlap < NOTABLE_OVERLAP) {
    words.push(`The reference covers ${percent(overlap)} of the target; elsewhere it can tell nothing.`);
  }
  for (const [name, volume] of [
    ['target', fixed],
    ['reference', moving],
  ] as const) {
    const count = volume.inventedSlices?.reduce((sum, flag) => sum + flag, 0) ?? 0;
    if (count === 0) continue;
    const slices = count === 1 ? '1 missing slice was' : `${count} missing slices were`;
    words.push(`For registration only, ${slices} interpolated from the neighbours in the ${name}.`);
  }
  return words;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The drift that three quarters of the parts stay below, mm; 0 where there are none. */
function driftOf(sorted: readonly number[]): number {
  return sorted[Math.ceil(0.75 * sorted.length)] ?? sorted.at(-1) ?? 0;
}
