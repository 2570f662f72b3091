import type { ContrastName, PairSuggestion, Warning } from '../../core/contract/schemas.ts';
import { contrastLabel } from '../../core/dicom/contrast.ts';
import { cross, dot, type Vec3 } from '../../core/volume/vec.ts';
import { overlapShare } from './overlap.ts';
import type { SeriesEntry, SeriesGeometry } from './types.ts';

/**
 * Which series of a study could be the target and which its reference: all that make sense, best first,
 * with reasons in words; the choice stays open to the user.
 */
export function suggestPairs(series: readonly SeriesEntry[]): PairSuggestion[] {
  const candidates = series.filter(isCandidate);
  const pairs: PairSuggestion[] = [];
  for (const target of candidates) {
    for (const reference of candidates) {
      const pair = target === reference ? undefined : suggestPair(target, reference);
      if (pair !== undefined) pairs.push(pair);
    }
  }
  // Equal ones stay in the order of the series.
  pairs.sort((a, b) => b.score - a.score);
  return pairs.slice(0, MAX_PAIRS);
}

const MAX_PAIRS = 50;
const SETS_ASIDE: ReadonlySet<ContrastName> = new Set(['localizer', 'derived', 'dwi', 'swi']);

/** How slow a contrast is to acquire, and so how much an enhanced one is worth. */
const SLOWNESS: Partial<Record<ContrastName, number>> = {
  t2: 1,
  flair: 1,
  stir: 1,
  'fs-t2': 1,
  'fs-pd': 0.9,
  pd: 0.5,
  t1c: 0.35,
  t1: 0.3,
};

/** How well a contrast serves as a guide: fast, sharp and full of anatomy. */
const GUIDANCE: Partial<Record<ContrastName, number>> = {
  t1: 1,
  pd: 0.95,
  t1c: 0.9,
  t2: 0.6,
  'fs-pd': 0.55,
  'fs-t2': 0.5,
  flair: 0.4,
  stir: 0.4,
};
const UNKNOWN_WORTH = 0.4;

function isCandidate(entry: SeriesEntry): boolean {
  const { summary, geometry } = entry;
  return (
    summary.modality === 'MR' &&
    geometry !== undefined &&
    entry.setAside !== true &&
    !SETS_ASIDE.has(summary.contrast.name)
  );
}

