import type { Warning } from '../contract/schemas.ts';
import { addScaled, dot, norm, subtract, type Vec3 } from '../volume/vec.ts';

/**
 * Positions of slices along their common normal: order, duplicates, gaps, uneven steps and sideways shifts.
 * Works on any items that have a position, so the same rules serve every format.
 */

export interface PlacedSlices<T> {
  /** Ascending along the normal, one item a position. */
  readonly slices: readonly T[];
  /** What was left out because another item has the same position. */
  readonly duplicates: readonly T[];
  /** Distance between neighbouring slices that most steps have, mm; undefined for fewer than two slices. */
  readonly stepMm: number | undefined;
  readonly warnings: readonly Warning[];
}

/** A step within 1 % of the nominal one (or 3 µm, for rounded headers) is even. */
const EVEN_FRACTION = 0.01;
const EVEN_MM = 0.003;
/** A step within 5 % of a whole number of nominal ones is a gap of missing slices. */
const GAP_FRACTION = 0.05;
/** Beyond this many of a kind, warnings are summed up in the last. */
const MAX_EACH = 10;

/**
 * Sorts slices along the normal and reports what is irregular; positions are never changed.
 * @param items in the order in which the first of several at one place is to be kept
 */
export function placeSlices<T>(
  items: readonly T[],
  positionOf: (item: T) => Vec3,
  normal: Vec3,
  describe: (item: T) => string,
): PlacedSlices<T> {
  const placed = items
    .map((item, order) => ({ item, order, at: dot(positionOf(item), normal) }))
    .sort((a, b) => a.at - b.at || a.order - b.order);
  const { kept, dropped } = separateDuplicates(placed);
  const stepMm = nominalStep(kept.map(({ at }) => at));
  const warnings = [
    ...duplicateWarnings(kept, dropped, describe),
    ...stepWarnings(kept, stepMm),
    ...shiftWarnings(
      kept.map(({ item, at }) => ({ position: positionOf(item), at })),
      normal,
      stepMm,
    ),
  ];
  return {
    slices: kept.map(({ item }) => item),
    duplicates: dropped.map(({ entry }) => entry.item),
    stepMm,
    warnings,
  };
}

interface Placed<T> {
  readonly item: T;
  readonly order: number;
  readonly at: number;
}

function separateDuplicates<T>(placed: readonly Placed<T>[]) {
  const step = nominalStep(placed.map(({ at }) => at));
  const same = step === undefined ? EVEN_MM : Math.max(EVEN_MM, EVEN_FRACTION * step);
  const kept: Placed<T>[] = [];
  const dropped: { entry: Placed<T>; keptIndex: number }[] = [];
  for (const entry of placed) {
    const last = kept.at(-1);
    if (last === undefined || entry.at - last.at > same) {
      kept.push(entry);
    } else if (entry.order < last.order) {
      dropped.push({ entry: last, keptIndex: kept.length - 1 });
      kept[kept.length - 1] = entry;
    } else {
      dropped.push({ entry, keptIndex: kept.length - 1 });
    }
  }
  return { kept, dropped };
}

/** Lower median of the steps that are not zero: right as long as half of the neighbours are there. */
function nominalStep(ascending: readonly number[]): number | undefined {
  const steps = ascending
    .slice(1)
    .map((at, n) => at - ascending[n]!)
    .filter((step) => step > EVEN_MM)
    .sort((a, b) => a - b);
  return steps[Math.floor((steps.length - 1) / 2)];
}

function duplicateWarnings<T>(
  kept: readonly Placed<T>[],
  dropped: readonly { entry: Placed<T>; keptIndex: number }[],
  describe: (item: T) => string,
): Warning[] {
  const warnings = dropped.map(({ entry, keptIndex }): Warning => {
    const first = kept[keptIndex]!;
    return {
      code: 'duplicate-slices',
      message: `Two images lie at the same position (${mm(first.at)}): ${describe(first.item)} is used, ${describe(entry.item)} is left out`,
      afterSlice: keptIndex + 1,
      positionMm: first.at,
    };
  });
  return summed(warnings, 'images at positions already taken');
}

