import { beforeAll, describe, expect, it } from 'vitest';
import {
  type DataElement,
  type DataSet,
  sequence,
  shorts,
  text,
} from '../../../../src/core/dicom/derived/dataSet.ts';
import { loadVrDictionary, type VrDictionary } from '../../../../src/core/dicom/derived/dictionary.ts';
import { encodeDicomFile } from '../../../../src/core/dicom/derived/encode.ts';
import { readElements } from '../../../../src/core/dicom/derived/readElements.ts';

let dictionary: VrDictionary;
beforeAll(async () => {
  dictionary = await loadVrDictionary();
});

const double: DataElement = {
  tag: 0x00189087,
  vr: 'FD',
  value: new Uint8Array(new Float64Array([1000.5]).buffer),
};
const source: DataSet = [
  text(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.4'),
  text(0x00080018, 'UI', '2.25.12'),
  sequence(
    0x00081140,
    [text(0x00081150, 'UI', '1.2'), sequence(0x0040a170, [text(0x00080104, 'LO', 'deep')])],
    [],
  ),
  text(0x00100010, 'PN', 'A^B '),
  shorts(0x00181310, [0, 512, 269, 0]),
  double,
  shorts(0x00280103, [1]),
  shorts(0x00280106, [-5], true),
];

/** An encoder of the test's own, for what the project never writes: implicit, big endian, undefined lengths. */
function encode(
  dataSet: DataSet,
  how: { explicit: boolean; littleEndian: boolean; undefinedLengths: boolean },
): number[] {
  const number = (value: number, bytes: number) => {
    const all = Array.from({ length: bytes }, (_, n) => Math.floor(value / 256 ** n) % 256);
    return how.littleEndian ? all : all.reverse();
  };
  const tagBytes = (tag: number) => [...number(tag >>> 16, 2), ...number(tag & 0xffff, 2)];
  return dataSet.flatMap(({ tag, vr, value }) => {
    const isSequence = vr === 'SQ';
    const width = { US: 2, SS: 2, FD: 8 }[vr] ?? 1;
    const body =
      value instanceof Uint8Array
        ? Array.from({ length: value.length / width }, (_, n) => {
            const one = [...value.subarray(n * width, (n + 1) * width)];
            return how.littleEndian ? one : one.reverse();
          }).flat()
        : value.flatMap((item) => {
            const inner = encode(item, how);
            return how.undefinedLengths
              ? [
                  ...tagBytes(0xfffee000),
                  ...number(0xffffffff, 4),
                  ...inner,
                  ...tagBytes(0xfffee00d),
                  0,
                  0,
                  0,
                  0,
                ]
              : [...tagBytes(0xfffee000), ...number(inner.length, 4), ...inner];
          });
    if (body.length % 2 === 1) body.push(vr === 'UI' ? 0 : 0x20);
    const open = isSequence && how.undefinedLengths;
    const length = open ? 0xffffffff : body.length;
    const end = open ? [...tagBytes(0xfffee0dd), 0, 0, 0, 0] : [];
    const header = !how.explicit
      ? number(length, 4)
      : [...new TextEncoder().encode(vr), ...(isSequence ? [0, 0, ...number(length, 4)] : number(length, 2))];
    return [...tagBytes(tag), ...header, ...body, ...end];
  });
}

/** Values without padding, so that data sets compare by meaning. */
function plain(dataSet: DataSet): unknown[] {
  return dataSet.map(({ tag, vr, value }) => [
    tag.toString(16),
    vr,
    value instanceof Uint8Array
      ? ['PN', 'UI', 'LO'].includes(vr)
        ? String.fromCharCode(...value).replace(/[\0 ]+$/, '')
        : [...value]
      : value.map(plain),
  ]);
}

describe('readElements', () => {
  it.each([
    { explicit: true, littleEndian: true, undefinedLengths: false },
    { explicit: true, littleEndian: true, undefinedLengths: true },
    { explicit: false, littleEndian: true, undefinedLengths: false },
    { explicit: false, littleEndian: true, undefinedLengths: true },
    { explicit: true, littleEndian: false, undefinedLengths: true },
  ])('reads $explicit/$littleEndian/$undefinedLengths alike: VRs, numbers, nested items', (how) => {
    const bytes = Uint8Array.from(encode(source, how));
    expect(plain(readElements(bytes, how.littleEndian, dictionary))).toEqual(plain(source));
  });

  it.each([
    true,
    false,
  ])('opens a sequence that a gateway wrote as UN (little endian: %s)', (littleEndian) => {
    const how = { explicit: false, littleEndian: true, undefinedLengths: false };
    const items = encode([source[2]!], how).slice(8);
    const written = (tag: number, value: readonly number[]) =>
      encode([{ tag, vr: 'UN', value: Uint8Array.from(value) }], { ...how, explicit: true, littleEndian });
    // The test's own encoder writes short headers only: UN has two reserved bytes and a 32-bit length.
    const long = (bytes: readonly number[]) => {
      const size = littleEndian ? [bytes[6]!, bytes[7]!, 0, 0] : [0, 0, bytes[6]!, bytes[7]!];
      return [...bytes.slice(0, 6), 0, 0, ...size, ...bytes.slice(8)];
    };
    const bytes = Uint8Array.from([
      ...encode(source.slice(0, 2), { ...how, explicit: true, littleEndian }),
      ...long(written(0x00081140, items)),
      ...long(written(0x00089215, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])),
      ...long(written(0x00189087, [...(double.value as Uint8Array)])),
    ]);
    expect(plain(readElements(bytes, littleEndian, dictionary))).toEqual([
      ...plain(source.slice(0, 3)),
      // No list of items: kept as it is.
      ['89215', 'UN', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
      ...plain([double]),
    ]);
  });

  it('steps over the file meta information and stops before the pixels', () => {
    const bytes = encodeDicomFile([...source, { tag: 0x7fe00010, vr: 'OW', value: new Uint8Array(8) }]);
    expect(plain(readElements(bytes, true, dictionary))).toEqual(plain(source));
  });

  it('keeps the bytes of text as they are and leaves out private elements', () => {
    const bytes = encodeDicomFile([
      ...source.slice(0, 2),
      { tag: 0x00090010, vr: 'LO', value: Uint8Array.from([65, 66]) },
      { tag: 0x00100010, vr: 'PN', value: Uint8Array.from([0x1b, 0x24, 0x42, 0x3b, 0x33, 0x1b, 0x28, 0x42]) },
    ]);
    const elements = readElements(bytes, true, dictionary);
    expect(elements.map(({ tag }) => tag)).toEqual([0x00080016, 0x00080018, 0x00100010]);
    expect(elements[2]!.value).toEqual(Uint8Array.from([0x1b, 0x24, 0x42, 0x3b, 0x33, 0x1b, 0x28, 0x42]));
  });

  it('refuses values and items that go past their end, and endless nesting', () => {
    const how = { explicit: true, littleEndian: true, undefinedLengths: false };
    const whole = Uint8Array.from(encode(source, how));
    expect(() => readElements(whole.subarray(0, 60), true, dictionary)).toThrow(/past its end/);
    const bomb = [
      0x08, 0, 0x40, 0x11, 0x53, 0x51, 0, 0, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255,
    ];
    const nested = Uint8Array.from(Array.from({ length: 70 }, () => bomb).flat());
    expect(() => readElements(nested, true, dictionary)).toThrow(/nested too deeply/);
  });
});

describe('a value representation that is no name', () => {
  /** Explicit little endian: a named element first, then Rows with the letters given. */
  const file = (letters: string) =>
    Uint8Array.from([
      ...[0x08, 0x00, 0x60, 0x00, 0x43, 0x53, 2, 0, 0x4d, 0x52],
      ...[0x28, 0x00, 0x10, 0x00, letters.charCodeAt(0), letters.charCodeAt(1), 2, 0, 0x00, 0x02],
    ]);

  it('blanks: the element is written with the dictionary’s', () => {
    const [, rows] = readElements(file('  '), true, dictionary);
    expect(rows).toMatchObject({ tag: 0x00280010, vr: 'US' });
    expect([...(rows!.value as Uint8Array)]).toEqual([0x00, 0x02]);
  });

  it('half a name: refused, as reading refuses it', () => {
    expect(() => readElements(file('U1'), true, dictionary)).toThrow(/no valid value representation/);
  });
});