/** The pair, or undefined where a series is no use as a reference of the other. */
export function suggestPair(target: SeriesEntry, reference: SeriesEntry): PairSuggestion | undefined {
  if (target.geometry === undefined || reference.geometry === undefined) return undefined;
  if (reference.geometry.positionsLps.length < 2) return undefined;
  const contrast = judgeContrast(target, reference);
  if (contrast === undefined) return undefined;
  const resolution = judgeResolution(target.geometry, reference.geometry);
  const overlap = judgeOverlap(target.geometry, reference.geometry);
  const frame = judgeFrame(target, reference);
  const filled = judgeZeroFilled(target);
  const parts = [contrast, resolution, overlap, frame, filled];
  return {
    target: target.summary.uid,
    reference: reference.summary.uid,
    score: Number(parts.reduce((product, part) => product * part.factor, 1).toFixed(3)),
    reasons: parts.flatMap(({ reasons }) => reasons),
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}

interface Judgement {
  readonly factor: number;
  readonly reasons: readonly string[];
  readonly warnings: readonly Warning[];
}

function judgeContrast(target: SeriesEntry, reference: SeriesEntry): Judgement | undefined {
  const [slow, fast] = [target.summary.contrast, reference.summary.contrast];
  const worth = SLOWNESS[slow.name] ?? UNKNOWN_WORTH;
  const guidance = GUIDANCE[fast.name] ?? UNKNOWN_WORTH;
  const unknown = [target, reference].filter(({ summary }) => summary.contrast.name === 'unknown');
  if (unknown.length > 0) {
    const names = unknown
      .map(({ summary }) => `“${nameOf(summary)}” (${summary.contrast.why})`)
      .join(' and ');
    return {
      factor: 0.5 * worth * guidance,
      reasons: [`The target is ${contrastLabel(slow.name)}, the reference ${contrastLabel(fast.name)}`],
      warnings: [
        { code: 'contrast-unknown', message: `The contrast could not be told of ${names}: check the choice` },
      ],
    };
  }
  if (slow.name === fast.name) {
    if (!isFiner(reference, target)) return undefined;
    return {
      factor: 0.2 * worth,
      reasons: [`Both are ${contrastLabel(slow.name)}, and the reference is the sharper one`],
      warnings: [
        {
          code: 'same-contrast',
          message: `Target and reference are both ${contrastLabel(slow.name)}: the models are made for two different contrasts`,
        },
      ],
    };
  }
  // The slower of the two is the target; among equally slow ones either can be.
  if (worth < (SLOWNESS[fast.name] ?? UNKNOWN_WORTH)) return undefined;
  return {
    factor: worth * guidance,
    reasons: [
      `${contrastLabel(slow.name)} is ${worth >= 0.9 ? 'slow to acquire and gains most' : 'the slower of the two'} (${slow.why})`,
      `${contrastLabel(fast.name)} ${guidance >= 0.9 ? 'is fast to acquire and guides well' : 'can guide it'} (${fast.why})`,
    ],
    warnings: [],
  };
}

/** Reference and target in the target's own plane. */
function judgeResolution(target: SeriesGeometry, reference: SeriesGeometry): Judgement {
  const own = Math.max(...target.spacingMm);
  const other = inPlaneSpacing(reference, target);
  const numbers = `${other.toFixed(2)} mm against ${own.toFixed(2)} mm`;
  if (other > 1.05 * own) {
    return {
      // A reference twice as coarse keeps half of its worth: it still shows where tissues meet.
      factor: Math.max(0.25, own / other),
      reasons: [],
      warnings: [
        {
          code: 'reference-coarser-than-target',
          message: `In the target's plane the reference is coarser than the target (${numbers}): it can add little detail`,
        },
      ],
    };
  }
  const finer = own / other;
  return {
    factor: finer >= 1.9 ? 1 : 0.9,
    reasons: [
      finer >= 1.05
        ? `The reference is finer in the target's plane (${numbers})`
        : `The reference is as fine in the target's plane as the target is (${numbers})`,
    ],
    warnings: [],
  };
}

/** How far apart the samples of one series are along the in-plane axes of another, the larger of the two, mm. */
export function inPlaneSpacing(of: SeriesGeometry, plane: SeriesGeometry): number {
  const normal = cross(of.iAxisLps, of.jAxisLps);
  const axes: readonly (readonly [Vec3, number])[] = [
    [of.iAxisLps, of.spacingMm[0]],
    [of.jAxisLps, of.spacingMm[1]],
    [normal, of.stepMm],
  ];
  const along = (direction: Vec3): number =>
    Math.hypot(...axes.map(([axis, spacing]) => dot(axis, direction) * spacing));
  return Math.max(along(plane.iAxisLps), along(plane.jAxisLps));
}

function judgeOverlap(target: SeriesGeometry, reference: SeriesGeometry): Judgement {
  const share = overlapShare(target, reference);
  const percent = `${Math.round(100 * share)} %`;
  if (share < 0.01) {
    return {
      factor: 0,
      reasons: [],
      warnings: [{ code: 'no-overlap', message: 'By their headers the two do not overlap in the patient' }],
    };
  }
  if (share < 0.9) {
    return {
      factor: Math.max(0.1, share),
      reasons: [],
      warnings: [
        {
          code: 'partial-overlap',
          message: `The reference covers ${percent} of the target: the rest is enhanced without its help`,
        },
      ],
    };
  }
  return { factor: 1, reasons: [`The reference covers ${percent} of the target`], warnings: [] };
}

function judgeFrame(target: SeriesEntry, reference: SeriesEntry): Judgement {
  const [a, b] = [target.frameOfReferenceUid, reference.frameOfReferenceUid];
  if (a !== undefined && a === b) {
    return { factor: 1, reasons: ['Both have the same frame of reference'], warnings: [] };
  }
  if (a === undefined && b === undefined) return { factor: 1, reasons: [], warnings: [] };
  return {
    factor: 0.8,
    reasons: [],
    warnings: [
      {
        code: 'different-frame-of-reference',
        message:
          'The two have different frames of reference: their positions can be compared only after registration',
      },
    ],
  };
}

function judgeZeroFilled(target: SeriesEntry): Judgement {
  const warning = target.summary.warnings.find(({ code }) => code === 'zero-filled');
  if (warning === undefined) return { factor: 1, reasons: [], warnings: [] };
  return {
    factor: 0.95,
    reasons: [],
    warnings: [
      {
        code: 'target-zero-filled',
        message: `The target is not as sharp as its matrix says. ${warning.message}`,
      },
    ],
  };
}

function isFiner(a: SeriesEntry, b: SeriesEntry): boolean {
  const volume = ({ geometry }: SeriesEntry): number =>
    geometry === undefined ? 0 : geometry.spacingMm[0] * geometry.spacingMm[1] * geometry.stepMm;
  return volume(a) < 0.95 * volume(b);
}

function nameOf(summary: SeriesEntry['summary']): string {
  return summary.description || `series ${summary.number ?? summary.uid}`;
}
