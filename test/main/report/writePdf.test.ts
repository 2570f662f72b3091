import { expect, it } from 'vitest';
import { pdfText } from '../../../src/main/report/pdfText.ts';
import { writePdf } from '../../../src/main/report/writePdf.ts';

it('writes the code point of a character that the font lacks, never an empty box', () => {
  expect(pdfText('Müller, Łukasz ≥ 0.5 dB × 2 − Жанна')).toBe('Müller, Łukasz ≥ 0.5 dB × 2 − Жанна');
  expect(pdfText('T2 ← T1')).toBe('T2 <– T1');
  expect(pdfText('山田')).toBe('[U+5C71][U+7530]');
  expect(pdfText('😀')).toBe('[U+1F600]');
  expect(pdfText('u\u0308')).toBe('ü');
});

it('writes the same bytes for the same document and time', async () => {
  const document = { content: ['one', 'two'], defaultStyle: { font: 'Roboto' } };
  const made = new Date('2026-01-02T03:04:05Z');
  const [one, two] = [await writePdf(document, made), await writePdf(document, made)];
  expect(one.equals(two)).toBe(true);
  expect(one.toString('latin1')).toContain('20260102030405Z');
  expect((await writePdf({ ...document, content: ['three'] }, made)).equals(one)).toBe(false);
});

it('reads no file and no address that a document names', async () => {
  const made = new Date(0);
  for (const image of ['/etc/hostname', 'http://127.0.0.1:1/a.png']) {
    await expect(
      writePdf({ content: [{ image }], defaultStyle: { font: 'Roboto' } }, made),
    ).rejects.toThrow();
  }
});
