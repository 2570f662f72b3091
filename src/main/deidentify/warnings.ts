import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { T } from '../../core/dicom/derived/tags.ts';
import { finder } from './deidentifyFile.ts';

const MESSAGES = {
  'burned-in-annotation':
    'Text is burned into the pixels, which are copied as they are: look at them before they leave the house',
  'recognisable-face':
    'A face can be made out of these pixels, which are copied as they are: deface them first',
  'pictures-of-screens':
    'Secondary captures often show a name: look at their pixels, which are copied as they are',
} as const;

export type DeidentifyWarning = keyof typeof MESSAGES;

/** What is wrong with an object that no change of attributes puts right. */
export function pixelWarnings(source: DataSet): DeidentifyWarning[] {
  const find = finder(source);
  const burnedIn = find(T.BurnedInAnnotation);
  const isCapture = find(T.SOPClassUID).startsWith('1.2.840.10008.5.1.4.1.1.7');
  return [
    ...(burnedIn === 'YES' ? (['burned-in-annotation'] as const) : []),
    ...(isCapture && burnedIn !== 'NO' ? (['pictures-of-screens'] as const) : []),
    ...(find(T.RecognizableVisualFeatures) === 'YES' ? (['recognisable-face'] as const) : []),
  ];
}

export function warningMessage(code: DeidentifyWarning): string {
  return MESSAGES[code];
}
