import { TandemError } from '../../errors.ts';

/** What a peer that does not keep to the protocol is told of: `network-failed`. */
export function protocolError(what: string): TandemError {
  return new TandemError('network-failed', `The other side does not keep to the DICOM protocol: ${what}`, {
    hint: 'Check that host and port are those of a DICOM node.',
  });
}

/** Reads big-endian fields one after another; throws `network-failed` where the bytes end before a field. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.#at;
  }

  take(count: number): Uint8Array {
    if (count > this.left) throw protocolError('a length reaches beyond its message');
    this.#at += count;
    return this.bytes.subarray(this.#at - count, this.#at);
  }

  skip(count: number): void {
    this.take(count);
  }

  uint8(): number {
    return this.take(1)[0]!;
  }

  uint16(): number {
    this.take(2);
    return this.#view.getUint16(this.#at - 2);
  }

  uint32(): number {
    this.take(4);
    return this.#view.getUint32(this.#at - 4);
  }

  /** Text of a fixed length, without the blanks and zeros around it. */
  text(count: number): string {
    return String.fromCharCode(...this.take(count)).replaceAll(/^[\0 ]+|[\0 ]+$/g, '');
  }
}

/** ASCII; anything else becomes `?`. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => (letter.charCodeAt(0) < 128 ? letter.charCodeAt(0) : 0x3f));
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}
