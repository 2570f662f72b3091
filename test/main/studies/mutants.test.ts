import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataRoot } from '../../helpers/data.ts';
import { type Base, readBases } from '../../helpers/mutations/bases.ts';
import { makeMutant, roundOf } from '../../helpers/mutations/mutants.ts';
import { Reader } from '../../helpers/mutations/reader.ts';
import type { ReadImage, Reading } from '../../helpers/mutations/readProcess.ts';
import { contentFaults, costFaults, type Good } from '../../helpers/mutations/rules.ts';
import { readGood, surveyMutants } from '../../helpers/mutations/survey.ts';

/** Every base meets every kind of damage three times. The whole is `node test/tools/mutations.ts`. */
const ROUNDS = 3;

const root = dataRoot();

describe.skipIf(root === undefined)('damaged files [needs shared data]', () => {
  let bases: Base[];
  beforeAll(() => {
    bases = readBases(root!);
  });

  it('are made again by their number', () => {
    for (const number of [5, 123, 4567]) {
      const [once, again] = [makeMutant(bases, number), makeMutant(bases, number)];
      expect(Buffer.compare(once.bytes, again.bytes), once.what).toBe(0);
    }
  });

  it('are read right or refused with a code, soon and in bounded memory', { timeout: 900_000 }, async () => {
    const count = ROUNDS * roundOf(bases);
    const survey = await surveyMutants(bases, {
      numbers: Array.from({ length: count }, (_, n) => n),
      readers: 2,
    });
    expect(survey.faults).toEqual([]);
    expect(survey.mutants).toBe(count);
    // The damage is worth the name: much of it is refused, and much does not matter.
    expect(survey.refused).toBeGreaterThan(count / 4);
    expect(survey.read).toBeGreaterThan(count / 4);
  });
});

describe.skipIf(root === undefined)(
  'the rules that damaged files are held against [needs shared data]',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-rules-'));
    const reader = new Reader();
    let good: Good;
    beforeAll(async () => {
      const base = readBases(root!).find(({ name }) => name === 'enhanced, Siemens')!;
      good = await readGood(base, join(folder, base.fileName), reader);
    });
    afterAll(() => {
      reader.close();
      rmSync(folder, { recursive: true });
    });

    const changed = (change: (image: ReadImage) => ReadImage): Reading => ({
      ...good.reading,
      series: good.reading.series.map((series) => ({ ...series, images: series.images.map(change) })),
    });
    const faults = (reading: Reading): string[] => contentFaults(good, good.base.bytes, reading);

    it('see an image in another place, with other axes, pixels of another size or other values', () => {
      expect(faults(good.reading)).toEqual([]);
      const changes: ((image: ReadImage) => ReadImage)[] = [
        (image) => ({ ...image, positionLps: [image.positionLps[0] + 0.5, image.positionLps[1], 0] }),
        (image) => ({ ...image, iAxisLps: image.jAxisLps }),
        (image) => ({ ...image, spacingMm: [image.spacingMm[0] * 1.01, image.spacingMm[1]] }),
        (image) => ({ ...image, frame: (image.frame! + 1) % 6 }),
      ];
      for (const change of changes) expect(faults(changed(change))[0]).toMatch(/wrong geometry/);
      expect(faults(changed((image) => ({ ...image, pixels: 1 })))[0]).toMatch(/wrong values/);
    });

    it('see images that are lost without a word, and accept those that are refused', () => {
      const lost = { ...good.reading, series: [] };
      expect(faults(lost)[0]).toMatch(/silent loss/);
      const refused = [{ code: 'truncated', message: 'cut', path: '' }];
      expect(faults({ ...lost, refused })).toEqual([]);
    });

    it('see what takes too long or too much, what crashes and what throws anything but an error with a code', () => {
      const cost = (changes: Partial<Reading>, seconds = 9): string[] =>
        costFaults({ reading: { ...good.reading, ...changes }, seconds }, 1e6);
      expect(cost({})).toEqual([]);
      expect(cost({ cpuSeconds: 5.1 })[0]).toMatch(/slow/);
      expect(cost({ memoryBytes: 300e6 })[0]).toMatch(/memory/);
      expect(cost({ faults: ['TypeError'] })[0]).toMatch(/TypeError/);
      expect(costFaults({ ended: 'hang', words: '', seconds: 40 }, 1e6)[0]).toMatch(/hang/);
    });

    it('see that a process has crashed, and go on with another', { timeout: 60_000 }, async () => {
      const crash = await reader.read('\0crash');
      expect(crash).toMatchObject({ ended: 'crash' });
      expect(await reader.read(join(folder, good.base.fileName))).toHaveProperty('reading');
    });
  },
);
