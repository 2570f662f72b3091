import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseFileMeta } from '../../../src/core/dicom/fileMeta.ts';
import { createRandom } from '../../../src/core/random.ts';
import { concat, dicomFile, type Element, mrSlice } from '../../helpers/dicomBuilder.ts';

/** Small objects of two series, with what must not get lost on the way: private tags, odd values, sequences. */

export const STUDY_UID = '1.2.826.0.1.3680043.8.498.1';
export const seriesUid = (n: number): string => `${STUDY_UID}.${n + 1}`;
export const instanceUid = (n: number): string => `${seriesUid(n % 2)}.${n + 1}`;

const lo = (value: string): Element => ({ vr: 'LO', value });
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** The bytes of object `n`; the same every time. */
export function testInstance(n: number, syntax?: string): Uint8Array {
  const random = createRandom(1000 + n);
  const noise = Uint8Array.from({ length: 512 }, () => random.integer(256));
  const elements = mrSlice({
    studyUid: STUDY_UID,
    seriesUid: seriesUid(n % 2),
    seriesNumber: (n % 2) + 1,
    sopInstanceUid: instanceUid(n),
    instanceNumber: n + 1,
    columns: 32,
    rows: 32,
    positionLps: [0, 0, n],
    extra: Object.fromEntries<Element>([
      [0x00080005, { vr: 'CS', value: 'ISO_IR 100' }],
      [0x00081030, lo('Kopf')],
      [0x00090010, lo('SOMEONE PRIVATE')],
      [0x00091001, { vr: 'OB', value: noise }],
      [0x00091002, { vr: 'UN', value: concat([noise, noise]) }],
      [0x00100010, { vr: 'PN', value: latin1('M\u00fcller^J\u00f6rg ') }],
      [0x00290010, lo('SIEMENS CSA HEADER')],
      [0x00291010, { vr: 'OB', value: noise }],
    ]),
  });
  return dicomFile(elements, syntax === undefined ? {} : { syntax });
}

/** Writes objects `0 … count − 1` into a folder; returns their UIDs, sorted. */
export async function writeInstances(folder: string, count: number, syntax?: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  for (let n = 0; n < count; n++) await writeFile(join(folder, `${n}.dcm`), testInstance(n, syntax));
  return Array.from({ length: count }, (_, n) => instanceUid(n)).sort();
}

/** What stands in a file after its meta information. */
export function dataSetOf(file: Uint8Array): Uint8Array {
  const meta = parseFileMeta(file, true);
  if (meta === undefined) throw new Error('no meta information');
  return file.subarray(meta.dataSetOffset);
}

/** The names of the objects received in a folder, sorted; what is no such file fails the test by its name. */
export async function receivedUids(folder: string): Promise<string[]> {
  return (await readdir(folder)).map((name) => name.replace(/\.dcm$/, '')).sort();
}

/** The numbers of objects whose received data set is not the one that was sent, byte for byte. */
export async function changedInstances(folder: string, count: number, syntax?: string): Promise<number[]> {
  const changed: number[] = [];
  for (let n = 0; n < count; n++) {
    const received = await readFile(join(folder, `${instanceUid(n)}.dcm`));
    if (Buffer.compare(dataSetOf(received), dataSetOf(testInstance(n, syntax))) !== 0) changed.push(n);
  }
  return changed;
}
