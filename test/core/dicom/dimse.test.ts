import { describe, expect, it } from 'vitest';
import { decodeAssociateRequest, encodeAssociateRequest } from '../../../src/core/dicom/dimse/associate.ts';
import { type Command, decodeCommand, encodeCommand, FIELD } from '../../../src/core/dicom/dimse/command.ts';
import { encodePdu, fragmentHeader, type Pdu, PduSplitter } from '../../../src/core/dicom/dimse/pdu.ts';
import { decodeIdentifier, encodeIdentifier } from '../../../src/core/dicom/dimse/query.ts';
import { QUERY_SYNTAXES } from '../../../src/core/dicom/dimse/syntaxes.ts';
import { isUid } from '../../../src/core/dicom/dimse/uids.ts';
import { parseJsonDataSets, queryValuesOf } from '../../../src/core/dicom/web/dicomJson.ts';
import {
  boundaryOf,
  MultipartReader,
  multipartTail,
  partHead,
} from '../../../src/core/dicom/web/multipart.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { createRandom, type Random } from '../../../src/core/random.ts';
import { concat } from '../../helpers/dicomBuilder.ts';

const REQUEST = {
  calledAeTitle: 'PACS',
  callingAeTitle: 'TANDEM',
  maxPduLength: 131_072,
  contexts: [
    {
      id: 1,
      abstractSyntax: '1.2.840.10008.1.1',
      transferSyntaxes: ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'],
    },
    { id: 3, abstractSyntax: '1.2.840.10008.5.1.4.1.1.4', transferSyntaxes: ['1.2.840.10008.1.2.1'] },
  ],
  roles: [{ sopClassUid: '1.2.840.10008.5.1.4.1.1.4', scu: false, scp: true }],
};
const COMMAND: Command = {
  field: FIELD.storeRequest,
  hasDataSet: true,
  affectedSopClassUid: '1.2.840.10008.5.1.4.1.1.4',
  messageId: 7,
  priority: 0,
  affectedSopInstanceUid: '1.2.3',
};
const fragment = (bytes: Uint8Array, isCommand: boolean): Uint8Array =>
  concat([fragmentHeader({ contextId: 3, isCommand, isLast: true }, bytes.length), bytes]);

