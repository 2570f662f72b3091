/**
 * Regions as pixels: which label a pixel shows, and where its region ends.
 */

/**
 * The rim of every region: pixels with a label that have another (or none) within `width` steps to the left,
 * right, up or down. What lies beyond the image counts as the same.
 * @param labels rows × columns, 0 or NaN where there is nothing
 * @returns the labels of the rim, 0 elsewhere
 */
export function labelRim(
  labels: ArrayLike<number>,
  rows: number,
  columns: number,
  width: number,
): Int32Array {
  const rim = new Int32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const label = labelOf(labels[at]!);
      if (label === 0) continue;
      for (let step = 1; step <= width; step++) {
        const ends =
          (column >= step && labelOf(labels[at - step]!) !== label) ||
          (column + step < columns && labelOf(labels[at + step]!) !== label) ||
          (row >= step && labelOf(labels[at - step * columns]!) !== label) ||
          (row + step < rows && labelOf(labels[at + step * columns]!) !== label);
        if (ends) {
          rim[at] = label;
          break;
        }
      }
    }
  }
  return rim;
}

/** A value as a label: what is no number is none. */
export function labelOf(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
