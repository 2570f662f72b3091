import { count } from './count.ts';

export const openText = {
  title: 'Open a study',
  intro: 'A folder of DICOM files, or NIfTI files. Nothing leaves this machine; originals are never changed.',
  pathLabel: 'Folder or file',
  pathPlaceholder: '/path/to/study',
  open: 'Open',
  browse: 'Browse…',
  drop: 'Drop a folder or files here',
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
  loading: 'Reading the folder…',
};