/** Everything that a conversation can hold, one after the other. */
const CONVERSATION = concat([
  encodePdu({ type: 'associate-request', request: REQUEST }),
  encodePdu({
    type: 'associate-accept',
    accept: { ...REQUEST, contexts: [{ id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' }] },
  }),
  encodePdu({ type: 'associate-reject', rejection: { result: 1, source: 1, reason: 7 } }),
  fragment(encodeCommand(COMMAND), true),
  fragment(new Uint8Array(300).fill(5), false),
  encodePdu({ type: 'release-request' }),
  encodePdu({ type: 'release-reply' }),
  encodePdu({ type: 'abort', source: 2, reason: 1 }),
]);

function split(bytes: Uint8Array, cuts: readonly number[], limit = 131_072): Pdu[] {
  const splitter = new PduSplitter(limit);
  const pdus: Pdu[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    splitter.push(bytes.slice(from, to));
    from = to;
    for (let pdu = splitter.next(); pdu !== undefined; pdu = splitter.next()) pdus.push(pdu);
  }
  return pdus;
}

describe('the upper layer’s messages', () => {
  it('lie where PS3.8 puts them', () => {
    const pdu = encodePdu({ type: 'associate-request', request: REQUEST });
    expect([...pdu.subarray(0, 2)]).toEqual([1, 0]);
    expect(new DataView(pdu.buffer).getUint32(2)).toBe(pdu.length - 6);
    expect(new DataView(pdu.buffer).getUint16(6)).toBe(1);
    expect(String.fromCharCode(...pdu.subarray(10, 26))).toBe('PACS            ');
    expect(String.fromCharCode(...pdu.subarray(26, 42))).toBe('TANDEM          ');
    expect([...pdu.subarray(74, 78)]).toEqual([0x10, 0, 0, 21]);
    expect([...encodePdu({ type: 'abort', source: 2, reason: 1 })]).toEqual([7, 0, 0, 0, 0, 4, 0, 0, 2, 1]);
    expect([...fragmentHeader({ contextId: 3, isCommand: true, isLast: true }, 10)]).toEqual([
      4, 0, 0, 0, 0, 16, 0, 0, 0, 12, 3, 3,
    ]);
  });

  it('come out as they went in, however the stream is cut', () => {
    expect(decodeAssociateRequest(encodeAssociateRequest(REQUEST))).toEqual(REQUEST);
    const whole = split(CONVERSATION, []);
    expect(whole.map(({ type }) => type)).toEqual([
      ...['associate-request', 'associate-accept', 'associate-reject', 'data', 'data'],
      ...['release-request', 'release-reply', 'abort'],
    ]);
    const random = createRandom(8);
    for (let n = 0; n < 50; n++) {
      const cuts = Array.from({ length: 20 }, () => random.integer(CONVERSATION.length)).sort(
        (a, b) => a - b,
      );
      expect(split(CONVERSATION, cuts)).toEqual(whole);
    }
    expect(split(CONVERSATION, [...CONVERSATION.keys()].slice(1))).toEqual(whole);
  });

  it('are refused by their header where they are longer than was agreed', () => {
    const splitter = new PduSplitter(1000);
    splitter.push(Uint8Array.of(4, 0, 0, 0, 3, 233));
    expect(() => splitter.next()).toThrow(/longer than was agreed/);
    const huge = new PduSplitter(1000);
    huge.push(Uint8Array.of(1, 0, 0xff, 0xff, 0xff, 0xff));
    expect(() => huge.next()).toThrow(TandemError);
  });

  it('hold command sets in implicit little endian, with their group length', () => {
    const bytes = encodeCommand(COMMAND);
    expect([...bytes.subarray(0, 8)]).toEqual([0, 0, 0, 0, 4, 0, 0, 0]);
    expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)).toBe(bytes.length - 12);
    expect(bytes.length % 2).toBe(0);
    expect(decodeCommand(bytes)).toEqual(COMMAND);
    expect(
      decodeCommand(encodeCommand({ field: FIELD.echoRequest, hasDataSet: false, messageId: 1 })),
    ).toEqual({
      field: FIELD.echoRequest,
      hasDataSet: false,
      messageId: 1,
    });
  });

  it.each(QUERY_SYNTAXES)('hold queries in %s, in UTF-8 where ASCII does not do', (syntax) => {
    const keys = { PatientName: 'Müller^Jörg', StudyInstanceUID: '1.2.3' };
    expect(decodeIdentifier(encodeIdentifier('study', keys, ['PatientID'], syntax), syntax)).toEqual(keys);
  });

  it('name files by nothing but digits and dots', () => {
    for (const good of ['1', '1.2.840.10008.1.1', `2.25.${'9'.repeat(39)}`])
      expect(isUid(good), good).toBe(true);
    for (const bad of [
      '',
      '.',
      '..',
      '../1.2',
      '1.2/3',
      '1.',
      '1..2',
      '1\\2',
      '1.2 ',
      'a',
      '1'.repeat(65),
      '1.2\n',
    ]) {
      expect(isUid(bad), bad).toBe(false);
    }
  });
});

/** One to four changes: bytes, lengths, pieces left out, put in twice, or cut off. */
function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let changed: Uint8Array = bytes.slice();
  for (let n = random.integer(4); n >= 0 && changed.length > 8; n--) {
    const at = random.integer(changed.length - 4);
    const kind = random.integer(5);
    if (kind === 0) changed[at] = random.integer(256);
    else if (kind === 1)
      new DataView(changed.buffer, changed.byteOffset).setUint32(
        at,
        [0, 1, 0xffffffff, 0x7fffffff][random.integer(4)]!,
      );
    else if (kind === 2)
      changed = concat([changed.subarray(0, at), changed.subarray(at + random.integer(64))]);
    else if (kind === 3) changed = concat([changed.subarray(0, at + 4), changed.subarray(at)]);
    else changed = changed.slice(0, at);
  }
  return changed;
}

/** Runs a parser on mutations: a result or a TandemError, and never for long. */
function fuzz(count: number, seed: number, bytes: Uint8Array, parse: (changed: Uint8Array) => void): number {
  const random = createRandom(seed);
  let refused = 0;
  for (let n = 0; n < count; n++) {
    const changed = mutate(bytes, random);
    const begun = performance.now();
    try {
      parse(changed);
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      expect(['network-failed', 'bad-header']).toContain(error.code);
      refused++;
    }
    expect(performance.now() - begun).toBeLessThan(2000);
  }
  return refused;
}

