import type { Column, Content, TableCell, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import type { AcceptancePicture } from '../../../core/acceptance/page.ts';
import {
  type AcceptanceSection,
  acceptanceSections,
  acceptanceTitle,
} from '../../../core/acceptance/sections.ts';
import { WORST_SLICES, worstSliceTitle } from '../../../core/acceptance/words.ts';
import type { AcceptanceReport } from '../../../core/contract/acceptance.ts';
import { pdfText } from '../../report/pdfText.ts';
import { writePdf } from '../../report/writePdf.ts';

/** Width of a picture, and the most of its height, in points: four beside each other on A4. */
const PICTURE = 180;

/**
 * The acceptance report as PDF, A4 landscape: the same sections, tables and pictures as its page of HTML, the
 * pictures last. The research-use notice heads every page. The same bytes for the same report.
 *
 * @param sha256 of acceptance.json, which holds every number
 */
export function acceptancePdf(
  report: AcceptanceReport,
  sha256: string,
  pictures: readonly AcceptancePicture[],
): Promise<Buffer> {
  const title = pdfText(acceptanceTitle(report));
  const document: TDocumentDefinitions = {
    pageSize: 'A4',
    pageOrientation: 'landscape',
    pageMargins: [34, 40, 34, 34],
    info: { title, subject: pdfText(report.notice) },
    defaultStyle: { font: 'Roboto', fontSize: 8, lineHeight: 1.15 },
    styles: {
      title: { fontSize: 15, bold: true, color: report.passed ? '#19723a' : '#b3261e', margin: [0, 0, 0, 4] },
      heading: { fontSize: 11, bold: true, margin: [0, 10, 0, 3] },
      subheading: { fontSize: 9, bold: true, margin: [0, 6, 0, 3] },
      note: { color: '#333333', margin: [0, 2, 0, 2] },
      notice: { bold: true, color: '#453200', fillColor: '#ffe9ae', alignment: 'center' },
    },
    header: {
      table: { widths: ['*'], body: [[{ text: pdfText(report.notice), style: 'notice' }]] },
      layout: 'noBorders',
      margin: [34, 14, 34, 0],
    },
    footer: (page, pages) => ({
      text: `${title} · ${page} of ${pages}`,
      alignment: 'right',
      color: '#555555',
      margin: [34, 8, 34, 0],
    }),
    content: [
      { text: title, style: 'title' },
      ...acceptanceSections(report, sha256).flatMap(section),
      ...worst(pictures),
    ],
  };
  return writePdf(document, new Date(report.ended));
}

function section({ title, notes, table }: AcceptanceSection): Content[] {
  return [
    { text: pdfText(title), style: 'heading' },
    ...(table === undefined || table.columns.length === 0 ? [] : [tableOf(table)]),
    ...notes.map((note): Content => ({ text: pdfText(note), style: 'note' })),
  ];
}

function tableOf({ columns, textColumns, rows }: NonNullable<AcceptanceSection['table']>): Content {
  const cells = (texts: readonly string[], bold: boolean): TableCell[] =>
    texts.map((words, at) => ({
      text: breakable(pdfText(words)),
      bold,
      alignment: at < textColumns ? 'left' : 'right',
    }));
  return {
    table: {
      headerRows: 1,
      dontBreakRows: true,
      widths: columns.map((_, at) => (at < textColumns && textColumns < columns.length ? '*' : 'auto')),
      body: [cells(columns, true), ...rows.map((row) => cells(row, false))],
    },
    layout: 'lightHorizontalLines',
  };
}

/** A hash has no place to break a line at: it gets one every 16 digits. */
function breakable(words: string): string {
  return words.replace(/[0-9a-f]{16}(?=[0-9a-f])/g, '$&\u200b');
}

function worst(pictures: readonly AcceptancePicture[]): Content[] {
  if (pictures.length === 0) return [];
  return [
    { text: WORST_SLICES.title, style: 'heading' },
    { text: pdfText(WORST_SLICES.note), style: 'note' },
    ...pictures.map((picture): Content => {
      const figures = picture.images.map(({ name, png }): Column => {
        const width = Math.min(PICTURE, PICTURE * picture.aspect);
        return {
          stack: [
            { image: `data:image/png;base64,${png}`, width, height: width / picture.aspect },
            { text: pdfText(name.replace('error-', 'error of ')), fontSize: 7 },
          ],
          width: PICTURE,
        };
      });
      const images = picture.images.filter(({ name }) => !name.startsWith('error-')).length;
      return {
        unbreakable: true,
        stack: [
          { text: pdfText(worstSliceTitle(picture)), style: 'subheading' },
          { columns: figures.slice(0, images), columnGap: 8 },
          // Below the image that it is the error of; the truth has none.
          {
            columns: [{ text: '', width: PICTURE }, ...figures.slice(images)],
            columnGap: 8,
            margin: [0, 4, 0, 0],
          },
        ],
      };
    }),
  ];
}
