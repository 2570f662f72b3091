import { beforeAll, describe, expect, it } from 'vitest';
import { cleanText } from '../../../../src/core/dicom/deidentify/cleanText.ts';
import { shiftDate } from '../../../../src/core/dicom/deidentify/dates.ts';
import { deidentifyDataSet, type Outcome } from '../../../../src/core/dicom/deidentify/deidentifyDataSet.ts';
import { withDeidentificationMarks } from '../../../../src/core/dicom/deidentify/marks.ts';
import type { DeidentifyOption } from '../../../../src/core/dicom/deidentify/options.ts';
import { dateShiftDays, mapUid, mapUidsInText } from '../../../../src/core/dicom/deidentify/pseudonyms.ts';
import {
  type DataSet,
  mergeDataSets,
  sequence,
  shorts,
  text,
} from '../../../../src/core/dicom/derived/dataSet.ts';
import { loadVrDictionary, type VrDictionary } from '../../../../src/core/dicom/derived/dictionary.ts';
import {
  canonicalJson,
  P,
  PRIVATE_CREATOR,
  provenanceBlock,
} from '../../../../src/core/dicom/derived/provenanceBlock.ts';
import { hashOfKey } from './samples.ts';

let dictionary: VrDictionary;
beforeAll(async () => {
  dictionary = await loadVrDictionary();
});

