import { beforeAll, describe, expect, it } from 'vitest';
import {
  CONFIDENTIALITY_TABLE,
  type ConfidentialityRow,
  confidentialityRow,
} from '../../../../src/core/dicom/deidentify/confidentialityTable.ts';
import { deidentifyDataSet } from '../../../../src/core/dicom/deidentify/deidentifyDataSet.ts';
import { DEIDENTIFY_OPTIONS, type DeidentifyOption } from '../../../../src/core/dicom/deidentify/options.ts';
import {
  type DataElement,
  type DataSet,
  mergeDataSets,
  sequence,
  text,
} from '../../../../src/core/dicom/derived/dataSet.ts';
import {
  type KeywordDictionary,
  loadKeywordDictionary,
  loadVrDictionary,
  type VrDictionary,
} from '../../../../src/core/dicom/derived/dictionary.ts';
import { encodeDataSet } from '../../../../src/core/dicom/derived/encode.ts';
import { CANARIES, hashOfKey, sampleOf, tagOf, vrOf } from './samples.ts';

let dictionary: VrDictionary;
let keywords: KeywordDictionary;
beforeAll(async () => {
  dictionary = await loadVrDictionary();
  keywords = await loadKeywordDictionary();
});

const MR = '1.2.840.10008.5.1.4.1.1.4';
/** RT Ion Plan: a class whose types are not known here. */
const OTHER = '1.2.840.10008.5.1.4.1.1.481.8';
/** Not in the table: its items are gone through. */
const CARRIER = 0x00081250;

const run = (dataSet: DataSet, options: readonly DeidentifyOption[] = [], key = 'k') =>
  deidentifyDataSet(dataSet, { options: new Set(options), hash: hashOfKey(key), dictionary });

/** The attribute at the top level and within an item, in an object of a class. */
function objectWith(row: ConfidentialityRow, sopClass: string): DataSet {
  const sample = sampleOf(row, dictionary);
  const isPrivate = row.pattern === 'private';
  const creator = isPrivate ? [text(0x00090010, 'LO', 'CANARY MAKER')] : [];
  return mergeDataSets([text(0x00080016, 'UI', sopClass), sequence(CARRIER, [...creator, sample])], creator, [
    sample,
  ]);
}

const find = (dataSet: DataSet, tag: number) => dataSet.find((element) => element.tag === tag);
const within = (dataSet: DataSet) => (find(dataSet, CARRIER)?.value as readonly DataSet[])[0]!;
const string = (element: DataElement | undefined) =>
  String.fromCharCode(...(element!.value as Uint8Array)).replace(/[\0 ]+$/, '');
const written = (dataSet: DataSet) => Buffer.from(encodeDataSet(dataSet)).toString('latin1');
const letters = (row: ConfidentialityRow, ...wanted: readonly string[]) =>
  row.options.some((letter) => wanted.includes(letter));

describe('the table', () => {
  it('has the 621 rows of PS3.15 2024e, each tag once, in order, with its keyword of PS3.6', () => {
    expect(CONFIDENTIALITY_TABLE).toHaveLength(621);
    const patterns = CONFIDENTIALITY_TABLE.map(({ pattern }) => pattern);
    expect(new Set(patterns).size).toBe(621);
    expect([...patterns].sort()).toEqual(patterns);
    const special = new Set(['50xxxxxx', '60xx3000', '60xx4000', 'private', '00001000', '00001001']);
    for (const row of CONFIDENTIALITY_TABLE) {
      if (special.has(row.pattern)) continue;
      expect(keywords(tagOf(row)), row.pattern).toBe(row.keyword);
    }
  });

  it('counts as the standard’s does: 384 X, 92 D, 54 U, 42 Z and 49 that depend on the type', () => {
    const count = (wanted: (basic: string) => boolean) =>
      CONFIDENTIALITY_TABLE.filter(({ basic }) => wanted(basic)).length;
    expect(['X', 'D', 'U', 'Z'].map((action) => count((basic) => basic === action))).toEqual([
      384, 92, 54, 42,
    ]);
    expect(count((basic) => basic.includes('/'))).toBe(49);
  });

  it('knows the dates option for every date and time but the patient’s birth and the satellites’ clock', () => {
    const without = CONFIDENTIALITY_TABLE.filter(
      (row) => /^(DA|DT|TM)$/.test(vrOf(row, dictionary)) && !letters(row, 'd'),
    );
    expect(without.map(({ keyword }) => keyword)).toEqual([
      'PatientBirthDate',
      'PatientBirthTime',
      'GPSTimeStamp',
    ]);
  });

  it('finds rows by tag: repeating groups and private ones too', () => {
    expect(confidentialityRow(0x50024321)?.keyword).toBe('CurveData');
    expect(confidentialityRow(0x60023000)?.keyword).toBe('OverlayData');
    expect(confidentialityRow(0x60020010)).toBeUndefined();
    expect(confidentialityRow(0x00291010)?.keyword).toBe('PrivateAttributes');
    expect(confidentialityRow(0x00280010)).toBeUndefined();
  });
});

