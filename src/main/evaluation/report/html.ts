import type { EvaluateResult } from '../../../core/contract/evaluation.ts';
import { colourBarPng, ERROR_FULL_SCALE } from './errorMaps.ts';
import { dataTable, evaluationTables, failedTable, type ReportTable } from './tables.ts';
import { evaluationTitle, howMeasured } from './words.ts';

/** The maps of one slice: names of files, from the report's folder. */
export interface SliceMaps {
  /** Counted from 1. */
  readonly slice: number;
  readonly truth: string;
  readonly methods: readonly { readonly method: string; readonly image: string; readonly error: string }[];
}

export interface CaseMaps {
  readonly case: string;
  /** Width over height of the images in millimetres. */
  readonly aspect: number;
  readonly slices: readonly SliceMaps[];
}

/** Images of so many cases go into the page: a browser opens it still. */
const EMBEDDED_CASES = 8;

/**
 * The report as one page that needs nothing beside it and no network: tables, error maps with their colour
 * bar, what was read. In pieces, so that images need not be in memory together.
 *
 * @param read the bytes of a map
 */
export async function* evaluationHtml(
  result: EvaluateResult,
  maps: readonly CaseMaps[],
  read: (file: string) => Promise<Buffer>,
): AsyncGenerator<string> {
  const title = escaped(evaluationTitle(result));
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n`;
  yield `<meta name="viewport" content="width=device-width">\n<style>${STYLE}</style>\n</head>\n<body>\n`;
  yield `<h1>${title}</h1>\n<p class="notice">${escaped(result.notice)}</p>\n`;
  for (const table of evaluationTables(result)) yield htmlTable(table);
  if (maps.length > 0) yield* mapSections(result, maps, read);
  for (const table of [failedTable(result), dataTable(result.cases)]) {
    if (table.rows.length > 0) yield htmlTable(table);
  }
  if (result.warnings.length > 0) yield `<h2>Warnings</h2>\n${list(result.warnings)}`;
  yield `<h2>How</h2>\n${list(howMeasured(result))}</body>\n</html>\n`;
}

async function* mapSections(
  { scale }: EvaluateResult,
  maps: readonly CaseMaps[],
  read: (file: string) => Promise<Buffer>,
): AsyncGenerator<string> {
  const most = ERROR_FULL_SCALE[scale];
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => `<span>${Number((share * most).toFixed(3))}</span>`);
  const source = async (file: string) => dataUri(await read(file));
  yield `<h2>Error maps</h2>\n<p>Images are shown from 0 to 1, the patient’s right on the left. Below each, its error |image − truth| on this scale; what is larger has the brightest colour.</p>\n`;
  yield `<div class="bar"><img alt="colours of the error from 0 to ${most}" src="${dataUri(colourBarPng())}"><div>${ticks.join('')}</div></div>\n`;
  for (const { case: name, aspect, slices } of maps.slice(0, EMBEDDED_CASES)) {
    yield `<section>\n<h3>${escaped(name)}</h3>\n`;
    for (const { slice, truth, methods } of slices) {
      const shape = `style="aspect-ratio:${aspect.toFixed(4)}"`;
      const image = async (file: string, alt: string) =>
        `<img ${shape} alt="${escaped(alt)}" src="${await source(file)}">`;
      yield `<p>Slice ${slice}</p>\n<div class="maps">\n<figure>${await image(truth, `truth, slice ${slice}`)}<figcaption>truth</figcaption></figure>\n`;
      for (const one of methods) {
        yield `<figure>${await image(one.image, `${one.method}, slice ${slice}`)}${await image(one.error, `error of ${one.method}, slice ${slice}`)}<figcaption>${escaped(one.method)}</figcaption></figure>\n`;
      }
      yield '</div>\n';
    }
    yield '</section>\n';
  }
  const more = maps.length - EMBEDDED_CASES;
  if (more > 0) yield `<p>The maps of ${more} more cases are in the folder maps beside this page.</p>\n`;
}

function htmlTable({ title, columns, textColumns, rows, notes }: ReportTable): string {
  const cells = (tag: 'th' | 'td', texts: readonly string[]) =>
    texts
      .map((text, at) => `<${tag}${at < textColumns ? ' class="text"' : ''}>${escaped(text)}</${tag}>`)
      .join('');
  return [
    `<h2>${escaped(title)}</h2>`,
    `<table>\n<thead><tr>${cells('th', columns)}</tr></thead>\n<tbody>`,
    ...rows.map((row) => `<tr>${cells('td', row)}</tr>`),
    '</tbody>\n</table>',
    ...notes.map((note) => `<p class="note">${escaped(note)}</p>`),
    '',
  ].join('\n');
}

function list(items: readonly string[]): string {
  return `<ul>\n${items.map((item) => `<li>${escaped(item)}</li>\n`).join('')}</ul>\n`;
}

function dataUri(png: Buffer): string {
  return `data:image/png;base64,${png.toString('base64')}`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const STYLE = `
body { font: 15px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; }
.notice { font-weight: 600; border-left: 4px solid #b35c00; padding-left: .7rem; }
.note { font-size: .85rem; color: #444; margin: .3rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .85rem; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid #ddd; }
th.text, td.text { text-align: left; } thead th { border-bottom: 2px solid #888; }
td { white-space: nowrap; } td.text { white-space: normal; overflow-wrap: anywhere; }
.maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .5rem; }
figure { margin: 0; break-inside: avoid; } figure img { display: block; width: 100%; background: #000; }
figcaption { font-size: .8rem; overflow-wrap: anywhere; }
.bar { max-width: 24rem; } .bar img { display: block; width: 100%; height: 1rem; }
.bar div { display: flex; justify-content: space-between; font-size: .8rem; }
@page { size: A4 landscape; margin: 12mm; }
@media print { body { margin: 0; max-width: none; font-size: 9pt; } table, .note { font-size: 7pt; } th, td { padding: 1pt 4pt; } h2, h3 { break-after: avoid; } tr { break-inside: avoid; } .maps { grid-template-columns: repeat(5, 1fr); } }
`;
