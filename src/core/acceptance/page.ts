import type { AcceptanceReport } from '../contract/acceptance.ts';
import { escapeHtml } from '../report/escapeHtml.ts';
import { type AcceptanceSection, acceptanceSections, acceptanceTitle } from './sections.ts';
import { WORST_SLICES, worstSliceTitle } from './words.ts';

/** One slice in pictures: PNG, base64. */
export interface AcceptancePicture {
  readonly case: string;
  /** From 1. */
  readonly slice: number;
  /** PSNR inside, dB, tuned less base. */
  readonly difference: number;
  /** Width over height in millimetres. */
  readonly aspect: number;
  readonly images: readonly { readonly name: string; readonly png: string }[];
}

/**
 * The acceptance report as one page of HTML that needs nothing beside it: no network, no scripts (its own content
 * security policy forbids both). Prints on A4.
 *
 * @param sha256 of acceptance.json, which holds every number
 */
export function acceptancePage(
  report: AcceptanceReport,
  sha256: string,
  pictures: readonly AcceptancePicture[],
): string {
  const title = escapeHtml(acceptanceTitle(report));
  const [verdict, ...others] = acceptanceSections(report, sha256);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<p class="notice">${escapeHtml(report.notice)}</p>`,
    '<main>',
    `<h1 class="${report.passed ? 'passed' : 'failed'}">${title}</h1>`,
    section(verdict!),
    ...worst(pictures),
    ...others.map(section),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function section({ title, notes, table }: AcceptanceSection): string {
  const cells = (tag: 'th' | 'td', texts: readonly string[], textColumns: number) =>
    texts
      .map((words, at) => `<${tag}${at < textColumns ? ' class="text"' : ''}>${escapeHtml(words)}</${tag}>`)
      .join('');
  return [
    `<section><h2>${escapeHtml(title)}</h2>`,
    ...(table === undefined
      ? []
      : [
          `<table><thead><tr>${cells('th', table.columns, table.textColumns)}</tr></thead>`,
          `<tbody>${table.rows.map((row) => `<tr>${cells('td', row, table.textColumns)}</tr>`).join('\n')}</tbody></table>`,
        ]),
    ...notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`),
    '</section>',
  ].join('\n');
}

function worst(pictures: readonly AcceptancePicture[]): string[] {
  if (pictures.length === 0) return [];
  return [
    `<section><h2>${WORST_SLICES.title}</h2>`,
    `<p class="note">${escapeHtml(WORST_SLICES.note)}</p>`,
    ...pictures.map(
      (picture) =>
        `<h3>${escapeHtml(worstSliceTitle(picture))}</h3>\n<div class="pictures">${picture.images
          .map(({ name: method, png }) => figure(method, png, picture.aspect))
          .join('\n')}</div>`,
    ),
    '</section>',
  ];
}

function figure(method: string, png: string, aspect: number): string {
  if (!/^[A-Za-z0-9+/]+=*$/.test(png)) throw new RangeError('A picture is base64');
  const words = escapeHtml(method.replace('error-', 'error of '));
  return `<figure><img style="aspect-ratio:${aspect.toFixed(4)}" alt="${words}" src="data:image/png;base64,${png}"><figcaption>${words}</figcaption></figure>`;
}

const STYLE = `
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 0 1.2rem 2rem; }
.notice { margin: 0; padding: .3rem 1rem; background: #ffe9ae; color: #453200; font-weight: 600; text-align: center; }
h1 { font-size: 1.35rem; border-left: .5rem solid; padding-left: .6rem; overflow-wrap: anywhere; } h1.passed { border-color: #19723a; } h1.failed { border-color: #b3261e; }
h2 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; } h3 { font-size: .95rem; margin: .8rem 0 .3rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .85rem; }
th, td { padding: .2rem .6rem .2rem 0; text-align: right; vertical-align: top; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
th.text, td.text { text-align: left; } thead th { border-bottom: 2px solid #888; }
.note { font-size: .85rem; color: #333; margin: .35rem 0; max-width: 60rem; overflow-wrap: anywhere; }
.pictures { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .4rem; }
figure { margin: 0; break-inside: avoid; } img { display: block; width: 100%; background: #000; } figcaption { font-size: .75rem; }
.pictures figure:nth-child(5) { grid-column: 2; }
@page { size: A4 landscape; margin: 12mm; }
@media print { body { font-size: 9pt; } main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; } tr { break-inside: avoid; } }
`;
