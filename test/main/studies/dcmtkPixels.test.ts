import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  dcmtk,
  type Frame,
  type ImageOptions,
  imageElements,
  inFolder,
  nativePixels,
  readFrameOf,
  testImage,
} from '../../helpers/compressed.ts';
import { dicomFile } from '../../helpers/dicomBuilder.ts';
import { findTool } from '../../helpers/tools.ts';

/** Odd sizes: no multiple of a block, with an odd number of bytes. */
const SIZE = { rows: 45, columns: 61 };
const TIMEOUT = 60_000;

function image(
  bitsStored: number,
  signed = false,
  allocated?: 8 | 16,
): { file: Uint8Array; stored: number[] } {
  const bitsAllocated = allocated ?? (bitsStored <= 8 ? 8 : 16);
  const stored = testImage(SIZE.rows, SIZE.columns, bitsStored, signed);
  const options: ImageOptions = { ...SIZE, bitsAllocated, bitsStored, signed };
  return { stored, file: dicomFile(imageElements(options, nativePixels(stored, bitsAllocated))) };
}

const HIGH = 15;

/** Twelve bits at the top of sixteen. */
function highImage(signed: boolean): { file: Uint8Array; stored: number[] } {
  const stored = testImage(SIZE.rows, SIZE.columns, 12, signed);
  const options: ImageOptions = { ...SIZE, bitsAllocated: 16, bitsStored: 12, highBit: HIGH, signed };
  const words = stored.map((value) => value << 4);
  return { stored, file: dicomFile(imageElements(options, nativePixels(words))) };
}

async function read(bytes: Uint8Array): Promise<Frame> {
  return inFolder(async (folder) => {
    const path = join(folder, 'image.dcm');
    await writeFile(path, bytes);
    return readFrameOf(path);
  });
}

const uid = (last: string) => `1.2.840.10008.1.2.${last}`;

describe.skipIf(findTool('dcmcjpeg') === undefined)('JPEG by dcmtk', () => {
  it.each([
    ['SV1', ['+e1'], 16, uid('4.70')],
    ['SV1 of 8 bits', ['+e1'], 8, uid('4.70')],
    ['SV1 of 12 bits', ['+e1'], 12, uid('4.70')],
    ['SV1 of 10 bits', ['+e1'], 10, uid('4.70')],
    ...[1, 2, 3, 4, 5, 6, 7].map(
      (n) =>
        [`predictor ${n}`, ['+el', '+sv', `${n}`], 12, uid('4.57')] as [string, string[], number, string],
    ),
    ['predictor 7 of 16 bits', ['+el', '+sv', '7'], 16, uid('4.57')],
  ])('lossless, %s: every value comes back', { timeout: TIMEOUT }, async (_, args, bits, syntax) => {
    const { file, stored } = image(bits);
    const { format, values } = await read(await dcmtk('dcmcjpeg', args, file));
    expect(format).toMatchObject({ transferSyntaxUid: syntax, encapsulated: true, bitsStored: bits });
    expect(values).toEqual(stored);
  });

  it.each([8, 12, 16])('lossless, signed, %i bits', { timeout: TIMEOUT }, async (bits) => {
    const { file, stored } = image(bits, true);
    expect((await read(await dcmtk('dcmcjpeg', ['+e1'], file))).values).toEqual(stored);
  });

  it.each([
    ['baseline', ['+eb'], 8, uid('4.50')],
    ['baseline with standard tables', ['+eb', '-ho'], 8, uid('4.50')],
    ['baseline of poor quality', ['+eb', '+q', '20'], 8, uid('4.50')],
    ['extended, 8 bits', ['+ee'], 8, uid('4.51')],
    ['extended, 12 bits', ['+ee'], 12, uid('4.51')],
    ['extended, 12 bits of best quality', ['+ee', '+q', '100'], 12, uid('4.51')],
    ['spectral selection, 8 bits', ['+es'], 8, uid('4.53')],
    ['spectral selection, 12 bits', ['+es'], 12, uid('4.53')],
    ['full progression, 8 bits', ['+ep'], 8, uid('4.55')],
    ['full progression, 12 bits', ['+ep', '+q', '95'], 12, uid('4.55')],
  ])('%s: the values that dcmtk decodes, to the bit', { timeout: TIMEOUT }, async (_, args, bits, syntax) => {
    const { file, stored } = image(bits);
    const encoded = await dcmtk('dcmcjpeg', args, file);
    const ours = await read(encoded);
    const judge = await read(await dcmtk('dcmdjpeg', [], encoded));
    expect(ours.format.transferSyntaxUid).toBe(syntax);
    expect(judge.format.encapsulated).toBe(false);
    expect(ours.values).toEqual(judge.values);
    expect(ours.values).not.toEqual(stored);
    const mean = ours.values.reduce((sum, value, n) => sum + Math.abs(value - stored[n]!), 0) / stored.length;
    expect(mean).toBeLessThan(2 ** bits / 40);
  });

  it('is read from fragments of one kilobyte', { timeout: TIMEOUT }, async () => {
    const { file, stored } = image(16);
    for (const table of ['+ot', '-ot']) {
      const encoded = await dcmtk('dcmcjpeg', ['+e1', '+fs', '1', table], file);
      expect((await read(encoded)).values).toEqual(stored);
    }
  });
});

