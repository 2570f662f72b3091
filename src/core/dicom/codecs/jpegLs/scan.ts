import { corrupt, type FrameSize } from '../samples.ts';
import { BitReader } from './bitReader.ts';
import type { Parameters } from './parameters.ts';

/** Lengths of the runs that a single bit stands for, as powers of two (ITU-T T.87, A.2.1). */
const RUN_BITS = Uint8Array.from([
  0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15,
]);

/** 9³ combinations of three gradients, halved by their sign, with 0 unused. */
const CONTEXTS = 365;

/**
 * The scan of a grey image: ITU-T T.87, annex A.
 * @param at where its coded data begins
 * @throws TandemError `truncated`, `bad-header`
 */
export function decodeScan(bytes: Uint8Array, at: number, size: FrameSize, coding: Parameters): Int32Array {
  const { rows, columns } = size;
  const values = new Int32Array(rows * columns);
  const decoder = new LineDecoder(new BitReader(bytes, at), columns, coding);
  // Lines with one sample more on either side: the edges of T.87, A.2.1.
  let above = new Int32Array(columns + 2);
  let line = new Int32Array(columns + 2);
  for (let row = 0; row < rows; row++) {
    above[columns + 1] = above[columns]!;
    line[0] = above[1]!;
    decoder.decode(line, above);
    values.set(line.subarray(1, columns + 1), row * columns);
    [above, line] = [line, above];
  }
  return values;
}

class LineDecoder {
  readonly #bits: BitReader;
  readonly #columns: number;
  readonly #coding: Parameters;
  readonly #quantised: Int8Array;
  /** Sum of error sizes, sum of errors, correction and number of each context; two more for run interruptions. */
  readonly #sizes: Int32Array;
  readonly #errors = new Int32Array(CONTEXTS);
  readonly #corrections = new Int32Array(CONTEXTS);
  readonly #numbers = new Int32Array(CONTEXTS + 2).fill(1);
  readonly #negatives = new Int32Array(2);
  #runIndex = 0;

  constructor(bits: BitReader, columns: number, coding: Parameters) {
    this.#bits = bits;
    this.#columns = columns;
    this.#coding = coding;
    this.#sizes = new Int32Array(CONTEXTS + 2).fill(Math.max(2, (coding.range + 32) >> 6));
    this.#quantised = quantiser(coding);
  }

