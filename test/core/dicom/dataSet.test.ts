import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseDataSet } from '../../../src/core/dicom/dataSet.ts';
import { TAG } from '../../../src/core/dicom/tags.ts';
import {
  DEFLATED_LITTLE_ENDIAN,
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from '../../../src/core/dicom/transferSyntax.ts';
import { concat, cs, dicomFile, ds, is, lo, mrSlice, us } from '../../helpers/dicomBuilder.ts';
import { sq } from '../../helpers/sequenceBuilder.ts';
import { codeOf, instanceOf, pixelsOf, read } from './helpers.ts';

const whole = (bytes: Uint8Array) => {
  const result = parseDataSet(bytes, { fileBytes: bytes.length, inflateRaw: (data) => inflateRawSync(data) });
  if ('more' in result) throw new Error('more bytes wanted of a whole file');
  return result.dataSet;
};

describe('parseDataSet', () => {
  it.each([
    ['explicit little endian', EXPLICIT_LITTLE_ENDIAN],
    ['implicit little endian', IMPLICIT_LITTLE_ENDIAN],
    ['explicit big endian', EXPLICIT_BIG_ENDIAN],
    ['deflated', DEFLATED_LITTLE_ENDIAN],
  ])('reads the same values from %s', (_, syntax) => {
    const dataSet = whole(dicomFile(mrSlice({ te: 12.5, rows: 5 }), { syntax }));
    expect(dataSet.transferSyntaxUid).toBe(syntax);
    expect(dataSet.uint16(TAG.Rows, 'Rows')).toBe(5);
    expect(dataSet.decimal(TAG.EchoTime)).toBe(12.5);
    expect(dataSet.string(TAG.SeriesInstanceUID)).toBe('1.2.3.2');
    expect(dataSet.pixelData?.length).toBe(5 * 4 * 2);
  });

  it('reads a data set without preamble and file meta information', () => {
    for (const syntax of [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN, EXPLICIT_BIG_ENDIAN]) {
      const dataSet = whole(dicomFile(mrSlice({ rows: 7 }), { syntax, preamble: 'none' }));
      expect(dataSet.transferSyntaxUid).toBe(syntax);
      expect(dataSet.uint16(TAG.Rows, 'Rows')).toBe(7);
    }
  });

  it('believes the first element over a transfer syntax that says otherwise', () => {
    const body = dicomFile(mrSlice({ rows: 7 }), { syntax: IMPLICIT_LITTLE_ENDIAN, preamble: 'none' });
    const head = dicomFile({}, { syntax: EXPLICIT_LITTLE_ENDIAN });
    expect(whole(concat([head, body])).uint16(TAG.Rows, 'Rows')).toBe(7);
  });

  it('asks for more while the beginning given does not reach the pixels', () => {
    const bytes = dicomFile(mrSlice());
    const part = bytes.subarray(0, 400);
    expect(parseDataSet(part, { fileBytes: bytes.length })).toEqual({ more: true });
  });

  it('refuses a file that ends within its header, wherever it is cut, and never reads past the end', () => {
    const bytes = dicomFile(mrSlice());
    const pixels = whole(bytes).pixelData!.offset;
    for (let end = 140; end < pixels; end += 7) {
      const code = codeOf(() => instanceOf(bytes.subarray(0, end)));
      expect(['truncated', 'bad-header', 'not-an-image']).toContain(code);
    }
  });

  it('steps over sequences of defined and undefined length, however they are nested', () => {
    const item = (content: Uint8Array, length = content.length) =>
      concat([new Uint8Array([0xfe, 0xff, 0x00, 0xe0]), uint32(length), content]);
    const end = new Uint8Array([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
    const itemEnd = new Uint8Array([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0]);
    const inner = dicomFile(
      { [TAG.Rows]: us(99), [TAG.PixelData]: { vr: 'OW', value: [1, 2] } },
      { preamble: 'none' },
    );
    const undefinedItem = concat([item(inner, 0xffffffff), itemEnd]);
    const sequence = (vr: string) => ({
      vr,
      value: concat([undefinedItem, item(inner), end]),
      length: 0xffffffff,
    });
    const dataSet = whole(
      dicomFile(
        mrSlice({ rows: 6, extra: { 528704: sequence('SQ'), 532754: { vr: 'SQ', value: item(inner) } } }),
      ),
    );
    expect(dataSet.uint16(TAG.Rows, 'Rows')).toBe(6);
  });

  it('refuses sequences nested without end', () => {
    const opening = concat([
      new Uint8Array([0x08, 0x00, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff]),
      new Uint8Array([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]),
    ]);
    const bytes = concat([dicomFile({}), ...Array.from({ length: 60_000 }, () => opening)]);
    expect(() => whole(bytes)).toThrow(/nested too deeply/);
  });

  it('follows a million empty items without keeping them', () => {
    const items = new Uint8Array(8 * 1_000_000 + 8);
    for (let at = 0; at < items.length; at += 8) items.set([0xfe, 0xff, 0x00, 0xe0], at);
    items.set([0xfe, 0xff, 0xdd, 0xe0], items.length - 8);
    const wide = { vr: 'SQ', value: items, length: 0xffffffff };
    const bytes = dicomFile(mrSlice({ rows: 6, extra: { 528704: wide } }));
    const before = process.memoryUsage().heapUsed;
    const start = performance.now();
    expect(whole(bytes).uint16(TAG.Rows, 'Rows')).toBe(6);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
  });

  it('refuses more elements than any image has', () => {
    const many = new Uint8Array(8 * 250_000);
    const view = new DataView(many.buffer);
    for (let n = 0; n < 250_000; n++) {
      view.setUint16(8 * n, 0x0011 + 2 * Math.floor(n / 65_536), true);
      view.setUint16(8 * n + 2, n % 65_536, true);
      many.set([0x43, 0x53, 0, 0], 8 * n + 4);
    }
    const head = dicomFile({ [TAG.Modality]: cs('MR') });
    expect(() => whole(concat([head, many]))).toThrow(/more than 200000 elements/);
  });

  it('refuses a length beyond the end, and an element given twice', () => {
    const lie = dicomFile(mrSlice({ extra: { [TAG.PatientID]: { vr: 'UT', value: 'x ', length: 3e9 } } }));
    expect(codeOf(() => whole(lie))).toBe('truncated');
    const rows = dicomFile({ [TAG.Rows]: us(4) }, { preamble: 'none' });
    const head = dicomFile({ [TAG.Modality]: cs('MR') });
    expect(codeOf(() => whole(concat([head, rows, rows])))).toBe('bad-header');
    for (const length of ['defined', 'undefined'] as const) {
      const sequence = dicomFile({ [0x00081140]: sq([{}], length) }, { preamble: 'none' });
      expect(codeOf(() => whole(concat([head, sequence])))).toBeUndefined();
      expect(codeOf(() => whole(concat([head, sequence, sequence])))).toBe('bad-header');
    }
  });

  it('takes a value representation that it does not know for one of the long form, if it looks like one', () => {
    const element = (reserved: number) =>
      Uint8Array.of(0x09, 0, 0x01, 0x10, 0x5a, 0x5a, reserved, 0, 2, 0, 0, 0, 1, 2);
    const file = (reserved: number) =>
      concat([
        dicomFile({ [TAG.Modality]: cs('MR') }),
        element(reserved),
        dicomFile({ [TAG.Rows]: us(4) }, { preamble: 'none' }),
      ]);
    expect(whole(file(0)).uint16(TAG.Rows, 'Rows')).toBe(4);
    expect(codeOf(() => whole(file(2)))).toBe('bad-header');
  });

  it('takes what is no DICOM for no image', () => {
    expect(codeOf(() => whole(new TextEncoder().encode('Dear reader, this is a letter.')))).toBe(
      'not-an-image',
    );
    expect(codeOf(() => whole(new Uint8Array(10)))).toBe('not-an-image');
  });

  it('refuses deflated data where its caller cannot inflate', () => {
    const bytes = dicomFile(mrSlice(), { syntax: DEFLATED_LITTLE_ENDIAN });
    expect(codeOf(() => parseDataSet(bytes, { fileBytes: bytes.length }))).toBe(
      'unsupported-transfer-syntax',
    );
  });
});

describe('DataSet values', () => {
  it('gives no number where the text is none', () => {
    const spacing = (value: string) =>
      whole(dicomFile(mrSlice({ extra: { [TAG.PixelSpacing]: { vr: 'DS', value } } }))).decimals(
        TAG.PixelSpacing,
      );
    expect(spacing('0.5\\0.25')).toEqual([0.5, 0.25]);
    expect(spacing(' +1e-1 \\.5')).toEqual([0.1, 0.5]);
    for (const bad of ['0,5\\0,5', 'Infinity\\1', 'NaN\\1', '0x10\\1', '1e999\\1', '\\1']) {
      expect(spacing(bad)).toBeUndefined();
    }
  });

  it('wants 16-bit numbers to be US', () => {
    const rows = mrSlice({ extra: { [TAG.Rows]: { vr: 'UL', value: [3] } } });
    expect(codeOf(() => read(rows))).toBe('bad-header');
  });

  it('decodes names by their character set, and takes control characters out', () => {
    const name = (characterSet: string, bytes: number[]) =>
      read(
        mrSlice({
          extra: {
            [TAG.SpecificCharacterSet]: cs(characterSet),
            [TAG.PatientName]: { vr: 'PN', value: new Uint8Array(bytes) },
          },
        }),
      ).patientName;
    const utf8 = (text: string) => [...new TextEncoder().encode(text)];
    expect(name('ISO_IR 192', utf8('Müller^Jörg '))).toBe('Müller^Jörg');
    expect(name('ISO_IR 100', [0x4d, 0xfc, 0x6c, 0x6c])).toBe('Müll');
    // PS3.5, annex H.3.1: Yamada^Tarou with ISO 2022 escapes.
    const yamada = 'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B';
    expect(
      name(
        '\\ISO 2022 IR 87',
        [...yamada].map((c) => c.charCodeAt(0)),
      ),
    ).toBe('Yamada^Tarou=山田^太郎');
    // PS3.5, annex I.2.
    const korean =
      'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf';
    expect(
      name(
        '\\ISO 2022 IR 149',
        [...korean].map((c) => c.charCodeAt(0)),
      ),
    ).toBe('Hong^Gildong=洪^吉洞=홍^길동');
    expect(name('ISO_IR 192', utf8('A\u0007\u0000\u202eB'))).toBe('A B');
  });
});

describe('pixels', () => {
  const bits = (allocated: number, stored: number, high: number, signed = 0) => ({
    [TAG.BitsAllocated]: us(allocated),
    [TAG.BitsStored]: us(stored),
    [TAG.HighBit]: us(high),
    [TAG.PixelRepresentation]: us(signed),
  });
  const file = (values: readonly number[], extra: Record<number, ReturnType<typeof us> | undefined>) =>
    dicomFile(mrSlice({ rows: 1, columns: values.length, pixels: values, extra }));

  it('reads unsigned and signed 16-bit values', () => {
    expect(pixelsOf(file([0, 1, 65535, 32768], bits(16, 16, 15)))).toEqual([0, 1, 65535, 32768]);
    expect(pixelsOf(file([0, 1, 65535, 32768], bits(16, 16, 15, 1)))).toEqual([0, 1, -1, -32768]);
  });

  it('keeps only the stored bits, wherever they lie, and extends their sign', () => {
    expect(pixelsOf(file([0xf123, 0x0800], bits(16, 12, 11)))).toEqual([0x123, 0x800]);
    expect(pixelsOf(file([0xf123, 0x0800], bits(16, 12, 11, 1)))).toEqual([0x123, -2048]);
    expect(pixelsOf(file([0x1230, 0x800f], bits(16, 12, 15)))).toEqual([0x123, 0x800]);
  });

  it('reads 8 and 32 bits, and big endian', () => {
    const eight = { ...bits(8, 8, 7), [TAG.PixelData]: { vr: 'OB', value: new Uint8Array([7, 200]) } };
    expect(pixelsOf(dicomFile(mrSlice({ rows: 1, columns: 2, extra: eight })))).toEqual([7, 200]);
    const wide = new Uint8Array(new Uint32Array([70_000, 4_000_000_000]).buffer);
    const thirtyTwo = { ...bits(32, 32, 31), [TAG.PixelData]: { vr: 'OW', value: wide } };
    expect(pixelsOf(dicomFile(mrSlice({ rows: 1, columns: 2, extra: thirtyTwo })))).toEqual([
      70_000, 4_000_000_000,
    ]);
    const big = dicomFile(mrSlice({ rows: 1, columns: 2, pixels: [1, 0x1234] }), {
      syntax: EXPLICIT_BIG_ENDIAN,
    });
    expect(pixelsOf(big)).toEqual([1, 0x1234]);
  });

  it('applies the rescale, and refuses one that is no use', () => {
    const rescale = (slope: string, intercept: string) => ({
      [TAG.RescaleSlope]: { vr: 'DS', value: slope },
      [TAG.RescaleIntercept]: { vr: 'DS', value: intercept },
    });
    const elements = (slope: string) =>
      mrSlice({ rows: 1, columns: 2, pixels: [1, 10], extra: rescale(slope, '-4') });
    expect(pixelsOf(dicomFile(elements('0.5')))).toEqual([-3.5, 1]);
    for (const slope of ['0', 'NaN', '1e999', 'x']) {
      expect(codeOf(() => read(elements(slope)))).toBe('bad-header');
    }
  });

  it('refuses what the header lies about', () => {
    const refused = (extra: Record<number, ReturnType<typeof us> | undefined>, rest = {}) =>
      codeOf(() => read(mrSlice({ extra, ...rest })));
    expect(refused(bits(16, 12, 16))).toBe('bad-header');
    expect(refused(bits(16, 17, 15))).toBe('bad-header');
    expect(refused(bits(12, 12, 11))).toBe('unsupported-format');
    expect(refused({ [TAG.Rows]: us(0) })).toBe('bad-header');
    expect(refused({ [TAG.Rows]: us(16_385) })).toBe('bad-header');
    expect(refused({ [TAG.Rows]: us(65_535), [TAG.Columns]: us(65_535) })).toBe('bad-header');
    expect(refused({ [TAG.Rows]: us(4) })).toBe('bad-header');
    expect(refused({ [TAG.SamplesPerPixel]: us(3) })).toBe('unsupported-format');
    expect(refused({ [TAG.PhotometricInterpretation]: cs('PALETTE COLOR') })).toBe('unsupported-format');
    expect(refused({ [TAG.PhotometricInterpretation]: cs('RGB') })).toBe('unsupported-format');
    expect(refused({ [TAG.PixelData]: undefined })).toBe('truncated');
    expect(refused({ [TAG.SeriesInstanceUID]: undefined })).toBe('bad-header');
    expect(refused({ [TAG.NumberOfFrames]: { vr: 'IS', value: '2' } })).toBe('bad-header');
    expect(refused({ [TAG.NumberOfFrames]: { vr: 'IS', value: '1A' } })).toBe('bad-header');
    expect(refused({ [TAG.ImageType]: cs('ORIGINAL', 'PRIMARY', 'M', 'MOSAIC') })).toBe('unsupported-format');
  });

  it('refuses pixels that the file ends within', () => {
    const bytes = dicomFile(mrSlice());
    expect(codeOf(() => instanceOf(bytes.subarray(0, bytes.length - 2)))).toBe('truncated');
  });

  it('names the transfer syntax that it cannot read', () => {
    const bytes = dicomFile(mrSlice(), { syntax: '1.2.840.10008.1.2.4.100' });
    expect(() => instanceOf(bytes)).toThrow(/MPEG2.*1\.2\.840\.10008\.1\.2\.4\.100/);
  });

  it('says in words why an image has no geometry, and never fills it in', () => {
    const problem = (extra: Record<number, ReturnType<typeof ds> | undefined>) => {
      const instance = read(mrSlice({ extra }));
      expect(instance.geometry).toBeUndefined();
      return instance.geometryProblem;
    };
    expect(problem({ [TAG.ImagePositionPatient]: undefined })).toMatch(/Image Position/);
    expect(problem({ [TAG.ImageOrientationPatient]: ds(1, 0, 0, 1, 0, 0) })).toMatch(/right angle/);
    expect(problem({ [TAG.ImageOrientationPatient]: ds(2, 0, 0, 0, 1, 0) })).toMatch(/unit vectors/);
    for (const value of ['0\\0', '-1\\-1', '1', 'NaN\\1']) {
      expect(problem({ [TAG.PixelSpacing]: { vr: 'DS', value } })).toMatch(/Pixel Spacing/);
    }
    expect(read(mrSlice({ spacingMm: [0.4, 0.9] })).geometry?.spacingMm).toEqual([0.4, 0.9]);
    expect(read(mrSlice({ extra: { [TAG.SeriesDescription]: lo('T2') } })).geometryProblem).toBeUndefined();
  });

  it('is doubted where the axes are off by more than rounding, and not by rounding', () => {
    const doubt = (...values: number[]) =>
      read(mrSlice({ extra: { [TAG.ImageOrientationPatient]: ds(...values) } })).geometryDoubt;
    expect(doubt(1, 0, 0, 0, 0.995, 0)).toMatch(/not exactly two unit vectors/);
    expect(doubt(1, 0, 0, 0.005, 1, 0)).toMatch(/not exactly two unit vectors/);
    expect(doubt(0.866, 0.5, 0, -0.5, 0.866, 0)).toBeUndefined();
    expect(doubt(1, 0, 0, 0, 1, 0)).toBeUndefined();
  });

  it('has one slope, intercept and number of frames: several are none', () => {
    for (const extra of [
      { [TAG.RescaleSlope]: ds(1, 2), [TAG.RescaleIntercept]: ds(0) },
      { [TAG.RescaleSlope]: ds(1), [TAG.RescaleIntercept]: ds(0, 1) },
      { [TAG.NumberOfFrames]: is(1, 1) },
    ]) {
      expect(codeOf(() => read(mrSlice({ extra })))).toBe('bad-header');
    }
  });
});

function uint32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return new Uint8Array(view.buffer);
}
