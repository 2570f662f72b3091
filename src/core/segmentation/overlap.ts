import { TandemError } from '../errors.ts';

/** Masks slice by slice, in stack order, row-major; what is not 0 is marked. */
export type Masks = readonly ArrayLike<number>[];

/**
 * Dice's coefficient (Dice, Ecology 1945): 2·|A ∩ B| / (|A| + |B|) over all slices together. 1 where both are
 * empty: they agree. Throws `bad-geometry` for masks of different sizes.
 */
export function diceOfVolume(a: Masks, b: Masks): number {
  checkSizes(a, b);
  let [both, either] = [0, 0];
  for (const [n, slice] of a.entries()) {
    const found = counts(slice, b[n]!);
    both += found.both;
    either += found.either;
  }
  return either === 0 ? 1 : (2 * both) / either;
}

/** The same of every slice; null where both are empty, which says nothing of how well they agree. */
export function diceOfSlices(a: Masks, b: Masks): (number | null)[] {
  checkSizes(a, b);
  return a.map((slice, n) => {
    const { both, either } = counts(slice, b[n]!);
    return either === 0 ? null : (2 * both) / either;
  });
}

/** The mean of what is not null; null where nothing is. */
export function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Marked pixels of all slices. */
export function countMarked(masks: Masks): number {
  let count = 0;
  for (const slice of masks) for (let at = 0; at < slice.length; at++) if (slice[at] !== 0) count++;
  return count;
}

/** The mask of one label, or of any, of a labelmap. */
export function maskOf(labels: Masks, label?: number): Uint8Array[] {
  return labels.map((slice) =>
    Uint8Array.from(slice, (value) => Number(label === undefined ? value !== 0 : value === label)),
  );
}

function counts(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { readonly both: number; readonly either: number } {
  let [both, either] = [0, 0];
  for (let at = 0; at < a.length; at++) {
    const [inA, inB] = [a[at] !== 0, b[at] !== 0];
    if (inA && inB) both++;
    if (inA) either++;
    if (inB) either++;
  }
  return { both, either };
}

function checkSizes(a: Masks, b: Masks): void {
  if (a.length === b.length && a.every(({ length }, n) => length === b[n]!.length)) return;
  throw new TandemError('bad-geometry', 'The two segmentations do not have the same slices', {
    hint: 'Bring one onto the grid of the other first.',
  });
}
