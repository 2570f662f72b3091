import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { findTool } from '../../helpers/tools.ts';
import { rewriteFiles } from './changeFiles.ts';
import { zeroFilledSeries } from './enhancedSeries.ts';
import { phantomSeries } from './phantomSeries.ts';
import { bytesOf, exportDicom as exportTo, storedOf } from './readBack.ts';

let root: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-source-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const exportDicom = (what: EnhancedSeries) => exportTo(what, join(root, `out${count++}`));

/** The phantom study again in a folder of its own, its files changed, zero-filled. */
const changedSeries = async (
  change: Parameters<typeof rewriteFiles>[1],
  where: 'target' | 'reference' = 'target',
) => {
  const folder = join(root, `changed${count++}`);
  const made = await phantomSeries(folder, { contrasts: ['t2', 't1'], slices: 3 });
  await rewriteFiles((where === 'target' ? made.target : made.reference!).files, change);
  return zeroFilledSeries(made.target.summary.path, made.reference!.summary.path);
};

describe('what the source says', () => {
  it('keeps text byte for byte in its character set, many values, and values that are too long', async () => {
    const kanji = Buffer.from('Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B', 'latin1');
    const changed = await changedSeries({
      x00080005: ['CS', '\\ISO 2022 IR 87'],
      x00100010: ['PN', kanji],
      x00101000: ['LO', 'one\\two\\three'],
      x00081030: ['LO', `study ${'x'.repeat(90)}`],
      x00180020: ['CS', 'SE\\IR'],
      x0008103e: ['LO', Buffer.from('\x1b$B;3ED;3ED;3ED;3ED;3ED;3ED;3ED;3ED;3ED\x1b(B T2 TSE', 'latin1')],
    });
    const { sets } = await exportDicom(changed);
    expect(bytesOf(sets[0]!, 'x00100010').subarray(0, kanji.length)).toEqual(kanji);
    expect(sets[0]!.string('x00080005')).toBe('\\ISO 2022 IR 87');
    expect(sets[0]!.string('x00101000')).toBe('one\\two\\three');
    expect(sets[0]!.string('x00081030')!.length).toBe(96);
    expect(sets[0]!.string('x00180020')).toBe('SE\\IR');
    const description = bytesOf(sets[0]!, 'x0008103e').toString('latin1');
    const kept = `\x1b$B${';3ED'.repeat(6)}\x1b(B`;
    expect(description).toHaveLength(64);
    expect(description).toBe(`${kept} [enhanced x2 srcnn-guided-x2 RUO]`);
  });

  it('leaves out private elements, overlays, padding and performed steps', async () => {
    const changed = await changedSeries({
      x00090010: ['LO', 'MAKER'],
      x00091001: ['LO', 'secret'],
      x60000010: ['US', Buffer.from([1, 0])],
      x00280120: ['US', Buffer.from([0, 0])],
      x00400253: ['SH', 'step'],
    });
    const { sets } = await exportDicom(changed);
    for (const tag of ['x00090010', 'x00091001', 'x60000010', 'x00280120', 'x00400253']) {
      expect(sets[0]!.elements[tag], tag).toBeUndefined();
    }
  });

  it('keeps contrast agent, clinical trial and phantom marks; inherits burned-in text and faces', async () => {
    const changed = await changedSeries({
      x00180010: ['LO', 'Gadovist'],
      x00120010: ['LO', 'Sponsor'],
      x00280301: ['CS', 'YES'],
      x00280302: ['CS', 'YES'],
    });
    const { sets } = await exportDicom(changed);
    const values = ['x00180010', 'x00120010', 'x00280300', 'x00280301', 'x00280302'].map((tag) =>
      sets[0]!.string(tag),
    );
    expect(values).toEqual(['Gadovist', 'Sponsor', 'YES', 'YES', 'YES']);
  });

  it.each([
    ['target', '01', '01'],
    ['reference', '01', '01'],
    ['target', '00', '00'],
    ['reference', '00', undefined],
  ] as const)('lossy compression of the %s, %s: %s', async (where, flag, expected) => {
    const changed = await changedSeries({ x00282110: ['CS', flag] }, where);
    const { sets } = await exportDicom(changed);
    expect(sets.map((set) => set.string('x00282110'))).toEqual([expected, expected, expected]);
  });

  it('is shown in the direction of its source', async () => {
    const changed = await changedSeries({ x00280004: ['CS', 'MONOCHROME1'] });
    const { sets } = await exportDicom(changed);
    expect(sets.map((set) => set.string('x00280004'))).toEqual(Array(3).fill('MONOCHROME1'));
  });

  it.each([
    ['0', '5'],
    ['', '5'],
    ['1.5', '5'],
    ['5.01', '5.01'],
  ])('Spacing Between Slices “%s” becomes %s, the distance that the slices have', async (said, expected) => {
    const changed = await changedSeries({ x00180088: ['DS', said], x00180050: ['DS', ''] });
    const { sets } = await exportDicom(changed);
    expect(Number(sets[0]!.string('x00180088'))).toBeCloseTo(Number(expected), 6);
    expect(Number(sets[0]!.string('x00180050'))).toBeCloseTo(5, 6);
  });

  it('with a small rescale slope keeps the steps between values, and says how', async () => {
    const changed = await changedSeries({ x00281052: ['DS', '-1.5'], x00281053: ['DS', '0.002'] });
    const { sets, written } = await exportDicom(changed);
    expect(written.clipped).toBe(0);
    expect(sets[0]!.string('x00082111')).toContain(
      'stored=real-world values x 500; rescale of the source applied',
    );
    expect(sets[0]!.elements.x00281053).toBeUndefined();
    const stored = storedOf(sets[1]!);
    // Sample (0, 0) of every second pixel is the source's own: stored value + intercept / slope.
    const place = dicomParser.parseDicom(await readFile(changed.target.files[1]!));
    const original = storedOf(place);
    const at = 16 * 32 + 16;
    expect(Math.abs(stored[32 * 64 + 32]! - (original[at]! - 750))).toBeLessThanOrEqual(1);
  });
});

describe.skipIf(findTool('dcmconv') === undefined)('the encoding of the source [needs dcmtk]', () => {
  it.each([
    ['implicit', 'dcmconv', '+ti'],
    ['big endian', 'dcmconv', '+tb'],
    ['undefined lengths', 'dcmconv', '-e'],
    ['deflated', 'dcmconv', '+td'],
    ['JPEG lossless', 'dcmcjpeg', '+e1'],
    ['JPEG-LS', 'dcmcjpls', '+el'],
    ['RLE', 'dcmcrle', '+ff'],
  ])('%s: does not show in what is written', async (_, tool, option) => {
    const folder = join(root, `encoded${count++}`);
    const made = await phantomSeries(folder, { contrasts: ['t2', 't1'], slices: 2 });
    await rewriteFiles(made.target.files, {
      x00281053: ['DS', '2'],
      x00189087: ['FD', new Uint8Array(new Float64Array([1000]).buffer)],
    });
    const plain = await exportDicom(made);
    for (const path of [...made.target.files, ...made.reference!.files]) {
      const done = spawnSync(tool, [option, path, path], { encoding: 'utf8' });
      expect(done.status, done.stderr).toBe(0);
    }
    const again = await exportDicom(made);
    for (const [n, path] of plain.written.files.entries()) {
      expect((await readFile(path)).equals(await readFile(again.written.files[n]!))).toBe(true);
    }
  });
});
