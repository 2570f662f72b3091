import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { throwIfCancelled } from '../../core/errors.ts';

/** Voxels with noise hardly get smaller at higher levels, and take three times as long. */
export const COMPRESSION_LEVEL = 2;
const PIECE_BYTES = 1 << 20;

/** The bytes compressed, piece by piece, so that a long one can be stopped. Throws `cancelled`. */
export async function gzipped(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  throwIfCancelled(signal);
  function* pieces() {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
  }
  const packed: Buffer[] = [];
  try {
    await pipeline(
      Readable.from(pieces()),
      createGzip({ level: COMPRESSION_LEVEL }),
      async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) packed.push(chunk);
      },
      { signal },
    );
  } catch (error) {
    throwIfCancelled(signal);
    throw error;
  }
  return Buffer.concat(packed);
}
