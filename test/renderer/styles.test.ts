import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coloursIn, wordsIn } from '../../scripts/checkWindow.ts';

const css = readFileSync(new URL('../../src/renderer/styles/theme.css', import.meta.url), 'utf8');

/** The colour variables of one theme's rule. */
function colours(selector: string): Map<string, string> {
  const start = css.indexOf(selector);
  const rule = css.slice(css.indexOf('{', start) + 1, css.indexOf('}', start));
  const own = [...rule.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(
    ([, name = '', value = '']) => [name, value.trim()] as const,
  );
  return new Map(own);
}

function luminance(hex: string): number {
  const wide = hex.length === 4 ? hex.replaceAll(/[0-9a-f]/gi, '$&$&') : hex;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(wide.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2's contrast ratio. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe('the themes', () => {
  it('know the contrast of black on white', () => {
    expect(contrast('#000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  it.each(['dark', 'light'])('have words that can be read on every ground: %s', (theme) => {
    const of = colours(`:root[data-mantine-color-scheme="${theme}"]`);
    const get = (name: string): string => {
      const value = of.get(`--tm-${name}`);
      if (value === undefined) throw new Error(`no --tm-${name}`);
      return value;
    };
    const words = ['text', 'bright', 'dim', 'target', 'reference', 'enhanced', 'warn', 'error', 'good'];
    const pairs = words.flatMap((word) =>
      ['ground', 'panel', 'raised'].map((ground) => [word, ground] as const),
    );
    const all = [
      ...pairs,
      ['text', 'warn-ground'],
      ['warn', 'warn-ground'],
      ['dim', 'warn-ground'],
      ['text', 'error-ground'],
      ['error', 'error-ground'],
      ['dim', 'error-ground'],
      ['banner-text', 'banner-ground'],
      ['text', 'selection'],
    ] as const;
    const weak = all
      .map(([word, ground]) => ({ pair: `${word} on ${ground}`, ratio: contrast(get(word), get(ground)) }))
      .filter(({ ratio }) => ratio < 4.5);
    expect(weak).toEqual([]);
  });

  it('say the same names, so that nothing is left dark in the light', () => {
    const own = (theme: string): string[] =>
      [...colours(`:root[data-mantine-color-scheme="${theme}"]`).keys()]
        .filter((name) => name.startsWith('--tm-'))
        .sort();
    expect(own('light')).toEqual(own('dark'));
  });
});

describe('the check of words and colours', () => {
  const words = (source: string): string[] => wordsIn('x.tsx', source).map(({ what }) => what);

  it('finds words between tags, in spoken attributes and in choices', () => {
    expect(words('const a = <p>Hello there</p>;')).toEqual(['Hello there']);
    expect(words('const a = <b aria-label="Close" className="icon" />;')).toEqual(['Close']);
    expect(words('const a = <b title={on ? "On now" : text.off} />;')).toEqual(['On now']);
    expect(words(['const a = <p>{n > 1 && `of $', '{n}`}</p>;'].join(''))).toEqual(['of']);
  });

  it('leaves code, signs and the catalogue alone', () => {
    expect(
      words('const a: Array<Map<string, b>> = x < y ? [] : z; const e = <p>{text.open.title} × {n}</p>;'),
    ).toEqual([]);
    expect(words('const e = <div className="row grow" data-x="some words" role="status">·</div>;')).toEqual(
      [],
    );
  });

  it('finds colours but no black and no comments', () => {
    expect(
      coloursIn('a { color: #fff; }\nb { background: #000; }\n/* #123456 */\nc { fill: rgb(1 2 3); }').map(
        ({ line }) => line,
      ),
    ).toEqual([1, 4]);
  });
});
