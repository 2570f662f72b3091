import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { createRandom, type Random } from '../../../src/core/random.ts';
import {
  dcmtk,
  fragmented,
  imageElements,
  inFolder,
  nativePixels,
  readFrameOf,
  testImage,
} from '../../helpers/compressed.ts';
import { dicomFile } from '../../helpers/dicomBuilder.ts';
import { encodeJpeg2000 } from '../../helpers/jpeg2000Encoder.ts';
import { encodeFlatBlocks, encodeLossless } from '../../helpers/jpegEncoder.ts';
import { findTool } from '../../helpers/tools.ts';

const SEEDS = 300;
const TIMEOUT = 240_000;
const SIZE = { rows: 32, columns: 24 };
const CODES = [
  'truncated',
  'bad-header',
  'unsupported-format',
  'unsupported-transfer-syntax',
  'too-large',
  'not-an-image',
];
const INTERESTING = [0, 1, 2, 4, 0x7f, 0x80, 0xd9, 0xfe, 0xff];

/** A few bytes changed, most of them near the beginning of the pixels, where the codec's headers are. */
function mutate(bytes: Uint8Array, from: number, random: Random): Uint8Array {
  const out = bytes.slice();
  for (let n = 1 + random.integer(4); n > 0; n--) {
    const reach = random.uniform() < 0.6 ? Math.min(250, out.length - from) : out.length - from;
    const at = from + random.integer(reach);
    const kind = random.integer(4);
    if (kind === 0) out[at] = INTERESTING[random.integer(INTERESTING.length)]!;
    else if (kind === 1) out[at] = random.integer(256);
    else if (kind === 2)
      out.fill(INTERESTING[random.integer(INTERESTING.length)]!, at, at + 1 + random.integer(8));
    else {
      const source = from + random.integer(out.length - from);
      out.copyWithin(at, source, source + random.integer(64));
    }
  }
  return random.uniform() < 0.2 ? out.subarray(0, from + random.integer(out.length - from)) : out;
}

/** Mutates a file's pixels; every outcome is a whole image or an error with a code that says why. */
async function survives(file: Uint8Array): Promise<{ read: number; refused: number }> {
  const random = createRandom(6);
  const from = pixelsAt(file);
  const counts = { read: 0, refused: 0 };
  await inFolder(async (folder) => {
    const path = join(folder, 'mutant.dcm');
    for (let seed = 0; seed < SEEDS; seed++) {
      await writeFile(path, mutate(file, from, random));
      const before = performance.now();
      try {
        const { format, values } = await readFrameOf(path);
        expect(values.length).toBe(format.rows * format.columns);
        counts.read++;
      } catch (error) {
        if (!(error instanceof TandemError)) throw new Error(`mutant ${seed}`, { cause: error });
        expect(CODES).toContain(error.code);
        counts.refused++;
      }
      expect(performance.now() - before).toBeLessThan(5000);
    }
  });
  return counts;
}

/** Where the pixel data element begins. */
function pixelsAt(file: Uint8Array): number {
  return Buffer.from(file).indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
}

function compressed(codestream: Uint8Array, uid: string, size = SIZE): Uint8Array {
  const cut = [codestream.subarray(0, codestream.length >> 1), codestream.subarray(codestream.length >> 1)];
  return dicomFile(imageElements({ ...size, bitsStored: 12 }, fragmented(cut)), {
    syntax: `1.2.840.10008.1.2.${uid}`,
  });
}

const samples = testImage(SIZE.rows, SIZE.columns, 12);
const native = dicomFile(imageElements({ ...SIZE, bitsStored: 12 }, nativePixels(samples)));

describe('mutated pixels are read or refused, never anything else', () => {
  it('JPEG lossless', { timeout: TIMEOUT }, async () => {
    const file = compressed(encodeLossless(samples, { columns: 24, precision: 12, restartLines: 8 }), '4.57');
    expect((await survives(file)).refused).toBeGreaterThan(SEEDS / 4);
  });

  it('JPEG baseline', { timeout: TIMEOUT }, async () => {
    const greys = Array.from({ length: 12 }, (_, n) => n * 20);
    expect((await survives(compressed(encodeFlatBlocks(greys, 3, 4), '4.50'))).refused).toBeGreaterThan(
      SEEDS / 4,
    );
  });

  it.skipIf(findTool('dcmcjpeg') === undefined)('JPEG full progression', { timeout: TIMEOUT }, async () => {
    expect((await survives(await dcmtk('dcmcjpeg', ['+ep'], native))).refused).toBeGreaterThan(SEEDS / 4);
  });

  it.skipIf(findTool('dcmcjpls') === undefined)('JPEG-LS', { timeout: TIMEOUT }, async () => {
    expect((await survives(await dcmtk('dcmcjpls', [], native))).refused).toBeGreaterThan(SEEDS / 4);
  });

  it.skipIf(findTool('dcmcrle') === undefined)('RLE', { timeout: TIMEOUT }, async () => {
    expect((await survives(await dcmtk('dcmcrle', [], native))).refused).toBeGreaterThan(SEEDS / 4);
  });

  it.each([
    ['j2k', '4.90'],
    ['ht', '4.201'],
  ] as const)('JPEG 2000, %s', { timeout: TIMEOUT }, async (codec, uid) => {
    const size = { rows: 64, columns: 72 };
    const codestream = await encodeJpeg2000(codec, testImage(64, 72, 12), { bits: 12 }, size);
    expect((await survives(compressed(codestream, uid, size))).refused).toBeGreaterThan(SEEDS / 4);
  });
});

describe('pixels that the header claims and a few bytes cannot hold', () => {
  const huge = { rows: 16_384, columns: 16_384 };
  let before = 0;
  beforeAll(() => {
    before = process.memoryUsage().rss;
  });

  it.each([
    '5',
    '4.50',
    '4.57',
    '4.70',
    '4.80',
    '4.90',
    '4.201',
    '1.98',
  ])('are refused in .%s', async (uid) => {
    const file = compressed(new Uint8Array(5000), uid, huge);
    await inFolder(async (folder) => {
      const path = join(folder, 'huge.dcm');
      await writeFile(path, file);
      await expect(readFrameOf(path)).rejects.toMatchObject({ code: 'too-large' });
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });
});