describe('the basic profile, every row', () => {
  it('leaves no value of any row in the bytes, at the top or in an item, whatever the object is', () => {
    for (const row of CONFIDENTIALITY_TABLE) {
      for (const sopClass of [MR, OTHER]) {
        const bytes = written(run(objectWith(row, sopClass)));
        for (const canary of CANARIES) expect(bytes.includes(canary), `${row.keyword} ${canary}`).toBe(false);
      }
    }
  });

  it('does what the row says: removed, emptied, another value or another UID', () => {
    for (const row of CONFIDENTIALITY_TABLE.filter(({ basic }) => !basic.includes('/'))) {
      const tag = tagOf(row);
      const before = objectWith(row, MR);
      const after = run(before);
      for (const [source, result] of [
        [find(before, tag)!, find(after, tag)],
        [find(within(before), tag)!, find(within(after), tag)],
      ] as const) {
        const isTop = result === find(after, tag);
        if (row.basic === 'X') expect(result, row.keyword).toBeUndefined();
        else if (row.basic === 'Z' && row.keyword === 'PatientName' && isTop) {
          expect(string(result)).toMatch(/^TMR-[0-9A-F]{12}\^/);
        } else if (row.basic === 'Z') expect(result!.value, row.keyword).toHaveLength(0);
        else {
          expect(result!.vr, row.keyword).toBe(source.vr);
          expect(result!.value.length, row.keyword).toBeGreaterThan(0);
          expect(written([result!]), row.keyword).not.toBe(written([source]));
        }
        if (row.basic === 'U') expect(string(result), row.keyword).toMatch(/^2\.25\.\d{30,39}$/);
      }
    }
  });

  it('lets the type of the attribute choose where the row leaves it open', () => {
    const result = (keyword: string, sopClass: string, nested = false) => {
      const row = CONFIDENTIALITY_TABLE.find((one) => one.keyword === keyword)!;
      const after = run(objectWith(row, sopClass));
      const element = find(nested ? within(after) : after, tagOf(row));
      if (element === undefined) return 'removed';
      return element.value.length === 0 ? 'empty' : 'value';
    };
    const SEG = '1.2.840.10008.5.1.4.1.1.66.4';
    expect(result('ContentDate', MR)).toBe('empty');
    expect(result('ContentDate', SEG)).toBe('value');
    expect(result('DeviceSerialNumber', MR)).toBe('removed');
    expect(result('DeviceSerialNumber', SEG)).toBe('value');
    expect(result('AcquisitionDate', MR)).toBe('removed');
    expect(result('AcquisitionDate', OTHER)).toBe('empty');
    expect(result('SourceImageSequence', MR)).toBe('removed');
    expect(result('SourceImageSequence', SEG, true)).toBe('value');
  });
});

