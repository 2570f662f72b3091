import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gzipped } from '../../../src/main/export/gzip.ts';

describe('gzipped', () => {
  it('gives bytes that inflate to the same, whatever their number', async () => {
    const { signal } = new AbortController();
    for (const length of [0, 1, 1 << 20, 3_000_001]) {
      const bytes = randomBytes(length);
      expect(Buffer.compare(gunzipSync(await gzipped(bytes, signal)), bytes)).toBe(0);
    }
  });

  it('stops on the way', async () => {
    const controller = new AbortController();
    const packed = gzipped(randomBytes(32 << 20), controller.signal);
    setTimeout(() => controller.abort(), 5);
    await expect(packed).rejects.toMatchObject({ code: 'cancelled' });
    await expect(gzipped(new Uint8Array(9), AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
