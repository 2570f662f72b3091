import { TandemError } from '../../core/errors.ts';

/**
 * The plain part of POSIX tar (IEEE 1003.1, pax, “ustar interchange format”): regular files of short names, which
 * every system opens. Nothing in it depends on when or by whom it is written.
 */

export const TAR_BLOCK = 512;
const NAME = { at: 0, length: 100 };
const MODE = { at: 100, length: 8 };
const UID = { at: 108, length: 8 };
const GID = { at: 116, length: 8 };
const SIZE = { at: 124, length: 12 };
const TIME = { at: 136, length: 12 };
const CHECKSUM = { at: 148, length: 8 };
const TYPE = 156;
const MAGIC = { at: 257, text: 'ustar\0' };
const VERSION = { at: 263, text: '00' };
const REGULAR_FILE = 0x30;

export interface TarMember {
  readonly name: string;
  readonly bytes: number;
}

/** The header of a regular file. @param member its name: ASCII, at most 100 characters. */
export function tarHeader({ name, bytes }: TarMember): Uint8Array {
  const block = new Uint8Array(TAR_BLOCK);
  const put = (at: number, text: string): void => block.set(new TextEncoder().encode(text), at);
  const octal = ({ at, length }: { at: number; length: number }, value: number): void =>
    put(at, value.toString(8).padStart(length - 1, '0'));
  put(NAME.at, name);
  octal(MODE, 0o644);
  octal(UID, 0);
  octal(GID, 0);
  octal(SIZE, bytes);
  octal(TIME, 0);
  block[TYPE] = REGULAR_FILE;
  put(MAGIC.at, MAGIC.text);
  put(VERSION.at, VERSION.text);
  put(CHECKSUM.at, `${checksum(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/**
 * The member that a block announces; undefined for the block of zeros that ends an archive.
 * @throws TandemError `bad-model` for anything but a regular file of a name as given, whole
 */
export function readTarHeader(block: Uint8Array, path: string): TarMember | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const bad = (message: string): TandemError =>
    new TandemError('bad-model', message, {
      path,
      hint: 'Get the file again: it is no whole model package.',
    });
  const text = (at: number, length: number): string => {
    const part = block.subarray(at, at + length);
    const end = part.indexOf(0);
    return new TextDecoder('latin1').decode(end < 0 ? part : part.subarray(0, end));
  };
  if (text(MAGIC.at, 5) !== 'ustar') throw bad('This is not a tar archive');
  if (Number.parseInt(text(CHECKSUM.at, CHECKSUM.length), 8) !== checksum(block)) {
    throw bad('A header of the archive is damaged');
  }
  if (block[TYPE] !== REGULAR_FILE) throw bad('The archive holds something that is no plain file');
  const size = text(SIZE.at, SIZE.length).trim();
  if (!/^[0-7]+$/.test(size)) throw bad('A size in the archive is malformed');
  // A prefix would put the file into a folder.
  if (text(345, 155) !== '') throw bad('The archive holds folders');
  return { name: text(NAME.at, NAME.length), bytes: Number.parseInt(size, 8) };
}

/** How many bytes fill a member's last block. */
export function tarPadding(bytes: number): number {
  return (TAR_BLOCK - (bytes % TAR_BLOCK)) % TAR_BLOCK;
}

/** The sum of all bytes, the checksum's own taken as spaces. */
function checksum(block: Uint8Array): number {
  const { at, length } = CHECKSUM;
  return block.reduce((sum, byte, n) => sum + (n >= at && n < at + length ? 0x20 : byte), 0);
}
