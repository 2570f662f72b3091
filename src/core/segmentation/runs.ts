import { TandemError } from '../errors.ts';

/**
 * Labels as runs: value and length in turn, over all voxels. `[0, 5, 1, 2]` is five voxels of nothing and two of
 * label 1.
 */
export function runsOf(labels: ArrayLike<number>): number[] {
  const runs: number[] = [];
  for (let at = 0; at < labels.length; ) {
    const value = labels[at]!;
    let end = at + 1;
    while (end < labels.length && labels[end] === value) end++;
    runs.push(value, end - at);
    at = end;
  }
  return runs;
}

/**
 * The labels of runs.
 * @param length of the labelmap, voxels
 * @param values labels that there can be, beside 0
 * @throws TandemError `usage` where the runs have another length, or a label that is not among these
 */
export function labelsOfRuns(
  runs: readonly number[],
  length: number,
  values: ReadonlySet<number>,
): Uint8Array {
  const labels = new Uint8Array(length);
  let at = 0;
  for (let n = 0; n + 1 < runs.length; n += 2) {
    const [value, count] = [runs[n]!, runs[n + 1]!];
    if (value !== 0 && !values.has(value)) {
      throw new TandemError('usage', `The model has no label ${value}`, {
        hint: `Its labels are ${[...values].join(', ')}.`,
      });
    }
    labels.fill(value, at, Math.min(at + count, length));
    at += count;
  }
  if (runs.length % 2 === 0 && at === length) return labels;
  throw new TandemError('usage', `The runs are of ${at} voxels, not of the ${length} of the labelmap`, {
    hint: 'Give value and length in turn, over all voxels of the volume, i fastest.',
  });
}
