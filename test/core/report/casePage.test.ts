import { describe, expect, it } from 'vitest';
import { type CasePage, casePageHtml } from '../../../src/core/report/casePage.ts';
import { escapeHtml } from '../../../src/core/report/escapeHtml.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>' & \u202Egnp\u0000`;
const PNG = 'iVBORw0KGgo=';

function page(words: string): CasePage {
  return {
    language: words,
    title: words,
    notice: words,
    sections: [{ title: words, rows: [[words, words]], notes: [words] }],
    picturesTitle: words,
    pictures: [{ title: words, png: PNG, mark: words, aspect: 1.5 }],
    foot: words,
  };
}

describe('the page of a case', () => {
  it('takes nothing that it is told for markup', () => {
    const html = casePageHtml(page(HOSTILE));
    const harmless = casePageHtml(page('x'));
    const tags = (text: string): string[] =>
      text.match(/<[a-z/!][^>]*>/gi)?.map((tag) => tag.split(/[\s>]/)[0] ?? '') ?? [];
    expect(tags(html)).toEqual(tags(harmless));
    expect(html).not.toMatch(/<script|onerror=alert\(1\)>/);
    for (const letter of ['\u202e', '\u0000']) expect(html).not.toContain(letter);
  });

  it('needs nothing beside it and runs nothing', () => {
    const html = casePageHtml(page('Head'));
    expect(html).toContain(`default-src 'none'`);
    expect(html).not.toMatch(/<script|<link|<iframe|https?:|\bon\w+=/i);
    const sources = [...html.matchAll(/src="([^"]*)"/g)].map(([, source]) => source);
    expect(sources).toEqual([`data:image/png;base64,${PNG}`]);
  });

  it('says everything that it is given, and leaves empty sections out', () => {
    const html = casePageHtml({
      ...page('w'),
      notice: 'Research use only',
      sections: [
        { title: 'Model', rows: [['Weights', 'abc']], notes: ['inferred'] },
        { title: 'Nothing', rows: [], notes: [] },
      ],
    });
    for (const words of ['Research use only', 'Model', 'Weights', 'abc', 'inferred'])
      expect(html).toContain(words);
    expect(html).not.toContain('Nothing');
  });

  it('puts no picture on it that is not base64', () => {
    const bad = { ...page('x'), pictures: [{ title: 'x', png: '"><b>', mark: undefined }] };
    expect(() => casePageHtml(bad)).toThrow(RangeError);
  });
});

describe('escaping', () => {
  it('changes the five letters and drops what no page may hold', () => {
    expect(escapeHtml(`a<b>"c'&\n\u0007\u2066d`)).toBe('a&lt;b&gt;&quot;c&#39;&amp;\nd');
  });
});