function stepWarnings(kept: readonly { at: number }[], stepMm: number | undefined): Warning[] {
  if (stepMm === undefined) return [];
  const gaps: Warning[] = [];
  const uneven: Warning[] = [];
  for (let n = 1; n < kept.length; n++) {
    const before = kept[n - 1]!.at;
    const step = kept[n]!.at - before;
    const off = Math.abs(step - stepMm);
    if (off <= Math.max(EVEN_MM, EVEN_FRACTION * stepMm)) continue;
    const where = { afterSlice: n, positionMm: before };
    const times = Math.round(step / stepMm);
    if (times >= 2 && Math.abs(step - times * stepMm) <= GAP_FRACTION * stepMm) {
      const missing = times === 2 ? 'one slice is' : `${times - 1} slices are`;
      gaps.push({
        code: 'gap',
        message: `Between slices ${n} and ${n + 1} ${missing} missing: they are ${mm(step)} apart, the others ${mm(stepMm)}. The gap is kept and nothing is invented in it`,
        ...where,
      });
    } else {
      uneven.push({
        code: 'uneven-spacing',
        message: `Slices ${n} and ${n + 1} are ${mm(step)} apart, most others ${mm(stepMm)}. Every slice keeps its true position`,
        ...where,
      });
    }
  }
  return [...summed(gaps, 'gaps'), ...summed(uneven, 'uneven steps')];
}

/**
 * Slices whose corners do not lie on one line along the normal. Where each is shifted against the one before
 * by the same amount, the stack as a whole is tilted, as from a tilted gantry; else it is irregular.
 */
function shiftWarnings(
  kept: readonly { position: Vec3; at: number }[],
  normal: Vec3,
  stepMm: number | undefined,
): Warning[] {
  const first = kept[0];
  if (first === undefined) return [];
  const tilt = tiltWarning(kept, normal, stepMm);
  if (tilt !== undefined) return [tilt];
  let worst = 0;
  let worstIndex = 0;
  for (const [n, { position, at }] of kept.entries()) {
    const expected = addScaled(first.position, normal, at - first.at);
    const shift = norm(subtract(position, expected));
    if (shift > worst) {
      worst = shift;
      worstIndex = n;
    }
  }
  if (worst <= shiftTolerance(stepMm)) return [];
  return [
    {
      code: 'sheared-stack',
      message: `The slices are shifted sideways against each other, by up to ${mm(worst)}. Every slice keeps its true position and can be enhanced by itself; where the shifts are irregular, they make no volume: registration and NIfTI are then refused`,
      afterSlice: Math.max(1, worstIndex),
      positionMm: kept[Math.max(0, worstIndex - 1)]!.at,
    },
  ];
}

/** Sideways shifts below this are rounding, mm. */
function shiftTolerance(stepMm: number | undefined): number {
  return Math.max(0.01, 0.02 * (stepMm ?? 1));
}

function tiltWarning(
  kept: readonly { position: Vec3; at: number }[],
  normal: Vec3,
  stepMm: number | undefined,
): Warning | undefined {
  const first = kept[0]!;
  const last = kept.at(-1)!;
  if (kept.length < 3) return undefined;
  const along = last.at - first.at;
  const sideways = addScaled(subtract(last.position, first.position), normal, -along);
  if (norm(sideways) <= shiftTolerance(stepMm)) return undefined;
  const isStraight = kept.every(({ position, at }) => {
    const share = (at - first.at) / along;
    const expected = addScaled(addScaled(first.position, normal, at - first.at), sideways, share);
    return norm(subtract(position, expected)) <= shiftTolerance(stepMm);
  });
  if (!isStraight) return undefined;
  const degrees = (Math.atan2(norm(sideways), along) * 180) / Math.PI;
  const each = (norm(sideways) * (stepMm ?? along)) / along;
  return {
    code: 'gantry-tilt',
    message: `The stack is tilted by ${Number(degrees.toFixed(2))}° against its slices' normal (gantry tilt): each slice is shifted sideways by ${mm(each)} against the one before. Every slice keeps its true position; as a volume they lie on a skewed grid`,
    afterSlice: 1,
    positionMm: first.at,
  };
}

function summed(warnings: Warning[], what: string): Warning[] {
  if (warnings.length <= MAX_EACH) return warnings;
  const shown = warnings.slice(0, MAX_EACH);
  const last = shown[MAX_EACH - 1]!;
  shown[MAX_EACH - 1] = {
    ...last,
    message: `${last.message}; ${warnings.length - MAX_EACH} more ${what} follow`,
  };
  return shown;
}

function mm(value: number): string {
  return `${Number(value.toFixed(3))} mm`;
}
