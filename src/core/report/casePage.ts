import { escapeHtml } from './escapeHtml.ts';

/** A picture on the page, as bytes that a browser shows. */
export interface CasePicture {
  readonly title: string;
  /** PNG, base64. */
  readonly png: string;
  /** What has to be said about it on the picture itself: how it was made. */
  readonly mark: string | undefined;
  /** Width over height in millimetres; absent: that of its pixels. */
  readonly aspect?: number | undefined;
}

/** A row of a table: what, and its value as it is to be read. */
export type CaseRow = readonly [name: string, value: string];

/** What a case page says. All of it is text: nothing in it is taken for markup. */
export interface CasePage {
  readonly language: string;
  readonly title: string;
  /** What it must not be used for; stands at the top and on every printed page. */
  readonly notice: string;
  readonly sections: readonly {
    readonly title: string;
    readonly rows: readonly CaseRow[];
    /** Sentences below the rows. */
    readonly notes: readonly string[];
  }[];
  readonly picturesTitle: string;
  readonly pictures: readonly CasePicture[];
  /** Who made the page, when. */
  readonly foot: string;
}

/**
 * A case as one page of HTML that needs nothing beside it: no network, no scripts (its own content security policy
 * forbids both). Prints on A4.
 */
export function casePageHtml(page: CasePage): string {
  const { language, title, notice, sections, picturesTitle, pictures, foot } = page;
  const text = escapeHtml;
  return [
    '<!doctype html>',
    `<html lang="${text(language)}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${text(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<header class="notice">${text(notice)}</header>`,
    '<main>',
    `<h1>${text(title)}</h1>`,
    ...(pictures.length === 0
      ? []
      : [
          `<section><h2>${text(picturesTitle)}</h2>`,
          '<div class="pictures">',
          ...pictures.map(figure),
          '</div></section>',
        ]),
    '<div class="sections">',
    ...sections
      .filter(({ rows, notes }) => rows.length + notes.length > 0)
      .flatMap(({ title: name, rows, notes }) => [
        `<section><h2>${text(name)}</h2>`,
        ...(rows.length === 0 ? [] : ['<table><tbody>', ...rows.map(row), '</tbody></table>']),
        ...(notes.length === 0 ? [] : ['<ul>', ...notes.map((note) => `<li>${text(note)}</li>`), '</ul>']),
        '</section>',
      ]),
    '</div>',
    '</main>',
    `<footer>${text(foot)}</footer>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function row([name, value]: CaseRow): string {
  return `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`;
}

function figure({ title, png, mark, aspect }: CasePicture): string {
  if (!/^[A-Za-z0-9+/]+=*$/.test(png)) throw new RangeError('A picture is base64');
  const shape = aspect === undefined ? '' : ` style="aspect-ratio:${aspect.toFixed(4)}"`;
  const told = mark === undefined ? '' : `<span class="mark">${escapeHtml(mark)}</span>`;
  return [
    '<figure><div class="picture">',
    `<img${shape} alt="${escapeHtml(title)}" src="data:image/png;base64,${png}">${told}`,
    `</div><figcaption>${escapeHtml(title)}</figcaption></figure>`,
  ].join('');
}

const STYLE = `
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 0; }
main, footer { max-width: 64rem; margin: 0 auto; padding: 0 1.2rem; }
.notice { position: sticky; top: 0; margin: 0; padding: .3rem 1rem; background: #ffe9ae; color: #453200; font-weight: 600; text-align: center; z-index: 1; }
h1 { font-size: 1.35rem; margin: 1.1rem 0 .4rem; overflow-wrap: anywhere; } h2 { font-size: 1.02rem; margin: 1.1rem 0 .35rem; }
.sections { columns: 2 24rem; column-gap: 2rem; } section { break-inside: avoid; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .16rem .5rem .16rem 0; border-bottom: 1px solid #ddd; font-weight: 400; overflow-wrap: anywhere; }
th { color: #444; width: 40%; } ul { margin: .35rem 0; padding-left: 1.1rem; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .7rem; }
figure { margin: 0; break-inside: avoid; } .picture { position: relative; background: #000; }
img { display: block; width: 100%; } figcaption { font-size: .85rem; overflow-wrap: anywhere; }
.mark { position: absolute; left: .4rem; top: .3rem; color: #ffd98a; font-size: .75rem; font-weight: 600; text-shadow: 0 0 2px #000, 0 0 2px #000; }
footer { color: #444; font-size: .8rem; margin-top: 1.2rem; padding-bottom: 1.2rem; }
@page { size: A4; margin: 12mm; }
@media print {
  body { font-size: 9pt; } main, footer { max-width: none; padding: 0; } .notice { position: fixed; left: 0; right: 0; }
  main { padding-top: 8mm; } .pictures { grid-template-columns: repeat(3, 1fr); } .picture, .notice { print-color-adjust: exact; }
}
`;