describe.skipIf(findTool('dcmcjpls') === undefined)('JPEG-LS by dcmtk', () => {
  it.each([
    ['8 bits', [], 8, false],
    ['10 bits in 16', [], 10, false],
    ['12 bits', [], 12, false],
    ['16 bits', [], 16, false],
    ['12 bits signed', [], 12, true],
    ['16 bits signed', [], 16, true],
    [
      'thresholds and reset of its own',
      ['+pc', '+t1', '9', '+t2', '30', '+t3', '90', '+rs', '31'],
      12,
      false,
    ],
  ])('lossless, %s: every value comes back', { timeout: TIMEOUT }, async (_, args, bits, signed) => {
    const { file, stored } = image(bits, signed);
    const { format, values } = await read(await dcmtk('dcmcjpls', ['+el', ...args], file));
    expect(format.transferSyntaxUid).toBe(uid('4.80'));
    expect(values).toEqual(stored);
  });

  it.each([
    [1, 12],
    [2, 8],
    [5, 16],
    [40, 12],
  ])('near-lossless by %i of %i bits: no value is further off', { timeout: TIMEOUT }, async (near, bits) => {
    const { file, stored } = image(bits);
    const encoded = await dcmtk('dcmcjpls', ['+en', '+md', `${near}`], file);
    const ours = await read(encoded);
    const judge = await read(await dcmtk('dcmdjpls', [], encoded));
    expect(ours.format.transferSyntaxUid).toBe(uid('4.81'));
    expect(ours.values).toEqual(judge.values);
    const worst = Math.max(...ours.values.map((value, n) => Math.abs(value - stored[n]!)));
    expect(worst).toBe(near);
  });
});

describe.skipIf(findTool('dcmcrle') === undefined)('RLE by dcmtk', () => {
  it.each([
    [8, false],
    [12, false],
    [12, true],
    [16, true],
  ])('%i bits, signed %s: every value comes back', { timeout: TIMEOUT }, async (bits, signed) => {
    const { file, stored } = image(bits, signed);
    const { format, values } = await read(await dcmtk('dcmcrle', [], file));
    expect(format.transferSyntaxUid).toBe(uid('5'));
    expect(values).toEqual(stored);
  });
});

describe.skipIf(findTool('dcmcjpeg') === undefined)('stored bits at the top of the word', () => {
  it.each([
    ['dcmcrle', '+ff', false],
    ['dcmcrle', '+ff', true],
    ['dcmcjpeg', '+e1', false],
    ['dcmcjpeg', '+e1', true],
    ['dcmcjpls', '+el', false],
    ['dcmcjpls', '+el', true],
  ] as const)(
    '%s %s, signed %s: every value comes back',
    { timeout: TIMEOUT },
    async (tool, option, signed) => {
      const { file, stored } = highImage(signed);
      expect((await read(file)).values).toEqual(stored);
      expect((await read(await dcmtk(tool, [option], file))).values).toEqual(stored);
    },
  );
});
