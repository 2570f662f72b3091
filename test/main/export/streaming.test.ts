import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { phantomSeries } from './phantomSeries.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-streaming-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Bytes that an export has written so far into the hidden folder that it fills; undefined before it begins to. */
function bytesWritten(parent: string): number | undefined {
  const partial = readdirSync(parent).find((name) => name.includes('.partial-'));
  if (partial === undefined) return undefined;
  const folder = join(parent, partial);
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** More than the header of any object of this phantom takes. */
const HEADER_BYTES = 65_536;

it.each([
  'classic',
  'enhanced',
] as const)('the %s form is written slice by slice: none is asked for before the one before it is on disk', {
  timeout: 60_000,
}, async (as) => {
  const made = await phantomSeries(join(root, `study-${as}`), {
    contrasts: ['t2'],
    slices: 7,
    matrix: 256,
  });
  const parent = join(root, as);
  await mkdir(parent);
  /** Slices whose pixels were asked for while the folder was filled, and what it held then. */
  const asked: { readonly n: number; readonly onDisk: number }[] = [];
  const slices = made.stack.slices.map(({ positionLps, pixels }, n) => ({
    positionLps,
    get pixels() {
      const onDisk = bytesWritten(parent);
      if (onDisk !== undefined) asked.push({ n, onDisk });
      return pixels;
    },
  }));
  const series: EnhancedSeries = { ...made, stack: { ...made.stack, slices } };
  await exportEnhanced(series, join(parent, 'out'), 'dicom', QUIET_JOB, { as });
  expect(asked.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const sliceBytes = 2 * made.stack.columns * made.stack.rows;
  for (const { n, onDisk } of asked) {
    expect(onDisk).toBeGreaterThanOrEqual(n * sliceBytes);
    expect(onDisk).toBeLessThan(n * sliceBytes + (as === 'enhanced' ? 1 : n) * HEADER_BYTES + 1);
  }
});
