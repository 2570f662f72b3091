/**
 * Small JPEG encoders for tests: what no tool at hand writes (restart markers, point transforms), made by
 * hand from ITU-T T.81 with Huffman tables whose codes are all of one length.
 */

class Bits {
  readonly bytes: number[] = [];
  #bits = 0;
  #count = 0;

  put(value: number, count: number): void {
    for (let n = count - 1; n >= 0; n--) {
      this.#bits = (this.#bits << 1) | ((value >> n) & 1);
      if (++this.#count === 8) this.#flush();
    }
  }

  /** A number by its size and bits (T.81, F.1.2.1). */
  putSigned(value: number, size: number): void {
    this.put(value < 0 ? value + 2 ** size - 1 : value, size);
  }

  align(): void {
    while (this.#count > 0) this.put(1, 1);
  }

  #flush(): void {
    this.bytes.push(this.#bits);
    if (this.#bits === 0xff) this.bytes.push(0);
    this.#bits = 0;
    this.#count = 0;
  }
}

const sizeOf = (value: number): number => (value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1);
const word = (value: number): number[] => [value >> 8, value & 0xff];
const segment = (marker: number, data: number[]): number[] => [
  0xff,
  marker,
  ...word(data.length + 2),
  ...data,
];

/** Codes 0, 1, 2 … of five bits for the values 0, 1, 2 …. */
function flatTable(kindAndNumber: number, count: number): number[] {
  const counts = Array.from({ length: 16 }, (_, n) => (n === 4 ? count : 0));
  return segment(0xc4, [kindAndNumber, ...counts, ...Array.from({ length: count }, (_, n) => n)]);
}

export interface LosslessOptions {
  readonly columns: number;
  readonly precision: number;
  /** Lines between restart markers. */
  readonly restartLines?: number;
  readonly pointTransform?: number;
}

/** Lossless, predictor 1. */
export function encodeLossless(samples: readonly number[], options: LosslessOptions): Uint8Array {
  const { columns, precision, restartLines = 0, pointTransform = 0 } = options;
  const rows = samples.length / columns;
  const bits = new Bits();
  let restarts = 0;
  let top = true;
  const at = (row: number, column: number) => samples[row * columns + column]! >> pointTransform;
  for (let row = 0; row < rows; row++) {
    if (restartLines > 0 && row > 0 && row % restartLines === 0) {
      bits.align();
      bits.bytes.push(0xff, 0xd0 + (restarts++ % 8));
      top = true;
    }
    for (let column = 0; column < columns; column++) {
      const first = top ? 2 ** (precision - pointTransform - 1) : row === 0 ? 0 : at(row - 1, 0);
      const predicted = column === 0 ? first : at(row, column - 1);
      const modulo = (at(row, column) - predicted) & 0xffff;
      const difference = modulo > 32_768 ? modulo - 65_536 : modulo;
      const size = sizeOf(difference);
      bits.put(size, 5);
      if (size < 16) bits.putSigned(difference, size);
    }
    top = false;
  }
  bits.align();
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xc3, [precision, ...word(rows), ...word(columns), 1, 1, 0x11, 0]),
    ...flatTable(0x00, 17),
    ...(restartLines > 0 ? segment(0xdd, word(restartLines * columns)) : []),
    ...segment(0xda, [1, 1, 0, 1, 0, pointTransform]),
    ...bits.bytes,
    ...[0xff, 0xd9],
  ]);
}

/** Baseline, every block of one grey (so that it has nothing but its mean), a restart after so many blocks. */
export function encodeFlatBlocks(
  greys: readonly number[],
  across: number,
  restartBlocks: number,
): Uint8Array {
  const bits = new Bits();
  let previous = 0;
  for (const [n, grey] of greys.entries()) {
    if (restartBlocks > 0 && n > 0 && n % restartBlocks === 0) {
      bits.align();
      bits.bytes.push(0xff, 0xd0 + ((n / restartBlocks - 1) % 8));
      previous = 0;
    }
    // Eight times the mean, quantised by eight.
    const difference = grey - 128 - previous;
    previous = grey - 128;
    bits.put(sizeOf(difference), 5);
    bits.putSigned(difference, sizeOf(difference));
    bits.put(0, 5);
  }
  bits.align();
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, [0, ...Array.from({ length: 64 }, () => 8)]),
    ...segment(0xc0, [8, ...word((greys.length / across) * 8), ...word(across * 8), 1, 1, 0x22, 0]),
    ...flatTable(0x00, 12),
    ...flatTable(0x10, 1),
    ...(restartBlocks > 0 ? segment(0xdd, word(restartBlocks)) : []),
    ...segment(0xda, [1, 1, 0, 0, 63, 0]),
    ...bits.bytes,
    ...[0xff, 0xd9],
  ]);
}