describe('spoilt messages', () => {
  it('are taken or refused, 3000 conversations', () => {
    const refused = fuzz(3000, 1, CONVERSATION, (bytes) => void split(bytes, [bytes.length >> 1]));
    expect(refused).toBeGreaterThan(500);
  }, 120_000);

  it('are taken or refused, 2000 command sets', () => {
    expect(fuzz(2000, 2, encodeCommand(COMMAND), decodeCommand)).toBeGreaterThan(200);
  });

  it('are taken or refused, 2000 identifiers', () => {
    const [syntax = ''] = QUERY_SYNTAXES;
    const bytes = encodeIdentifier(
      'image',
      { PatientName: 'A^B', StudyInstanceUID: '1.2' },
      ['SOPInstanceUID'],
      syntax,
    );
    expect(fuzz(2000, 3, bytes, (changed) => void decodeIdentifier(changed, syntax))).toBeGreaterThan(50);
  });
});

const BOUNDARY = 'a-boundary';
const BODIES = [
  new Uint8Array(),
  Uint8Array.of(13, 10, 45, 45),
  new Uint8Array(1000).map((_, n) => n * 7),
  Uint8Array.of(1),
];
const MULTIPART = concat([
  ...BODIES.flatMap((body, n) => [partHead(BOUNDARY, 'application/dicom', n === 0), body]),
  multipartTail(BOUNDARY),
]);

function readParts(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const reader = new MultipartReader(BOUNDARY);
  const bodies: Uint8Array[][] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    for (const event of reader.push(bytes.slice(from, to))) {
      if (event.type === 'part') bodies.push([]);
      if (event.type === 'bytes') bodies.at(-1)!.push(event.bytes);
    }
    from = to;
  }
  reader.finish();
  return bodies.map(concat);
}

describe('multipart/related', () => {
  it('comes apart as it was put together, however the stream is cut', () => {
    expect(readParts(MULTIPART, [])).toEqual(BODIES);
    expect(readParts(MULTIPART, [...MULTIPART.keys()].slice(1))).toEqual(BODIES);
    const random = createRandom(9);
    for (let n = 0; n < 200; n++) {
      const cuts = Array.from({ length: 5 }, () => random.integer(MULTIPART.length)).sort((a, b) => a - b);
      expect(readParts(MULTIPART, cuts)).toEqual(BODIES);
    }
  });

  it('finds its boundary, quoted or not, and nothing else', () => {
    expect(boundaryOf('multipart/related; type="application/dicom"; boundary=x-1')).toBe('x-1');
    expect(boundaryOf('Multipart/Related;boundary="a b";type=x')).toBe('a b');
    expect(() => boundaryOf('application/dicom')).toThrow(TandemError);
  });

  it('that ends in the middle of a part is no answer', () => {
    expect(() => readParts(MULTIPART.slice(0, -4), [])).toThrow(/ends in the middle/);
  });

  it('is taken or refused where it is spoilt, 3000 times', () => {
    const refused = fuzz(3000, 4, MULTIPART, (bytes) => void readParts(bytes, [bytes.length >> 1]));
    expect(refused).toBeGreaterThan(300);
  }, 120_000);

  it('that never comes to a part, or to the end of its headers, is given up', () => {
    const endless = new MultipartReader(BOUNDARY);
    const push = (text: string, times: number): void => {
      for (let n = 0; n < times; n++) for (const _ of endless.push(new TextEncoder().encode(text)));
    };
    expect(() => push('x'.repeat(1000), 100)).toThrow(TandemError);
  });
});

describe('DICOM JSON', () => {
  it('gives the values that queries know, names of several groups among them', () => {
    const [dataSet = {}] = parseJsonDataSets(
      '[{"00100010":{"vr":"PN","Value":[{"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎"}]},' +
        '"00080061":{"vr":"CS","Value":["MR","CT"]},"00200011":{"vr":"IS","Value":[4]},"00080050":{"vr":"SH"}}]',
    );
    expect(queryValuesOf(dataSet)).toEqual({
      PatientName: 'Yamada^Tarou=山田^太郎',
      ModalitiesInStudy: 'MR\\CT',
      SeriesNumber: '4',
    });
    expect(parseJsonDataSets('')).toEqual([]);
    for (const wrong of ['<html>', '[1]', '"x"', '{'])
      expect(() => parseJsonDataSets(wrong), wrong).toThrow(TandemError);
  });
});
