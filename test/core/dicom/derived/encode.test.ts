import dicomParser from 'dicom-parser';
import { describe, expect, it } from 'vitest';
import {
  type DataSet,
  decimals,
  formatDecimal,
  integers,
  mergeDataSets,
  sequence,
  shorts,
  text,
} from '../../../../src/core/dicom/derived/dataSet.ts';
import { encodeDataSet, encodeDicomFile } from '../../../../src/core/dicom/derived/encode.ts';
import { uidFromDigest } from '../../../../src/core/dicom/derived/uids.ts';

const uids = [text(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.4'), text(0x00080018, 'UI', '2.25.123')];

describe('encodeDicomFile', () => {
  it('writes what dicom-parser reads back: text, numbers, nested sequences, odd lengths padded', () => {
    const bytes = encodeDicomFile(
      mergeDataSets(uids, [
        text(0x00100010, 'PN', 'A^B'),
        decimals(0x00200032, -1.5, 0.1, 1e-7),
        integers(0x00200013, 7),
        shorts(0x00280106, [-3, 4], true),
        sequence(0x00081115, [text(0x0020000e, 'UI', '1.2.3'), sequence(0x0008114a, [], [uids[1]!])], []),
        { tag: 0x7fe00010, vr: 'OW', value: Uint8Array.of(1, 2, 3, 4) },
      ]),
    );
    const set = dicomParser.parseDicom(bytes);
    expect(set.warnings).toEqual([]);
    expect([...bytes.subarray(0, 128)].every((byte) => byte === 0)).toBe(true);
    expect(set.string('x00020010')).toBe('1.2.840.10008.1.2.1');
    expect(set.uint32('x00020000')).toBe(set.elements.x00080016!.dataOffset - 8 - 144);
    expect([set.string('x00020002'), set.string('x00020003')]).toEqual([
      '1.2.840.10008.5.1.4.1.1.4',
      '2.25.123',
    ]);
    expect(set.string('x00100010')).toBe('A^B');
    expect(set.elements.x00100010!.length).toBe(4);
    expect([0, 1, 2].map((n) => set.floatString('x00200032', n))).toEqual([-1.5, 0.1, 1e-7]);
    expect([set.int16('x00280106', 0), set.int16('x00280106', 1)]).toEqual([-3, 4]);
    const items = set.elements.x00081115!.items!;
    expect(items.length).toBe(2);
    expect(items[0]!.dataSet!.string('x0020000e')).toBe('1.2.3');
    expect(items[0]!.dataSet!.elements.x0008114a!.items![1]!.dataSet!.string('x00080018')).toBe('2.25.123');
    expect(set.elements.x7fe00010!.length).toBe(4);
  });

  it('writes a value too long for its VR as UN instead of cutting or refusing it', () => {
    const long: DataSet = [{ tag: 0x00204000, vr: 'LT', value: new Uint8Array(70_000).fill(65) }];
    const set = dicomParser.parseDicom(encodeDicomFile(mergeDataSets(uids, long)));
    expect(set.elements.x00204000).toMatchObject({ vr: 'UN', length: 70_000 });
  });

  it('keeps a description that is longer than its VR allows', () => {
    const set = dicomParser.parseDicom(
      encodeDicomFile(mergeDataSets(uids, [text(0x0008103e, 'LO', 'x'.repeat(100))])),
    );
    expect(set.string('x0008103e')!.length).toBe(100);
  });

  it('has no file without SOP UIDs', () => {
    expect(() => encodeDicomFile([uids[0]!])).toThrow(RangeError);
  });
});

describe('data sets', () => {
  it('merge in tag order, the later element counting', () => {
    const merged = mergeDataSets(
      [text(0x00100020, 'LO', 'a'), text(0x00080060, 'CS', 'MR')],
      [text(0x00100020, 'LO', 'b')],
    );
    expect(merged.map(({ tag }) => tag)).toEqual([0x00080060, 0x00100020]);
    expect(merged[1]!.value).toEqual(Uint8Array.of(0x62));
    expect(encodeDataSet(merged).length).toBe(20);
  });

  it('write only ASCII of their own', () => {
    expect(text(0x00100020, 'LO', 'Köln').value).toEqual(Uint8Array.from([0x4b, 0x3f, 0x6c, 0x6e]));
  });

  it.each([
    [1 / 3, '0.33333333333333'],
    [-1 / 3, '-0.3333333333333'],
    [0, '0'],
    [-0, '0'],
    [12.5, '12.5'],
    [-123456.78901234567, '-123456.78901235'],
    [1.23456789012e-9, '1.23456789012e-9'],
    [-1.2345678901234e-9, '-1.234567890e-9'],
  ])('write %d in 16 characters', (value, expected) => {
    const written = formatDecimal(value);
    expect(written.length).toBeLessThanOrEqual(16);
    expect(Math.abs(Number(written) - value)).toBeLessThanOrEqual(
      Math.abs(Number(expected) - value) + 1e-300,
    );
  });

  it('write no number that is none', () => {
    expect(() => formatDecimal(Number.NaN)).toThrow(RangeError);
  });
});

describe('uidFromDigest', () => {
  it('is a UUID under 2.25: version 8, 64 characters at most, the same for the same hash', () => {
    for (const fill of [0, 1, 127, 255]) {
      const uid = uidFromDigest(new Uint8Array(32).fill(fill));
      expect(uid).toMatch(/^2\.25\.[1-9]\d{0,38}$/);
      const hex = BigInt(uid.slice(5)).toString(16).padStart(32, '0');
      expect(hex[12]).toBe('8');
      expect('89ab').toContain(hex[16]);
      expect(uidFromDigest(new Uint8Array(16).fill(fill))).toBe(uid);
    }
  });
});
