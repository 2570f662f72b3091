import { endsEarly } from '../samples.ts';

/** The bits of JPEG-LS data (ITU-T T.87, A.1): after each 0xFF byte one stuffed bit, and a marker ends them. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;
  #afterFf = false;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The next bits as a number, up to 24. @throws TandemError `truncated` */
  read(count: number): number {
    while (this.#count < count) this.#take();
    this.#count -= count;
    return (this.#bits >>> this.#count) & ((1 << count) - 1);
  }

  /** How many zeros come before the next one, which is used too; at most `limit` of them. */
  zeros(limit: number): number {
    let zeros = 0;
    while (zeros <= limit) {
      if (this.#count === 0) this.#take();
      const left = this.#bits & ((1 << this.#count) - 1);
      if (left === 0) {
        zeros += this.#count;
        this.#count = 0;
        continue;
      }
      const leading = Math.clz32(left) - (32 - this.#count);
      this.#count -= leading + 1;
      return zeros + leading;
    }
    return limit + 1;
  }

  #take(): void {
    const byte = this.#bytes[this.#at];
    if (byte === undefined || (this.#afterFf && byte >= 0x80)) throw endsEarly('JPEG-LS');
    // A marker's 0xFF holds no bits.
    if (byte === 0xff && (this.#bytes[this.#at + 1] ?? 0xff) >= 0x80) throw endsEarly('JPEG-LS');
    const width = this.#afterFf ? 7 : 8;
    this.#bits = ((this.#bits << width) | byte) & 0x7fffffff;
    this.#count += width;
    this.#afterFf = byte === 0xff;
    this.#at++;
  }
}
