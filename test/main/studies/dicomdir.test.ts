import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { dataRoot } from '../../helpers/data.ts';
import { concat, dicomFile, mrSeries } from '../../helpers/dicomBuilder.ts';
import { folderOf } from './helpers.ts';

/** A DICOMDIR whose records name files, each a list of components. */
function dicomdir(fileIds: readonly (readonly string[])[]): Uint8Array {
  const items = fileIds.map((id) => {
    const text = id.join('\\');
    const value = new TextEncoder().encode(text.length % 2 === 0 ? text : `${text} `);
    const element = new DataView(new ArrayBuffer(8));
    element.setUint16(0, 0x0004, true);
    element.setUint16(2, 0x1500, true);
    element.setUint8(4, 'C'.charCodeAt(0));
    element.setUint8(5, 'S'.charCodeAt(0));
    element.setUint16(6, value.length, true);
    const head = new DataView(new ArrayBuffer(8));
    head.setUint16(0, 0xfffe, true);
    head.setUint16(2, 0xe000, true);
    head.setUint32(4, 8 + value.length, true);
    return concat([new Uint8Array(head.buffer), new Uint8Array(element.buffer), value]);
  });
  return dicomFile({
    [0x00041130]: { vr: 'CS', value: 'DISC' },
    [0x00041220]: { vr: 'SQ', value: concat(items) },
  });
}

describe('a DICOMDIR', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await folderOf({});
    await mkdir(join(folder, 'images'));
    for (const [n, slice] of mrSeries([0, 2, 4]).entries()) {
      await writeFile(join(folder, 'images', `im${n}`), dicomFile(slice));
    }
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('stands for its folder, and names what is missing', async () => {
    const path = join(folder, 'DICOMDIR');
    await writeFile(
      path,
      dicomdir([
        ['IMAGES', 'IM0'],
        ['IMAGES', 'IM1'],
        ['IMAGES', 'IM7'],
      ]),
    );
    const { studies, refused } = await scanPaths([path], QUIET_JOB);
    expect(studies[0]!.series[0]!.summary.size).toEqual([4, 3, 3]);
    expect(refused).toEqual([
      {
        path: join(folder, 'IMAGES', 'IM7'),
        code: 'not-found',
        message: 'The DICOMDIR names this file, and it is not there',
      },
    ]);
  });

  it('is not followed out of its folder', async () => {
    const path = join(folder, 'images', 'DICOMDIR');
    await writeFile(join(folder, 'secret'), dicomFile(mrSeries([9])[0]!));
    await writeFile(path, dicomdir([['..', 'secret'], ['/etc/passwd'], ['IM0']]));
    const { studies, refused } = await scanPaths([path], QUIET_JOB);
    expect(studies[0]!.series[0]!.summary.size).toEqual([4, 3, 3]);
    expect(refused.map(({ code, message }) => [code, /outside its folder/.test(message)])).toEqual([
      ['bad-header', true],
      ['bad-header', true],
    ]);
  });

  it('that is broken still stands for its folder, and is listed', async () => {
    const path = join(folder, 'DICOMDIR');
    await writeFile(path, dicomdir([['IMAGES', 'IM0']]).subarray(0, 200));
    const { studies, refused } = await scanPaths([path], QUIET_JOB);
    expect(studies[0]!.series).toHaveLength(1);
    expect(refused.map(({ path: where }) => where)).toContain(path);
  });

  it.skipIf(dataRoot() === undefined)('of any name and encoding is read [needs shared data]', async () => {
    const tests = join(dataRoot() ?? '', 'dicom/dicomdir/dicomdirtests');
    for (const name of ['DICOMDIR', 'DICOMDIR-bigEnd', 'DICOMDIR-implicit', 'DICOMDIR-nooffset']) {
      const { refused } = await scanPaths([join(tests, name)], QUIET_JOB);
      // Of what they name, everything is there.
      expect(
        refused.filter(({ code }) => code === 'not-found'),
        name,
      ).toEqual([]);
    }
  });
});
