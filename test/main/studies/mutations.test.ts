import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDataSet } from '../../../src/core/dicom/dataSet.ts';
import { readInstances } from '../../../src/core/dicom/instance.ts';
import { storedFromBytes } from '../../../src/core/dicom/pixelValues.ts';
import {
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from '../../../src/core/dicom/transferSyntax.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { dicomFile, mrSeries, mrSlice } from '../../helpers/dicomBuilder.ts';
import { folderOf } from './helpers.ts';

/** A small generator of its own, so that a failure can be repeated by its number. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const INTERESTING = [0, 1, 2, 4, 0x7f, 0x80, 0xfe, 0xff];

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const out = bytes.slice();
  const below = (n: number): number => Math.floor(random() * n);
  for (let n = 1 + below(4); n > 0; n--) {
    const at = below(out.length);
    const kind = below(4);
    if (kind === 0) out[at] = INTERESTING[below(INTERESTING.length)]!;
    else if (kind === 1) out[at] = below(256);
    else if (kind === 2) out.fill(INTERESTING[below(INTERESTING.length)]!, at, at + 1 + below(8));
    else out.copyWithin(at, below(out.length), below(out.length));
  }
  return random() < 0.2 ? out.subarray(0, below(out.length)) : out;
}

describe('mutated files', () => {
  it.each([
    ['explicit', EXPLICIT_LITTLE_ENDIAN],
    ['implicit', IMPLICIT_LITTLE_ENDIAN],
    ['big endian', EXPLICIT_BIG_ENDIAN],
  ])('of %s data sets are read or refused, never anything else', (_, syntax) => {
    const sequence = {
      vr: 'SQ',
      value: new Uint8Array([
        0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0,
      ]),
      length: 0xffffffff,
    };
    const file = dicomFile(mrSlice({ extra: { 528704: sequence } }), { syntax });
    for (let seed = 0; seed < 2000; seed++) {
      const bytes = mutate(file, generator(seed));
      try {
        const result = parseDataSet(bytes, { fileBytes: bytes.length });
        if ('more' in result) throw new Error('more wanted of a whole file');
        const [instance] = readInstances(result.dataSet, '/data/mutant.dcm', bytes.length);
        const { format } = instance!;
        const frame = bytes.subarray(format.offset);
        if (storedFromBytes(frame, format).length !== format.rows * format.columns) throw new Error('size');
      } catch (error) {
        if (!(error instanceof TandemError)) throw new Error(`mutant ${seed}`, { cause: error });
      }
    }
  });
});

describe('large folders', () => {
  it('are indexed without holding pixels', async () => {
    const matrix = 256;
    const pixels = Array.from({ length: matrix * matrix }, (_, n) => n % 4096);
    const slices = mrSeries(
      Array.from({ length: 4 }, (_, n) => n),
      { rows: matrix, columns: matrix, pixels },
    );
    const folder = await folderOf({});
    const files = slices.map((slice) => dicomFile(slice));
    // 300 files of 130 kB are 39 MB: what is kept of them must be a small part of that.
    for (let n = 0; n < 300; n++) await writeFile(join(folder, `IM${n}`), files[n % 4]!);
    globalThis.gc?.();
    const before = process.memoryUsage();
    const { studies } = await scanPaths([folder], QUIET_JOB);
    globalThis.gc?.();
    const after = process.memoryUsage();
    expect(studies[0]!.series[0]!.summary.size).toEqual([256, 256, 4]);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(20e6);
    await rm(folder, { recursive: true });
  });
});
