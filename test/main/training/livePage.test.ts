// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { curvesSvg } from '../../../src/main/training/curves.ts';
import { type LivePage, livePage } from '../../../src/main/training/livePage.ts';

const page: LivePage = {
  title: 'edsr-guided-x2',
  svg: curvesSvg([{ step: 1, seconds: 1, loss: 0.1, learningRate: 1e-3 }], 'edsr-guided-x2'),
  status: 'Step 1 of 2\n1 s left',
  finished: false,
  notice: '',
};

const parsed = (changes: Partial<LivePage> = {}) =>
  new DOMParser().parseFromString(livePage({ ...page, ...changes }), 'text/html');

describe('the page of a training', () => {
  it('loads itself again every ten seconds until the training has ended', () => {
    const refresh = (document: Document) =>
      document.querySelector('meta[http-equiv="refresh"]')?.getAttribute('content');
    expect(refresh(parsed())).toBe('10');
    expect(refresh(parsed({ finished: true }))).toBeUndefined();
    expect(parsed({ finished: true }).querySelector('footer')!.textContent).toMatch(/has ended/);
  });

  it('shows the curves and how far it is, and says what it may be used for', () => {
    const document = parsed();
    expect(document.title).toBe('edsr-guided-x2');
    expect(document.querySelector('.status')!.textContent).toBe('Step 1 of 2\n1 s left');
    expect(document.querySelectorAll('svg polyline').length).toBe(4);
    for (const finished of [true, false]) {
      expect(parsed({ finished }).querySelector('footer')!.textContent).toMatch(
        /Research use only\. Not for diagnosis\./,
      );
    }
  });

  it('tells what else there is to tell, and has no place for it where there is nothing', () => {
    expect(parsed().querySelector('.notice')).toBeNull();
    expect(parsed({ notice: 'No gain for an hour.' }).querySelector('.notice')!.textContent).toBe(
      'No gain for an hour.',
    );
  });

  it('takes no text for markup', () => {
    const hostile = `</title></p><script>alert(1)</script><img src="x" onerror='alert(1)'> & "`;
    const document = parsed({ title: hostile, status: hostile, notice: hostile });
    expect(document.querySelector('script, img')).toBeNull();
    expect(document.title).toBe(hostile);
    for (const part of ['h1', '.status', '.notice']) {
      expect(document.querySelector(part)!.textContent).toBe(hostile);
    }
  });

  it('is one file: it names no other place and allows none', () => {
    const html = livePage(page);
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|src=|href=|@import|url\(/);
    expect(
      parsed().querySelector('meta[http-equiv="Content-Security-Policy"]')!.getAttribute('content'),
    ).toMatch(/^default-src 'none'/);
  });
});
