import type { Enhancement, LibrarySort } from '../../core/contract/library.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';

type EnhancedWith = Pick<Enhancement, 'scale' | 'model' | 'modelVersion' | 'modelState'>;

/** Words of the library of studies. */
export const libraryText = {
  title: 'Library',
  search: 'Search the library',
  searchPlaceholder: 'Patient, ID, date, description, contrast …',
  from: 'From',
  to: 'To',
  dates: 'Study dates',
  sort: 'Sort by',
  sorts: {
    opened: 'Opened last',
    added: 'Added last',
    date: 'Study date',
    patient: 'Patient',
    description: 'Description',
  } satisfies Record<LibrarySort, string>,
  reading: 'Reading the library…',
  notConnected: 'It is read when the window is connected to the workstation.',
  empty: 'No study yet.',
  emptyHint:
    'Open a folder, drop one on the window, or try the digital phantom. What you open is kept here, as an index: the files stay where they are.',
  nothingFound: 'No study fits.',
  clearSearch: 'Clear the search',
  found: (shown: number, total: number): string =>
    shown === total ? `${total} ${total === 1 ? 'study' : 'studies'}` : `${shown} of ${total} studies`,
  more: 'Show more',
  noPatient: 'No patient name',
  seriesCount: (count: number): string => `${count} series`,
  open: 'Open',
  openNamed: (study: string): string => `Open ${study}`,
  details: 'Series and results',
  missing: 'Missing',
  missingIntro: 'These folders are not there now: a disk that is not plugged in, or a folder that was moved.',
  partlyMissing: 'Partly missing',
  relocate: 'Find where it is now …',
  relocateTitle: 'Where is the study now?',
  relocated: (series: number): string => `${series} series found again`,
  copy: 'A copy in the library',
  keepCopy: 'Keep a copy',
  keepCopyNote: 'The dropped files are temporary. Keep a copy in the library to open the study again later.',
  kept: 'A copy is in the library.',
  forget: 'Forget …',
  forgetTitle: 'Forget this study?',
  forgetWhat: (results: number): string =>
    `It goes from the library, with its thumbnails${
      results === 0 ? '' : ` and ${results} stored ${results === 1 ? 'result' : 'results'}`
    }. The files of the study are not touched.`,
  forgetCopies: 'The copies that the library made are deleted too: this cannot be undone.',
  forgetYes: 'Forget',
  cancel: 'Cancel',
  enhanced: (count: number): string => `enhanced ${count === 1 ? 'once' : `${count} times`}`,
  enhancedWith: 'Enhanced',
  enhancement: ({ scale, model, modelVersion, modelState }: EnhancedWith): string => {
    const mark = unacceptedMark(modelState);
    return `×${scale} ${model} ${modelVersion}${mark === undefined ? '' : ` · ${mark}`}`;
  },
  exportedTo: (folder: string): string => `exported to ${folder}`,
  /** Why an enhanced series cannot be opened from the library. */
  gone: { 'by-user': 'removed', 'for-room': 'removed to make room', never: 'not kept in the library' },
  openResult: 'Open result',
  openResultOf: (what: string): string => `Open result: ${what}`,
  removeResult: 'Remove',
  removeResultOf: (what: string): string => `Remove the stored result: ${what}`,
  storage: (used: string, limit: string): string =>
    `Stored results: ${used} of ${limit}. When that is full, those not opened for longest are removed.`,
  setAsideTitle: 'The library was damaged and has been begun anew',
  setAside: 'What was there is kept in this file. Studies come back as you open them.',
  acknowledge: 'Understood',
  gigabytes: (bytes: number): string =>
    bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`,
  unavailable: 'The library cannot be read',
  thumbnail: '',
  cannotReturn: 'The study that was open last cannot be opened',
} as const;
