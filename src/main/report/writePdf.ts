import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pdfmake from 'pdfmake';
import type { TDocumentDefinitions } from 'pdfmake/interfaces.js';

const REGULAR = fileURLToPath(import.meta.resolve('pdfmake/fonts/Roboto/Roboto-Regular.ttf'));
const FONTS = dirname(REGULAR);

/**
 * A document as PDF, in Roboto, which is embedded: the same bytes for the same document and time. Nothing but the two
 * fonts is read, and nothing is fetched: pictures are data URLs.
 * @param made the time that stands in the file
 */
export async function writePdf(document: TDocumentDefinitions, made: Date): Promise<Buffer> {
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => dirname(path) === FONTS);
  pdfmake.setFonts({
    Roboto: { normal: REGULAR, bold: fileURLToPath(new URL('Roboto-Medium.ttf', `file://${FONTS}/`)) },
  });
  const pdf = pdfmake.createPdf({
    ...document,
    info: { ...document.info, creator: 'Tandem MR', producer: 'Tandem MR', creationDate: made },
  });
  return await pdf.getBuffer();
}
