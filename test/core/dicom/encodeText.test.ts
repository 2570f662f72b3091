import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../src/core/dicom/charset.ts';
import { encodeText } from '../../../src/core/dicom/encodeText.ts';

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const JAPANESE = ['', 'ISO 2022 IR 87'];

describe('encodeText', () => {
  it('writes the examples of PS3.5, annexes H and I', () => {
    // H.3.1: 山田^太郎 in the second component group, with its return to ASCII before each delimiter.
    expect(hex(encodeText('Yamada^Tarou=山田^太郎=やまだ^たろう', JAPANESE))).toBe(
      hex(
        Buffer.from(
          'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B',
          'latin1',
        ),
      ),
    );
    // H.3.2: half-width katakana first, JIS X 0201's romaji as the way back.
    expect(hex(encodeText('ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎', ['ISO 2022 IR 13', 'ISO 2022 IR 87']))).toBe(
      'd4cfc0de5ec0dbb33d1b24423b3345441b284a5e1b2442424' + '04f3a1b284a',
    );
    // I.2: Korean is announced again after each delimiter.
    expect(hex(encodeText('Hong^Gildong=洪^吉洞', ['', 'ISO 2022 IR 149']))).toBe(
      hex(Buffer.from('Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7', 'latin1')),
    );
  });

  it.each([
    [['ISO_IR 100'], 'Größe – nein', undefined],
    [['ISO_IR 100'], 'Größe', 'Größe'],
    [['ISO_IR 101'], 'Łódź', 'Łódź'],
    [['ISO_IR 144'], 'Люкceмбypг', 'Люкceмбypг'],
    [['ISO_IR 126'], 'Διονυσιος', 'Διονυσιος'],
    [['ISO_IR 127'], 'قباني', 'قباني'],
    [['ISO_IR 138'], 'שרון', 'שרון'],
    [['ISO_IR 166'], 'สมชาย', 'สมชาย'],
    [['ISO_IR 192'], 'Größe 浮腫 🧠', 'Größe 浮腫 🧠'],
    [['GB18030'], '王^小东', '王^小东'],
    [['GB18030'], '🧠', undefined],
    [[], 'Größe', undefined],
    [['ISO_IR 100'], '浮腫', undefined],
    [JAPANESE, '浮腫 größer', undefined],
    [['ISO 2022 IR 100', 'ISO 2022 IR 87'], '浮腫 größer 2', '浮腫 größer 2'],
    [['ISO 2022 IR 6', 'ISO 2022 IR 100', 'ISO 2022 IR 144'], 'größer, большой', 'größer, большой'],
    [['', 'ISO 2022 IR 87', 'ISO 2022 IR 159'], '丂 and 山', '丂 and 山'],
    [['', 'ISO 2022 IR 58'], '肿瘤^水肿', '肿瘤^水肿'],
  ] as const)('in %j says %s, or says that it cannot', (sets, text, wanted) => {
    const bytes = encodeText(text, sets);
    expect(bytes && decodeText(bytes, sets)).toBe(wanted);
  });

  it('leaves ASCII what it is in every set', () => {
    for (const sets of [[], ['ISO_IR 192'], JAPANESE, ['GBK'], ['ISO 2022 IR 13']]) {
      expect(hex(encodeText('T2 ax ~ 3\\4', sets))).toBe(hex(Buffer.from('T2 ax ~ 3\\4')));
    }
  });
});