describe('the options, every row that has one', () => {
  const KEEP: readonly (readonly [DeidentifyOption, string])[] = [
    ['retain-uids', 'u'],
    ['retain-device', 'v'],
    ['retain-institution', 'i'],
    ['retain-patient', 'p'],
    ['retain-dates', 'd'],
  ];
  for (const [option, letter] of KEEP) {
    it(`${option} keeps its rows as they are, and no others`, () => {
      const kept = CONFIDENTIALITY_TABLE.filter((row) => letters(row, letter));
      expect(kept.length).toBeGreaterThan(8);
      for (const row of kept) {
        if (vrOf(row, dictionary) === 'SQ') continue;
        const before = objectWith(row, MR);
        const after = run(before, [option]);
        expect(written([find(after, tagOf(row))!]), row.keyword).toBe(written([find(before, tagOf(row))!]));
        expect(find(within(after), tagOf(row)), row.keyword).toBeDefined();
      }
      for (const row of CONFIDENTIALITY_TABLE.filter((one) => !letters(one, letter, letter.toUpperCase()))) {
        const before = objectWith(row, MR);
        expect(written(run(before, [option])), row.keyword).toBe(written(run(before)));
      }
    });
  }

  it('shift-dates moves every date row by one offset and keeps the time of day', () => {
    const moved = new Set<number>();
    for (const row of CONFIDENTIALITY_TABLE.filter((one) => letters(one, 'd'))) {
      const vr = vrOf(row, dictionary);
      const after = find(run(objectWith(row, MR), ['shift-dates']), tagOf(row));
      if (vr === 'TM') expect(string(after), row.keyword).toBe('112233');
      if (vr !== 'DA' && vr !== 'DT') continue;
      const value = string(after);
      const day = Date.UTC(+value.slice(0, 4), +value.slice(4, 6) - 1, +value.slice(6, 8));
      moved.add((day - Date.UTC(2026, 6, 4)) / 86_400_000);
      if (vr === 'DT') expect(value.slice(8), row.keyword).toBe('112233.5+0200');
    }
    expect(moved.size).toBe(1);
    const [days] = moved;
    expect(days).toBeLessThan(0);
    expect(days).toBeGreaterThanOrEqual(-3650);
  });

  it('cleaning never lets a canary through, with all options that clean at once', () => {
    const cleaning: readonly DeidentifyOption[] = [
      'shift-dates',
      'clean-descriptors',
      'clean-structured-content',
      'clean-graphics',
      'retain-safe-private',
    ];
    for (const row of CONFIDENTIALITY_TABLE) {
      const bytes = written(run(objectWith(row, OTHER), cleaning));
      for (const canary of ['CANARY', '20260704', '1.2.3.999.77.5']) {
        expect(bytes.includes(canary), `${row.keyword} ${canary}`).toBe(false);
      }
    }
  });

  it('clean-descriptors keeps the words of protocols in every row of text, and nothing else', () => {
    for (const row of CONFIDENTIALITY_TABLE.filter((one) => letters(one, 'c'))) {
      const vr = vrOf(row, dictionary);
      if (vr === 'SQ' || vr === 'OB' || vr === 'UN' || vr === 'CS') continue;
      const object = mergeDataSets([
        text(0x00080016, 'UI', MR),
        text(tagOf(row), vr, 'T2 tse AX for John Smith'),
      ]);
      expect(string(find(run(object, ['clean-descriptors']), tagOf(row))), row.keyword).toBe('T2 tse AX for');
    }
  });

  it('every option does something to some row', () => {
    for (const option of DEIDENTIFY_OPTIONS) {
      const changed = CONFIDENTIALITY_TABLE.some((row) => {
        const sample =
          option === 'retain-safe-private' && row.pattern === 'private'
            ? mergeDataSets([
                text(0x00080016, 'UI', MR),
                text(0x00190010, 'LO', 'SIEMENS MR HEADER'),
                text(0x0019100c, 'IS', '1000'),
              ])
            : objectWith(row, MR);
        const tidy = option.startsWith('clean')
          ? sample.map((element) => (element.vr === 'LO' ? text(element.tag, 'LO', 'T2 AX') : element))
          : sample;
        return written(run(tidy, [option])) !== written(run(tidy));
      });
      expect(changed, option).toBe(true);
    }
  });
});
