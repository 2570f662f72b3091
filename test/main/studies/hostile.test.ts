import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dataRoot } from '../../helpers/data.ts';
import { Reader } from '../../helpers/mutations/reader.ts';
import { costFaults } from '../../helpers/mutations/rules.ts';

const root = dataRoot();
const files =
  root === undefined
    ? []
    : readdirSync(join(root, 'hostile'), { recursive: true, encoding: 'utf8' })
        .map((name) => join(root, 'hostile', name))
        .filter((path) => statSync(path).isFile());

describe.skipIf(root === undefined)('hostile files, each in a process of its own [needs shared data]', () => {
  const readers: Reader[] = [];
  afterAll(() => {
    for (const reader of readers) reader.close();
  });

  it.each(files.map((path) => [basename(path), path]))(
    '%s costs neither five seconds nor 256 MB more than its size',
    { timeout: 120_000 },
    async (_, path) => {
      const reader = new Reader();
      readers.push(reader);
      const outcome = await reader.read(path);
      reader.close();
      expect(costFaults(outcome, statSync(path).size)).toEqual([]);
      if (!('reading' in outcome)) return;
      const { reading } = outcome;
      expect(reading.series.length + reading.refused.length).toBeGreaterThan(0);
      for (const { positionLps, spacingMm } of reading.series.flatMap(({ images }) => images)) {
        expect([...positionLps, ...spacingMm].every(Number.isFinite)).toBe(true);
      }
    },
  );
});
