import { count } from './count.ts';

export const openText = {
  title: 'Open a study',
  intro:
    'A folder of DICOM files, NIfTI files, or a ZIP archive of either. Nothing leaves this machine; originals are never changed.',
  pathLabel: 'Folder or file',
  file: 'File…',
  pathPlaceholder: '/path/to/study',
  open: 'Open',
  browse: 'Browse…',
  drop: 'Drop a folder, files or a ZIP archive here',
  dropNow: 'Let go to open',
  another: 'Open another',
  dropCopied: 'Dropped files are copied to a temporary folder of the workstation.',
  reading: 'Reading',
};

export const browseText = {
  title: 'Choose a folder',
  titleFolder: 'Choose a folder to write to',
  up: 'Parent folder',
  choose: 'Choose this folder',
  cancel: 'Cancel',
  empty: 'No folders in here.',
  files: (n: number): string => `${count(n, 'file', 'files')} in this folder`,
  path: 'Path',
  go: 'Go',
  list: 'Folders',
  listFiles: 'Folders and files',
  titleFile: 'Choose a file',
  titleOpen: 'Choose a folder or a file',
  titlePlace: (label: string): string => `Choose where to: ${label}`,
  pickFor: (label: string): string => `Browse: ${label}`,
  emptyFiles: (endings: string): string =>
    endings === '' ? 'Nothing in here.' : `No folders and no such files (${endings}) in here.`,
  choosable: (n: number, endings: string): string =>
    `${count(n, 'file', 'files')} to choose from${endings === '' ? '' : ` (${endings})`}`,
  noEnding: 'no ending',
  loading: 'Reading the folder…',
};
