import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../../src/core/dicom/charset.ts';
import { inOneCharacterSet } from '../../../../src/core/dicom/derived/characterSet.ts';
import {
  type DataSet,
  mergeDataSets,
  oneValue,
  sequence,
  text,
} from '../../../../src/core/dicom/derived/dataSet.ts';

const SETS = 0x00080005;
const NAME = 0x00100010;
const LABEL = 0x00620005;
const SEGMENTS = 0x00620002;
const latin1 = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0));
const bytesOf = (dataSet: DataSet, tag: number) =>
  dataSet.find((element) => element.tag === tag)!.value as Uint8Array;
const ascii = (dataSet: DataSet, tag: number) => String.fromCharCode(...bytesOf(dataSet, tag));

/** An object copied from a source in these sets, its name's bytes, and a segment's label of our own. */
function object(sets: readonly string[], name: string, label: string): DataSet {
  return mergeDataSets([
    text(SETS, 'CS', ...sets),
    { tag: NAME, vr: 'PN', value: latin1(name) },
    sequence(SEGMENTS, [text(LABEL, 'LO', label)]),
  ]);
}
const labelOf = (dataSet: DataSet) => {
  const [item] = dataSet.find(({ tag }) => tag === SEGMENTS)!.value as readonly DataSet[];
  return bytesOf(item!, LABEL);
};

describe('texts of our own beside copied ones', () => {
  it('are written in the source’s set where it can say them, and what was copied stays as it was', () => {
    const written = inOneCharacterSet(object(['ISO_IR 100'], 'M\xfcller^J\xf6rg', 'größer'));
    expect(ascii(written, SETS)).toBe('ISO_IR 100');
    expect(bytesOf(written, NAME)).toEqual(latin1('M\xfcller^J\xf6rg'));
    expect(labelOf(written)).toEqual(latin1('gr\xf6\xdfer'));
  });

  it('are written in several sets with their escapes, the list of sets intact', () => {
    const name = 'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B';
    const written = inOneCharacterSet(object(['', 'ISO 2022 IR 87'], name, '浮腫 1'));
    expect(ascii(written, SETS)).toBe('\\ISO 2022 IR 87');
    expect(bytesOf(written, NAME)).toEqual(latin1(name));
    expect(labelOf(written)).toEqual(latin1('\x1b$BIb<p\x1b(B 1'));
  });

  it('turn the whole object to UTF-8 where the source’s set cannot say them', () => {
    const name = 'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B';
    const written = inOneCharacterSet(object(['', 'ISO 2022 IR 87'], name, 'größer'));
    expect(ascii(written, SETS)).toBe('ISO_IR 192');
    expect(new TextDecoder().decode(bytesOf(written, NAME))).toBe('Yamada^Tarou=山田^太郎');
    expect(new TextDecoder().decode(labelOf(written))).toBe('größer');
  });

  it('declare UTF-8 where the source declared nothing, an item’s own set included', () => {
    const item = [text(SETS, 'CS', 'ISO_IR 144'), { tag: NAME, vr: 'PN', value: latin1('\xbb\xee') }];
    const source = mergeDataSets([sequence(0x00081120, item), text(LABEL, 'LO', 'ö')]);
    const written = inOneCharacterSet(source);
    expect(ascii(written, SETS)).toBe('ISO_IR 192');
    const [changed] = written.find(({ tag }) => tag === 0x00081120)!.value as readonly DataSet[];
    expect(ascii(changed!, SETS)).toBe('ISO_IR 192');
    expect(new TextDecoder().decode(bytesOf(changed!, NAME))).toBe(
      decodeText(latin1('\xbb\xee'), ['ISO_IR 144']),
    );
  });

  it('are cut between characters where the VR has no room, and never within one', () => {
    const written = inOneCharacterSet([text(0x0008103e, 'LO', `${'ö'.repeat(33)}🧠`, 'b\ud800')]);
    const value = new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(written, 0x0008103e));
    expect(value).toBe(`${'ö'.repeat(32)}\\b`);
  });

  it('leave a data set of ASCII as it is', () => {
    const dataSet = object(['ISO_IR 100'], 'M\xfcller', 'Edema');
    expect(inOneCharacterSet(dataSet)).toBe(dataSet);
  });

  it('are one value, whatever was typed', () => {
    expect(oneValue('a\\b\u0000\nc')).toBe('a/b c');
  });
});
