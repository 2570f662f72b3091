/**
 * A NIfTI-1 file of 40 × 40 × 20 voxels of 4 × 4 × 6 mm about the scanner's centre: label 1 in a box in the
 * middle, 0 elsewhere.
 * @param change `offset` is added to every value: with half of one, the values are no labels
 */
export function boxLabels({ offset = 0 }: { readonly offset?: number } = {}): Buffer {
  const size = [40, 40, 20] as const;
  const spacing = [4, 4, 6] as const;
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  for (const [n, value] of [3, ...size, 1, 1, 1, 1].entries()) header.writeInt16LE(value, 40 + 2 * n);
  header.writeInt16LE(16, 70);
  header.writeInt16LE(32, 72);
  for (const [n, value] of [1, ...spacing].entries()) header.writeFloatLE(value, 76 + 4 * n);
  header.writeFloatLE(352, 108);
  header.writeFloatLE(1, 112);
  header[123] = 2;
  header.writeInt16LE(1, 254);
  for (const row of [0, 1, 2] as const) {
    header.writeFloatLE(spacing[row], 280 + 16 * row + 4 * row);
    header.writeFloatLE((-spacing[row] * (size[row] - 1)) / 2, 280 + 16 * row + 12);
  }
  header.write('n+1\0', 344, 'latin1');
  const values = new Float32Array(size[0] * size[1] * size[2]);
  for (let k = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      for (let i = 0; i < size[0]; i++) {
        const inside = i > 12 && i < 28 && j > 12 && j < 28 && k > 2 && k < 17;
        values[i + size[0] * (j + size[1] * k)] = (inside ? 1 : 0) + offset;
      }
    }
  }
  return Buffer.concat([header, Buffer.from(values.buffer)]);
}
