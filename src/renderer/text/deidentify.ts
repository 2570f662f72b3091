import type { Result } from '../../core/contract/operations.ts';
import type { Changes, SingleOption } from '../state/deidentifyStore.ts';
import { count } from './count.ts';

const deidentifiedCount = (files: number, patients: number, studies: number, series: number): string =>
  `${count(files, 'file', 'files')} of ${count(patients, 'patient', 'patients')}, ` +
  `${count(studies, 'study', 'studies')}, ${count(series, 'series', 'series')}`;

const deidentifyKeys: Record<Result<'deidentify'>['key'], string> = {
  file: 'Pseudonyms follow from the key file.',
  'new file': 'A key file was made: keep it secret, and keep it.',
  forgotten: 'The key is forgotten: what is de-identified later will not fit together with this.',
};

const deidentifyOutcomes: Record<Changes['attributes'][number]['outcome'], string> = {
  removed: 'Removed',
  emptied: 'Emptied',
  dummy: 'Replaced by a dummy',
  pseudonym: 'Replaced by a pseudonym',
  'new UID': 'New UID',
  shifted: 'Shifted',
  cleaned: 'Cleaned',
  kept: 'Kept',
};

const deidentifyOptions: Record<SingleOption, string> = {
  'retain-uids': 'UIDs',
  'retain-device': 'Device: serial number, stations',
  'retain-institution': 'Hospital',
  'retain-patient': 'Age, sex, size and weight',
  'clean-descriptors': 'Descriptions, cleaned word by word',
  'clean-structured-content': 'Contents of reports, cleaned',
  'clean-graphics': 'Texts of graphics, cleaned',
  'retain-safe-private': 'Private elements known to be safe',
};

export const deidentifyText = {
  open: 'De-identify…',
  openLong: 'De-identify a folder…',
  title: 'De-identify',
  intro:
    'DICOM files by PS3.15’s basic profile, into a new folder. Originals are never changed. Pixels are copied as they are: look at burned-in text and faces yourself.',
  from: 'Folder or file to de-identify',
  to: 'New folder to write to',
  browse: (label: string): string => `Browse: ${label}`,
  datesLabel: 'Dates and times',
  dates: { remove: 'Remove', shift: 'Shift', keep: 'Keep' },
  options: 'Keep beside what the basic profile keeps',
  optionNames: deidentifyOptions,
  keyFile: 'Key file',
  keyFileHint:
    'With the same key, objects de-identified at different times fit together. Made where it is absent; empty: the key is forgotten.',
  dryRun: 'Show what would change',
  start: 'De-identify',
  outcome: 'Outcome',
  wouldChange: (...counts: Parameters<typeof deidentifiedCount>): string =>
    `Dry run, nothing was written: ${deidentifiedCount(...counts)}.`,
  changed: (...counts: Parameters<typeof deidentifiedCount>): string =>
    `De-identified: ${deidentifiedCount(...counts)}.`,
  keys: deidentifyKeys,
  openResult: 'Open it',
  changes: 'What changes',
  columns: {
    attribute: 'Attribute',
    tag: 'Tag',
    outcome: 'Outcome',
    elements: 'Times',
    files: 'Files',
  },
  unknown: 'Private or unknown',
  outcomes: deidentifyOutcomes,
  ofExport: 'De-identify',
  ofNifti: 'A NIfTI holds no names: it gets a file name that says nothing.',
  previewTitle: 'What de-identifying would change',
  wouldWrite: (n: number): string =>
    `Of ${count(n, 'object', 'objects')} of this export. Nothing was written.`,
};
