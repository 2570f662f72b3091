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

/** A ZIP archive, right or lying: a writer of its own, so that the reader is not tested against itself. */
export function zipOf(files: readonly ZipFile[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes, claims = {} } of files) {
    const packed = new Uint8Array(deflateRawSync(bytes));
    const nameBytes = new TextEncoder().encode(name);
    const common = new DataView(new ArrayBuffer(26));
    common.setUint16(0, 20, true);
    common.setUint16(2, claims.flags ?? 0, true);
    common.setUint16(4, 8, true);
    common.setUint32(10, claims.crc ?? crc32(bytes), true);
    common.setUint32(14, packed.length, true);
    common.setUint32(18, claims.bytes ?? bytes.length, true);
    common.setUint16(22, nameBytes.length, true);
    const shared = new Uint8Array(common.buffer);
    const local = concat([Uint8Array.of(0x50, 0x4b, 3, 4), shared, nameBytes, packed]);
    const tail = new DataView(new ArrayBuffer(14));
    tail.setUint32(6, ((claims.mode ?? 0o100644) << 16) >>> 0, true);
    tail.setUint32(10, at, true);
    // Version made by: 2.0, Unix.
    directory.push(
      concat([Uint8Array.of(0x50, 0x4b, 1, 2, 20, 3), shared, new Uint8Array(tail.buffer), nameBytes]),
    );
    parts.push(local);
    at += local.length;
  }
  const listing = concat(directory);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, listing.length, true);
  end.setUint32(16, at, true);
  return concat([...parts, listing, new Uint8Array(end.buffer)]);
}
