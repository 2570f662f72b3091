import { crc32, deflateRawSync } from 'node:zlib';
import { concat } from './dicomBuilder.ts';

export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the directory claims instead of the truth. */
  readonly claims?: {
    readonly bytes?: number;
    readonly crc?: number;
    readonly flags?: number;
    readonly mode?: number;
  };
}

export interface ZipOptions {
  /** Sizes and offsets in the extra field, the number of entries in the record of zip64 alone. */
  readonly zip64?: boolean;
}

/** A ZIP archive, right or lying: a writer of its own, so that the reader is not tested against itself. */
export function zipOf(files: readonly ZipFile[], { zip64 = false }: ZipOptions = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes, claims = {} } of files) {
    const packed = new Uint8Array(deflateRawSync(bytes));
    const nameBytes = new TextEncoder().encode(name);
    const claimed = claims.bytes ?? bytes.length;
    const common = new DataView(new ArrayBuffer(26));
    common.setUint16(0, 20, true);
    common.setUint16(2, claims.flags ?? 0, true);
    common.setUint16(4, 8, true);
    common.setUint32(10, claims.crc ?? crc32(bytes), true);
    common.setUint32(14, zip64 ? FULL : packed.length, true);
    common.setUint32(18, zip64 ? FULL : claimed, true);
    common.setUint16(22, nameBytes.length, true);
    const sizes = zip64 ? extraField(claimed, packed.length) : new Uint8Array();
    common.setUint16(24, sizes.length, true);
    const shared = new Uint8Array(common.buffer);
    const local = concat([Uint8Array.of(0x50, 0x4b, 3, 4), shared, nameBytes, sizes, packed]);
    const tail = new DataView(new ArrayBuffer(14));
    tail.setUint32(6, ((claims.mode ?? 0o100644) << 16) >>> 0, true);
    tail.setUint32(10, zip64 ? FULL : at, true);
    const extra = zip64 ? extraField(claimed, packed.length, at) : new Uint8Array();
    const listed = shared.slice();
    new DataView(listed.buffer).setUint16(24, extra.length, true);
    // Version made by: 2.0, Unix.
    directory.push(
      concat([Uint8Array.of(0x50, 0x4b, 1, 2, 20, 3), listed, new Uint8Array(tail.buffer), nameBytes, extra]),
    );
    parts.push(local);
    at += local.length;
  }
  const listing = concat(directory);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, zip64 ? 0xffff : files.length, true);
  end.setUint16(10, zip64 ? 0xffff : files.length, true);
  end.setUint32(12, zip64 ? FULL : listing.length, true);
  end.setUint32(16, zip64 ? FULL : at, true);
  const large = zip64 ? end64(files.length, listing.length, at) : new Uint8Array();
  return concat([...parts, listing, large, new Uint8Array(end.buffer)]);
}

const FULL = 0xffffffff;

/** Zip64 extended information (APPNOTE, 4.5.3). */
function extraField(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 + 8 * values.length));
  view.setUint16(0, 1, true);
  view.setUint16(2, 8 * values.length, true);
  for (const [n, value] of values.entries()) view.setBigUint64(4 + 8 * n, BigInt(value), true);
  return new Uint8Array(view.buffer);
}

/** Zip64 end of central directory record and its locator (APPNOTE, 4.3.14 and 4.3.15). */
function end64(entries: number, size: number, offset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(56 + 20));
  view.setUint32(0, 0x06064b50, true);
  view.setBigUint64(4, 44n, true);
  view.setUint16(12, 45, true);
  view.setUint16(14, 45, true);
  view.setBigUint64(24, BigInt(entries), true);
  view.setBigUint64(32, BigInt(entries), true);
  view.setBigUint64(40, BigInt(size), true);
  view.setBigUint64(48, BigInt(offset), true);
  view.setUint32(56, 0x07064b50, true);
  view.setBigUint64(64, BigInt(offset + size), true);
  view.setUint32(72, 1, true);
  return new Uint8Array(view.buffer);
}
