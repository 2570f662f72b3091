import { count } from './count.ts';

export const exportText = {
  title: 'Export',
  nothing: 'There is no enhanced series yet.',
  toEnhance: 'Go to Enhance',
  folder: 'Folder to write to (new or empty)',
  format: 'Format',
  dicom: 'DICOM series',
  nifti: 'NIfTI volume',
  browse: 'Browse…',
  start: 'Export',
  done: (n: number): string => `${count(n, 'file', 'files')} written`,
  where: 'Where they are',
  copy: 'Copy path',
  copied: 'Copied',
  seriesUid: 'Series UID',
  more: (n: number): string => `and ${n} more`,
  note: 'Written as a new series of the same study, marked as derived and for research use. The folder is written whole or not at all.',
  cancelled: 'Cancelled. Nothing was written.',
  as: 'DICOM objects',
  forms: {
    source: 'As the source',
    classic: 'MR Image: a file a slice',
    enhanced: 'Enhanced MR Image: a file a volume',
  },
  beside: (n: number): string => `and ${count(n, 'file', 'files')} beside the series`,
  registration: 'With the registration of the reference',
  registrationDicom: 'As DICOM Spatial Registration',
  registrationNifti: 'As a transform file (.tfm)',
  noRegistration: 'None was made: there is nothing to export.',
  marked: (mark: 'CANDIDATE' | 'RETIRED'): string =>
    mark === 'CANDIDATE'
      ? 'Made with a CANDIDATE model, which no one has accepted here. Every file says so.'
      : 'Made with a RETIRED model, which is no longer accepted here. Every file says so.',
  enhancedFrom: (target: string, scale: number, model: string): string => `${target}, ×${scale} by ${model}`,
};

export const checkText = {
  title: 'Check before sending',
  titleOf: (name: string): string => `Check before sending: ${name}`,
  clean: (n: number): string => `${count(n, 'file', 'files')} checked: no errors`,
  errors: (n: number): string => `The check found ${count(n, 'error', 'errors')}`,
  warnings: (n: number): string => count(n, 'remark', 'remarks'),
  ofSource: (n: number): string => `${count(n, 'finding', 'findings')} the source series has as well.`,
  inFiles: (n: number): string => ` (in ${count(n, 'file', 'files')})`,
  judged: (errors: number, files: number): string =>
    `dciodvfy, on ${count(files, 'file', 'files')}: ${errors === 0 ? 'no errors' : count(errors, 'error', 'errors')}`,
  judgedOfSource: (n: number): string => `, and ${n} that the source has as well`,
  unanswered: (n: number): string => `, no answer about ${count(n, 'file', 'files')}`,
  notInstalled: 'dciodvfy is not installed on this machine: it was not asked.',
  ask: 'The check found errors in what was written. Send it all the same?',
  sendAnyway: 'Send it all the same',
  doNotSend: 'Do not send',
};
