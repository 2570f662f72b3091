import { describe, expect, it } from 'vitest';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { describeSyntax, isLossy, pixelCoding } from '../../../src/core/dicom/transferSyntax.ts';
import { fragmented, imageElements, nativePixels } from '../../helpers/compressed.ts';
import { cs, dicomFile, type Element } from '../../helpers/dicomBuilder.ts';
import { codeOf, instanceOf } from './helpers.ts';

const uid = (last: string) => `1.2.840.10008.1.2.${last}`;

describe('lossy compression', () => {
  it('is known by the syntax where it can only be that, whatever the image says', () => {
    for (const last of ['4.50', '4.51', '4.53', '4.55']) {
      for (const declared of [undefined, '00', '01']) expect(isLossy(uid(last), declared)).toBe(true);
    }
  });

  it('is taken for granted where the syntax leaves it open, unless the image denies it', () => {
    for (const last of ['4.81', '4.91', '4.203']) {
      expect([undefined, '00', '01'].map((declared) => isLossy(uid(last), declared))).toEqual([
        true,
        false,
        true,
      ]);
    }
  });

  it('is what the image says in lossless syntaxes: it may have been lossy before', () => {
    for (const last of ['1', '5', '4.57', '4.70', '4.80', '4.90', '4.201', '4.202']) {
      expect([undefined, '00', '01'].map((declared) => isLossy(uid(last), declared))).toEqual([
        false,
        false,
        true,
      ]);
    }
  });

  it('is noted of an image whose header does not mention it', () => {
    const lossyOf = (last: string, extra?: Record<number, Element>) => {
      const elements = imageElements(
        { rows: 2, columns: 2, ...(extra && { extra }) },
        fragmented([new Uint8Array(4)]),
      );
      return instanceOf(dicomFile(elements, { syntax: uid(last) })).lossy;
    };
    expect(lossyOf('4.51')).toBe(true);
    expect(lossyOf('4.91')).toBe(true);
    expect(lossyOf('4.91', { [TAG.LossyImageCompression]: cs('00') })).toBe(false);
    expect(lossyOf('4.70')).toBe(false);
  });
});

describe('transfer syntaxes', () => {
  const refusal = (syntax: string, pixels: Element) => () =>
    instanceOf(dicomFile(imageElements({ rows: 2, columns: 2 }, pixels), { syntax }));
  const native = nativePixels([1, 2, 3, 4]);
  const fragments = fragmented([new Uint8Array(8)]);

  it.each([
    ['4.94', /JPIP/],
    ['4.100', /MPEG2/],
    ['4.102', /H\.264/],
    ['4.107', /HEVC/],
    ['4.110', /JPEG XL/],
    ['8.1', /Deflated Image Frame/],
    ['4.999', /1\.2\.840\.10008\.1\.2\.4\.999/],
  ])('.%s is refused by name', (last, name) => {
    expect(codeOf(refusal(uid(last), fragments))).toBe('unsupported-transfer-syntax');
    expect(refusal(uid(last), fragments)).toThrow(name);
    expect(pixelCoding(uid(last))).toBeUndefined();
  });

  it('are refused where the pixels are not as they say', () => {
    expect(codeOf(refusal(uid('1'), fragments))).toBe('bad-header');
    expect(codeOf(refusal(uid('4.90'), native))).toBe('bad-header');
    expect(codeOf(refusal(uid('1.98'), native))).toBe('bad-header');
  });

  it('have names with their UIDs', () => {
    expect(describeSyntax(uid('4.57'))).toBe('JPEG Lossless (process 14) (1.2.840.10008.1.2.4.57)');
    expect(describeSyntax('1.2.3')).toBe('1.2.3');
  });
});