const run = (
  dataSet: DataSet,
  options: readonly DeidentifyOption[] = [],
  key = 'k',
  note?: (tag: number, outcome: Outcome) => void,
) =>
  deidentifyDataSet(mergeDataSets([text(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.4')], dataSet), {
    options: new Set(options),
    hash: hashOfKey(key),
    dictionary,
    note,
  });
const find = (dataSet: DataSet, tag: number) => dataSet.find((element) => element.tag === tag);
const string = (dataSet: DataSet, tag: number) => {
  const value = find(dataSet, tag)?.value;
  return value instanceof Uint8Array ? String.fromCharCode(...value).replace(/[\0 ]+$/, '') : undefined;
};

describe('cleanText', () => {
  it.each([
    ['T2 TSE ax', 'T2 TSE ax'],
    ['t1_mprage_sag_p2_iso_0.9mm', 't1_mprage_sag_p2_iso_0.9mm'],
    ['ep2d_diff_b1000 for Dr. Müller', 'b1000 for'],
    ['SMITH^JOHN', ''],
    ['study of 1984-05-12 head', 'study of - head'],
    ['call 030 555 123', ''],
    ['T2\\Smith\\FLAIR', 'T2\\\\FLAIR'],
    ['AX T2 [enhanced x2 glmamba RUO]', 'AX T2 [enhanced x2 glmamba RUO]'],
    ['MRN 4711007', ''],
  ])('“%s” becomes “%s”', (before, after) => {
    expect(cleanText(before)).toBe(after);
  });
});

describe('shiftDate', () => {
  it.each([
    ['20260301', -1, '20260228'],
    ['20240301', -1, '20240229'],
    ['2026.03.01', -1, '20260228'],
    ['20260101120000.123456-0500', -31, '20251201120000.123456-0500'],
    ['202603', -45, '202601'],
    ['', -3, ''],
  ])('%s by %i days is %s', (before, days, after) => {
    expect(shiftDate(before, days)).toBe(after);
  });
  it.each([
    '20261301',
    '20260230',
    'yesterday',
    '2026-03-01',
    '20260301 CANARY',
  ])('“%s” is no date', (value) => {
    expect(shiftDate(value, -1)).toBeUndefined();
  });
});

describe('pseudonyms', () => {
  it('follow from the key alone; standard UIDs stand for themselves', () => {
    const hash = hashOfKey('a');
    expect(mapUid(hash, '1.2.3.4')).toBe(mapUid(hashOfKey('a'), '1.2.3.4'));
    expect(mapUid(hash, '1.2.3.4')).not.toBe(mapUid(hashOfKey('b'), '1.2.3.4'));
    expect(mapUid(hash, '1.2.3.4')).not.toBe(mapUid(hash, '1.2.3.5'));
    expect(mapUid(hash, '1.2.840.10008.1.2.4.70')).toBe('1.2.840.10008.1.2.4.70');
    expect(mapUidsInText(hash, 'v1.2.3 of 1.2.840.113619.2.5.1')).toBe(
      `v1.2.3 of ${mapUid(hash, '1.2.840.113619.2.5.1')}`,
    );
  });

  it('keep the days between two studies of a patient, and differ between patients', () => {
    const study = (patient: string, date: string) =>
      run([text(0x00100020, 'LO', patient), text(0x00080020, 'DA', date)], ['shift-dates']);
    const day = (dataSet: DataSet) => {
      const value = string(dataSet, 0x00080020)!;
      return Date.UTC(+value.slice(0, 4), +value.slice(4, 6) - 1, +value.slice(6)) / 86_400_000;
    };
    expect(day(study('A', '20260704')) - day(study('A', '20260620'))).toBe(14);
    expect(string(study('A', '20260704'), 0x00100020)).toBe(string(study('A', '20260620'), 0x00100020));
    expect(string(study('A', '20260704'), 0x00100020)).not.toBe(string(study('B', '20260704'), 0x00100020));
    const shifts = new Set(Array.from({ length: 50 }, (_, n) => dateShiftDays(hashOfKey('k'), String(n))));
    expect(shifts.size).toBeGreaterThan(45);
  });
});

describe('“research use only”', () => {
  const described = (maker: string, description: string, options: DeidentifyOption[] = []) =>
    string(run([text(0x00080070, 'LO', maker), text(0x0008103e, 'LO', description)], options), 0x0008103e);

  it('stays said by what this program made, in its own words alone', () => {
    expect(described('Tandem MR', 'CANARY T2 [enhanced x4 canary-net RUO]')).toBe('[enhanced x4 RUO]');
    expect(described('Tandem MR', 'Tandem MR segmentation RUO')).toBe('Tandem MR segmentation RUO');
    expect(described('Tandem MR', '[enhanced x4 RUO]')).toBe('[enhanced x4 RUO]');
    for (const mark of ['CANDIDATE', 'RETIRED']) {
      expect(described('Tandem MR', `CANARY T2 [enhanced x4 canary-net ${mark} RUO]`)).toBe(
        `[enhanced x4 ${mark} RUO]`,
      );
      const companion = `Tandem MR map ${mark} RUO`;
      expect(described('Tandem MR', companion)).toBe(companion);
    }
    expect(described('Tandem MR', 'CANARY T2 [enhanced x4 canary-net RUO]', ['clean-descriptors'])).toBe(
      'T2 [enhanced x4 - RUO]',
    );
  });

  it('keeps nothing of others, nor of what else a description of ours may say', () => {
    expect(described('SIEMENS', 'T2 [enhanced x4 net RUO]')).toBeUndefined();
    expect(described('Tandem MR', 'CANARY RUO')).toBeUndefined();
    const equipment = [
      text(0x00080070, 'LO', 'SIEMENS'),
      text(0x0018a003, 'ST', 'Research use only: CANARY'),
    ];
    const after = run([sequence(0x0018a001, equipment)]);
    const [item] = after.find(({ tag }) => tag === 0x0018a001)!.value as readonly DataSet[];
    expect(string(item!, 0x0018a003)).toBeUndefined();
  });
});

describe('beyond the table', () => {
  it('takes away what the dictionary does not know, and empties names and dates that no row lists', () => {
    const after = run([
      text(0x00100033, 'LO', '5786-04-01'),
      text(0x0018fffe, 'LO', 'of a later edition'),
      // Name of a verifying pharmacist or the like: any person name.
      text(0x00082218, 'PN', 'WRONG^VR'),
      text(0x0040a13b, 'DA', '20260704'),
    ]);
    expect(find(after, 0x00100033)).toBeUndefined();
    expect(find(after, 0x0018fffe)).toBeUndefined();
    expect(string(after, 0x00082218)).toBe('');
    expect(find(after, 0x0040a13b)).toBeUndefined();
  });

  it('gives other UIDs to references that no row lists, and leaves classes and coding schemes alone', () => {
    const after = run([
      text(0x00081167, 'UI', '1.2.3.4.5'),
      sequence(0x00080110, [text(0x0008010c, 'UI', '2.16.840.1.113883.6.96')]),
    ]);
    const scheme = (find(after, 0x00080110)!.value as readonly DataSet[])[0]!;
    expect(string(scheme, 0x0008010c)).toBe('2.16.840.1.113883.6.96');
    expect(string(after, 0x00080016)).toBe('1.2.840.10008.5.1.4.1.1.4');
  });

  it('takes a whole overlay, so that no description of pixels stays that are not there', () => {
    const after = run([shorts(0x60000010, [4]), { tag: 0x60003000, vr: 'OW', value: new Uint8Array(8) }]);
    expect(after.filter(({ tag }) => tag >>> 24 === 0x60)).toEqual([]);
  });
});

describe('private blocks', () => {
  const siemens = [
    text(0x00190010, 'LO', 'SIEMENS MR HEADER'),
    text(0x0019100c, 'IS', '1000'),
    text(0x00191011, 'LO', 'secret'),
  ];

  it('go, except those known or declared to be safe where that is asked for', () => {
    expect(run(siemens).some(({ tag }) => tag >>> 16 === 0x0019)).toBe(false);
    const safe = run(siemens, ['retain-safe-private']);
    expect(safe.map(({ tag }) => tag)).toEqual([0x00080016, 0x00190010, 0x0019100c]);
    const declared = (status: string, elements: readonly number[]) => [
      sequence(P.PrivateDataElementCharacteristicsSequence, [
        shorts(P.PrivateGroupReference, [0x0029]),
        text(P.PrivateCreatorReference, 'LO', 'MAKER'),
        text(P.BlockIdentifyingInformationStatus, 'CS', status),
        ...(elements.length === 0 ? [] : [shorts(P.NonidentifyingPrivateElements, elements)]),
      ]),
      text(0x00290011, 'LO', 'MAKER'),
      text(0x00291101, 'LO', 'one'),
      text(0x00291102, 'LO', 'two'),
    ];
    const kept = (status: string, elements: readonly number[] = []) =>
      run(declared(status, elements), ['retain-safe-private']).map(({ tag }) => tag);
    expect(kept('SAFE')).toEqual([0x00080016, 0x00080300, 0x00290011, 0x00291101, 0x00291102]);
    expect(kept('MIXED', [0x02])).toEqual([0x00080016, 0x00080300, 0x00290011, 0x00291102]);
    expect(kept('UNSAFE')).toEqual([0x00080016]);
    expect(run(declared('SAFE', [])).map(({ tag }) => tag)).toEqual([0x00080016]);
  });

  it('keep our provenance in any case, readable, its UIDs replaced with all others', () => {
    const json = canonicalJson({ target: '1.2.840.113619.2.5.1', model: { version: '1.3.0', id: 'net' } });
    const after = run([...provenanceBlock(json), text(0x0020000e, 'UI', '1.2.840.113619.2.5.1')]);
    const parsed = JSON.parse(string(after, P.Provenance)!) as { target: string; model: { version: string } };
    expect(parsed.target).toBe(string(after, 0x0020000e));
    expect(parsed.model.version).toBe('1.3.0');
    expect(string(after, P.Creator)).toBe(PRIVATE_CREATOR);
    expect(find(after, P.PrivateDataElementCharacteristicsSequence)).toBeDefined();
    const marked = withDeidentificationMarks(after, new Set(), '0.1.0');
    const codes = (find(marked, 0x00120064)!.value as readonly DataSet[]).map((item) =>
      string(item, 0x00080100),
    );
    expect(codes).toEqual(['113100', '113111']);
  });
});

describe('the marks', () => {
  it('say that identity was removed, how, and what became of dates; earlier ones stay', () => {
    const earlier = [
      text(0x00120063, 'LO', 'By hand'),
      sequence(0x00120064, [text(0x00080100, 'SH', '113101')]),
      sequence(0x0018a001, [text(0x00080070, 'LO', 'Scanner maker')]),
    ];
    const marked = (options: readonly DeidentifyOption[]) =>
      withDeidentificationMarks(run(earlier, options), new Set(options), '9.9');
    const plain = marked([]);
    expect(string(plain, 0x00120062)).toBe('YES');
    expect(string(plain, 0x00120063)).toBe('By hand\\Tandem MR 9.9\\PS3.15 2024e table E.1-1');
    expect(string(plain, 0x00280303)).toBe('REMOVED');
    expect(string(marked(['shift-dates']), 0x00280303)).toBe('MODIFIED');
    expect(string(marked(['retain-dates']), 0x00280303)).toBe('UNMODIFIED');
    const items = (tag: number) =>
      find(marked(['shift-dates', 'clean-descriptors']), tag)!.value as readonly DataSet[];
    expect(items(0x00120064).map((item) => string(item, 0x00080100))).toEqual([
      '113101',
      '113100',
      '113107',
      '113105',
    ]);
    const equipment = items(0x0018a001);
    expect(equipment).toHaveLength(2);
    const purpose = (find(equipment[1]!, 0x0040a170)!.value as readonly DataSet[])[0]!;
    expect(string(purpose, 0x00080100)).toBe('109104');
  });
});

describe('structured content', () => {
  const report = [
    sequence(0x0040a730, [
      text(0x0040a040, 'CS', 'TEXT'),
      sequence(0x0040a043, [
        text(0x00080100, 'SH', '121071'),
        text(0x00080102, 'SH', 'DCM'),
        text(0x00080104, 'LO', 'Finding'),
      ]),
      text(0x0040a160, 'UT', 'Glioma, left temporal lobe, seen by John Smith'),
      text(0x0040a123, 'PN', 'SMITH^JOHN'),
      text(0x0040a124, 'UI', '1.2.3.4.5.6.7'),
    ]),
  ];
  const first = (dataSet: DataSet) => (find(dataSet, 0x0040a730)!.value as readonly DataSet[])[0]!;

  it('keeps its shape and nothing else in the basic profile', () => {
    const item = first(run(report));
    expect(string(item, 0x0040a040)).toBe('TEXT');
    expect(string(item, 0x0040a160)).toBe('REMOVED');
    expect(string(item, 0x0040a123)).toBe('REMOVED');
  });

  it('keeps codes, the words that say nothing of anybody, and mapped UIDs where it is cleaned', () => {
    const item = first(run(report, ['clean-structured-content']));
    const name = (find(item, 0x0040a043)!.value as readonly DataSet[])[0]!;
    expect(string(name, 0x00080104)).toBe('Finding');
    expect(string(item, 0x0040a160)).toBe('Glioma, left temporal lobe, by');
    expect(string(item, 0x0040a123)).toBe('REMOVED');
    expect(string(item, 0x0040a124)).toBe(mapUid(hashOfKey('k'), '1.2.3.4.5.6.7'));
  });

  it('takes the meaning out of a hospital’s own codes where descriptors are cleaned', () => {
    const request = [
      sequence(0x00400275, [
        sequence(0x00400008, [
          text(0x00080100, 'SH', 'JOHNS01'),
          text(0x00080102, 'SH', '99HOSP'),
          text(0x00080104, 'LO', 'St. Elsewhere head MR'),
        ]),
      ]),
    ];
    const after = run(request, ['clean-descriptors']);
    const item = (find(after, 0x00400275)!.value as readonly DataSet[])[0]!;
    const code = (find(item, 0x00400008)!.value as readonly DataSet[])[0]!;
    expect([string(code, 0x00080100), string(code, 0x00080104)]).toEqual(['REMOVED', 'head MR']);
  });
});

it('tells of attributes and what became of them, never of values', () => {
  const notes: [number, Outcome][] = [];
  run(
    [text(0x00100010, 'PN', 'A^B'), text(0x00080080, 'LO', 'H'), text(0x00100030, 'DA')],
    [],
    'k',
    (tag, outcome) => notes.push([tag, outcome]),
  );
  expect(notes).toEqual([
    [0x00080080, 'removed'],
    [0x00100010, 'pseudonym'],
  ]);
});
