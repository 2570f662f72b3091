import { endsEarly } from '../samples.ts';

/**
 * The bits of entropy-coded data (ITU-T T.81, F.2.2.5): the zero stuffed after each 0xFF is taken out, and a
 * marker ends them. Looking past the end gives zeros, using what was seen there throws.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  /** Of the next byte that was not taken yet. */
  at: number;
  #bits = 0;
  #count = 0;
  /** How many of the last of `#count` bits lie past the end. */
  #invented = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** The next 16 bits, without using them. */
  peek16(): number {
    while (this.#count < 16) this.#take();
    return (this.#bits >>> (this.#count - 16)) & 0xffff;
  }

  /** Uses up to 16 bits that were looked at. @throws TandemError `truncated` where they were not there */
  skip(count: number): void {
    this.#count -= count;
    if (this.#count < this.#invented) throw endsEarly('JPEG');
  }

  /** The next bits as a number, up to 16. */
  read(count: number): number {
    if (count === 0) return 0;
    const value = this.peek16() >>> (16 - count);
    this.skip(count);
    return value;
  }

  /** A number of `count` bits with its sign coded as in T.81, F.2.2.1 (EXTEND). */
  readSigned(count: number): number {
    if (count === 0) return 0;
    const value = this.read(count);
    return value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  /** Drops what is left of the current byte and steps over the restart marker that must follow. */
  restart(): boolean {
    this.#bits = 0;
    this.#count = 0;
    this.#invented = 0;
    while (this.#bytes[this.at] === 0xff && this.#bytes[this.at + 1] === 0xff) this.at++;
    const marker = this.#bytes[this.at + 1] ?? 0;
    if (this.#bytes[this.at] !== 0xff || marker < 0xd0 || marker > 0xd7) return false;
    this.at += 2;
    return true;
  }

  #take(): void {
    const byte = this.#bytes[this.at];
    let value = byte ?? 0;
    if (byte === 0xff) {
      if (this.#bytes[this.at + 1] === 0) this.at += 2;
      else value = -1;
    } else if (byte !== undefined) this.at++;
    if (byte === undefined || value < 0) {
      value = 0;
      this.#invented += 8;
    }
    this.#bits = (this.#bits << 8) | value;
    this.#count += 8;
  }
}
