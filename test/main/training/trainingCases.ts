import type { FullSlice, TrainingCase } from '../../../src/main/training/data/trainingCase.ts';

/** A case of slices in memory, of neighbouring places and 1 mm pixels unless something else is said. */
export function caseOf(
  rows: number,
  columns: number,
  slices: readonly FullSlice[],
  more: Partial<TrainingCase> = {},
): TrainingCase {
  return {
    name: 'case',
    patient: more.name ?? 'case',
    files: [],
    rows,
    columns,
    spacingMm: [1, 1],
    sliceThicknessMm: 1,
    places: slices.map((_, n) => n),
    registration: undefined,
    slice: (n) => slices[n]!,
    ...more,
  };
}

/** An image of a function of row and column. */
export function imageOf(
  rows: number,
  columns: number,
  value: (row: number, column: number) => number,
): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, n) => value(Math.floor(n / columns), n % columns));
}
