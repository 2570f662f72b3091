import type { Random } from '../../../src/core/random.ts';

/** Damage that knows nothing of the format: what disks, networks and broken copies do. */

export interface ByteKind {
  readonly name: string;
  /** @param headerBytes how many of the first bytes are the header */
  readonly spoil: (bytes: Uint8Array, random: Random, headerBytes: number) => Uint8Array;
}

const INTERESTING = [0, 1, 2, 4, 8, 0x0d, 0x20, 0x5c, 0x7f, 0x80, 0xd9, 0xdd, 0xe0, 0xfe, 0xff];

const flip = (bytes: Uint8Array, random: Random, within: number): Uint8Array => {
  const out = bytes.slice();
  for (let n = 1 + random.integer(4); n > 0; n--) {
    const at = random.integer(within);
    out[at] = out[at]! ^ (1 << random.integer(8));
  }
  return out;
};

export const BYTE_KINDS: readonly ByteKind[] = [
  { name: 'bits flipped', spoil: (bytes, random) => flip(bytes, random, bytes.length) },
  {
    name: 'bits flipped in the header',
    spoil: (bytes, random, headerBytes) => flip(bytes, random, headerBytes),
  },
  {
    name: 'bytes overwritten in the header',
    spoil: (bytes, random, headerBytes) => {
      const out = bytes.slice();
      const at = random.integer(headerBytes);
      const value =
        random.uniform() < 0.7 ? INTERESTING[random.integer(INTERESTING.length)]! : random.integer(256);
      return out.fill(value, at, at + 1 + random.integer(8));
    },
  },
  { name: 'truncated', spoil: (bytes, random) => bytes.slice(0, random.integer(bytes.length)) },
  {
    name: 'truncated in the header',
    spoil: (bytes, random, headerBytes) => bytes.slice(0, random.integer(headerBytes)),
  },
  {
    name: 'bytes lost',
    spoil: (bytes, random, headerBytes) => {
      const at = random.integer(random.uniform() < 0.6 ? headerBytes : bytes.length);
      return new Uint8Array(
        Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(64))]),
      );
    },
  },
  {
    name: 'bytes put in',
    spoil: (bytes, random, headerBytes) => {
      const at = random.integer(random.uniform() < 0.6 ? headerBytes : bytes.length);
      const more = Uint8Array.from({ length: 1 + random.integer(64) }, () => random.integer(256));
      return new Uint8Array(Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]));
    },
  },
  {
    name: 'a block in the wrong place',
    spoil: (bytes, random, headerBytes) => {
      const out = bytes.slice();
      const from = random.integer(bytes.length);
      return out.copyWithin(random.integer(headerBytes), from, from + 512);
    },
  },
  {
    name: 'a block of zeros',
    spoil: (bytes, random) => {
      const at = random.integer(bytes.length);
      return bytes.slice().fill(0, at, at + 512 * (1 + random.integer(16)));
    },
  },
  {
    name: 'bytes after the end',
    spoil: (bytes, random) => {
      const isZero = random.uniform() < 0.3;
      const more = Uint8Array.from({ length: 1 + random.integer(2048) }, () =>
        isZero ? 0 : random.integer(256),
      );
      return new Uint8Array(Buffer.concat([bytes, more]));
    },
  },
];
