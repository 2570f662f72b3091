import { describe, expect, it } from 'vitest';
import { evaluationHtml } from '../../../../src/main/evaluation/report/html.ts';
import { evaluationMarkdown, markdownTable } from '../../../../src/main/evaluation/report/markdown.ts';
import { sliceRows } from '../../../../src/main/evaluation/report/slicesCsv.ts';
import { evaluationTables, failedTable } from '../../../../src/main/evaluation/report/tables.ts';
import { textTable } from '../../../../src/main/evaluation/report/textTable.ts';
import { resultOfTwo } from './result.ts';

const table = {
  title: 'A | B',
  columns: ['Name', 'Number'],
  textColumns: 1,
  rows: [
    ['a|b', '1.0'],
    ['±long name', '+12.5'],
  ],
  notes: ['a_note'],
};

describe('tables', () => {
  it('are aligned in a terminal', () => {
    expect(textTable(table).split('\n')).toEqual([
      'A | B',
      'Name        Number',
      'a|b            1.0',
      '±long name   +12.5',
      '  a_note',
    ]);
  });

  it('keep their columns in Markdown, whatever names hold', () => {
    expect(markdownTable(table).split('\n')).toEqual([
      '## A \\| B',
      '',
      '| Name | Number |',
      '| --- | ---: |',
      '| a\\|b | 1.0 |',
      '| ±long name | +12.5 |',
      '',
      'a\\_note',
    ]);
  });

  it('have the methods best first with ± and gain, and say what is paired', () => {
    const result = resultOfTwo();
    const [methods, tests, disturbed, byCase, slices] = evaluationTables(result);
    expect(methods!.rows.map(([name]) => name)).toEqual(['guided', 'zero-fill']);
    expect(methods!.rows[0]!.slice(0, 5)).toEqual([
      'guided',
      '62,465',
      'yes',
      '33.00 ± 1.41',
      '+3.00 ± 0.00',
    ]);
    expect(methods!.rows[1]!.slice(1, 5)).toEqual(['–', '–', '30.00 ± 1.41', '–']);
    expect(tests!.title).toContain('over slices');
    expect(tests!.notes.join(' ')).toContain('not independent');
    expect(tests!.rows[0]!.slice(0, 4)).toEqual(['guided', 'zero-fill', 'PSNR inside', '+3.00']);
    expect(disturbed!.rows[0]!.slice(0, 5)).toEqual(['blank', 'guided', '29.00 ± 1.41', '−4.00', '–']);
    expect(disturbed!.notes.join(' ')).toContain('No single-image model');
    expect(byCase!.rows).toEqual([
      ['a<b>', '3', '32.00', '29.00'],
      ['case|2', '3', '34.00†', '31.00'],
    ]);
    expect(byCase!.notes).toEqual([expect.stringContaining('†')]);
    expect(slices!.rows[0]![1]).toMatch(/^33\.00 ± 1\.\d\d$/);
  });

  it('gather cases that share a reason', () => {
    const failed = (name: string, message: string) => ({ case: name, path: '', code: 'not-found', message });
    const { rows } = failedTable({
      failed: [failed('a', 'no t1'), failed('b', 'no t2'), failed('c', 'no t1')],
    });
    expect(rows).toEqual([
      ['not-found', 'no t1', 'a, c'],
      ['not-found', 'no t2', 'b'],
    ]);
  });

  it('escape what names hold in HTML and Markdown', async () => {
    let page = '';
    for await (const part of evaluationHtml(resultOfTwo(), [], async () => Buffer.alloc(0))) page += part;
    expect(page).toContain('a&lt;b&gt;');
    expect(page).not.toContain('a<b>');
    expect(page.startsWith('<!doctype html>')).toBe(true);
    expect(evaluationMarkdown(resultOfTwo())).toContain('| case\\|2 |');
  });

  it('write slices with all their digits, and quote names', () => {
    const pixels = new Float32Array(1);
    const truth = {
      columns: 1,
      rows: 1,
      spacingMm: [1, 1] as const,
      iAxisLps: [1, 0, 0] as const,
      jAxisLps: [0, 1, 0] as const,
      sliceThicknessMm: 3,
      slices: [{ positionLps: [0, 0, 4.5] as const, pixels }],
    };
    const slice = { psnr: 1 / 3, ssim: 0.5, psnrInside: Number.NaN, ssimInside: Number.POSITIVE_INFINITY };
    const methods = new Map([['m', { volume: slice, slices: [slice], secondsPerSlice: 1 }]]);
    expect(sliceRows('a,"b"', truth, methods)).toBe(`"a,""b""",1,4.500,m,${1 / 3},0.5,,inf\n`);
  });
});