  decode(line: Int32Array, above: Int32Array): void {
    const middle = this.#coding.maxValue;
    for (let n = 1; n <= this.#columns; ) {
      const a = line[n - 1]!;
      const b = above[n]!;
      const c = above[n - 1]!;
      const context =
        81 * this.#quantised[above[n + 1]! - b + middle]! +
        9 * this.#quantised[b - c + middle]! +
        this.#quantised[c - a + middle]!;
      if (context !== 0) {
        line[n++] = this.#regular(context, predict(a, b, c));
        continue;
      }
      n += this.#run(line, n);
      if (n > this.#columns) return;
      line[n] = this.#interruption(line[n - 1]!, above[n]!);
      n++;
    }
  }

  /** A.4 to A.6. */
  #regular(signedContext: number, guess: number): number {
    const { maxValue, near, limit, reset } = this.#coding;
    const sign = signedContext < 0 ? -1 : 1;
    const q = signedContext * sign;
    const corrected = guess + sign * this.#corrections[q]!;
    const predicted = corrected < 0 ? 0 : corrected > maxValue ? maxValue : corrected;
    const k = this.#golomb(this.#sizes[q]!, this.#numbers[q]!);
    const mapped = this.#mapped(k, limit);
    let error = mapped & 1 ? -((mapped + 1) >> 1) : mapped >> 1;
    if (near === 0 && k === 0 && 2 * this.#errors[q]! <= -this.#numbers[q]!) error = -error - 1;

    this.#errors[q]! += error * (2 * near + 1);
    this.#sizes[q]! += Math.abs(error);
    if (this.#numbers[q] === reset) {
      this.#sizes[q]! >>= 1;
      this.#errors[q]! >>= 1;
      this.#numbers[q]! >>= 1;
    }
    const count = ++this.#numbers[q]!;
    if (this.#errors[q]! <= -count) {
      this.#errors[q] = Math.max(this.#errors[q]! + count, 1 - count);
      if (this.#corrections[q]! > -128) this.#corrections[q]!--;
    } else if (this.#errors[q]! > 0) {
      this.#errors[q] = Math.min(this.#errors[q]! - count, 0);
      if (this.#corrections[q]! < 127) this.#corrections[q]!++;
    }
    return this.#reconstruct(predicted, sign * error);
  }

  /** A.7.1: how many samples from `n` are like the one before. */
  #run(line: Int32Array, n: number): number {
    const left = this.#columns - n + 1;
    let run = 0;
    while (run < left && this.#bits.read(1) === 1) {
      const whole = 1 << RUN_BITS[this.#runIndex]!;
      if (whole <= left - run && this.#runIndex < 31) this.#runIndex++;
      run += whole;
    }
    if (run < left) run += this.#bits.read(RUN_BITS[this.#runIndex]!);
    else run = left;
    if (run > left) throw corrupt('JPEG-LS', 'a run goes on past the end of its line');
    line.fill(line[n - 1]!, n, n + run);
    return run;
  }

  /** A.7.2: the sample that ends a run. */
  #interruption(a: number, b: number): number {
    const { near, limit, reset } = this.#coding;
    const alike = Math.abs(a - b) <= near ? 1 : 0;
    const q = CONTEXTS + alike;
    const size = this.#sizes[q]! + (alike === 1 ? this.#numbers[q]! >> 1 : 0);
    const k = this.#golomb(size, this.#numbers[q]!);
    const mapped = this.#mapped(k, limit - RUN_BITS[this.#runIndex]! - 1);
    const odd = (mapped + alike) & 1;
    const distance = (mapped + alike + odd) >> 1;
    const mostlyNegative = 2 * this.#negatives[alike]! >= this.#numbers[q]!;
    const error = (k !== 0 || mostlyNegative ? 1 : 0) === odd ? -distance : distance;
    if (error < 0) this.#negatives[alike]!++;
    this.#sizes[q]! += (mapped + 1 - alike) >> 1;
    if (this.#numbers[q] === reset) {
      this.#sizes[q]! >>= 1;
      this.#numbers[q]! >>= 1;
      this.#negatives[alike]! >>= 1;
    }
    this.#numbers[q]!++;
    if (this.#runIndex > 0) this.#runIndex--;
    return alike === 1 ? this.#reconstruct(a, error) : this.#reconstruct(b, a > b ? -error : error);
  }

  /** Golomb's parameter k of A.5.1. */
  #golomb(size: number, count: number): number {
    let k = 0;
    while (count * 2 ** k < size) k++;
    if (k > 24) throw corrupt('JPEG-LS', 'a code has too many bits');
    return k;
  }

  /** A mapped error, by A.5.3. */
  #mapped(k: number, limit: number): number {
    const { errorBits } = this.#coding;
    const longest = limit - errorBits - 1;
    const zeros = this.#bits.zeros(longest);
    if (zeros > longest) throw corrupt('JPEG-LS', 'a code is too long');
    const mapped = zeros < longest ? zeros * 2 ** k + this.#bits.read(k) : this.#bits.read(errorBits) + 1;
    if (mapped > 2 * this.#coding.range) throw corrupt('JPEG-LS', 'an error is larger than any sample');
    return mapped;
  }

  /** A.4.4 and A.4.5: the sample, brought back into the range that errors are taken modulo. */
  #reconstruct(predicted: number, error: number): number {
    const { near, range, maxValue } = this.#coding;
    const step = 2 * near + 1;
    let value = predicted + error * step;
    if (value < -near) value += range * step;
    else if (value > maxValue + near) value -= range * step;
    return value < 0 ? 0 : value > maxValue ? maxValue : value;
  }
}

/** A.4.1: the median edge detector; a is left, b above, c above left. */
function predict(a: number, b: number, c: number): number {
  if (c >= Math.max(a, b)) return Math.min(a, b);
  if (c <= Math.min(a, b)) return Math.max(a, b);
  return a + b - c;
}

/** A.3.3: what becomes of each difference from -maxValue to maxValue. */
function quantiser({ maxValue, near, thresholds }: Parameters): Int8Array {
  const [t1, t2, t3] = thresholds;
  const table = new Int8Array(2 * maxValue + 1);
  for (let difference = 0; difference <= maxValue; difference++) {
    const level =
      difference <= near ? 0 : difference < t1 ? 1 : difference < t2 ? 2 : difference < t3 ? 3 : 4;
    table[maxValue + difference] = level;
    table[maxValue - difference] = -level;
  }
  return table;
}
