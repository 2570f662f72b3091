import type { Settings } from '../state/settings.ts';

const themes: Record<Settings['theme'], string> = {
  system: 'As the system',
  dark: 'Dark',
  light: 'Light',
};

const wheels: Record<Settings['wheel'], string> = {
  'down-next': 'Down: next slice',
  'down-previous': 'Down: previous slice',
};

const windows: Record<Settings['window'], string> = {
  series: 'As the series suggests',
  full: 'Full range of values',
};

const drags: Record<Settings['rightDrag'], string> = {
  window: 'Window',
  pan: 'Pan',
  zoom: 'Zoom',
  scroll: 'Scroll',
};

export const settingsText = {
  title: 'Settings',
  open: 'Settings…',
  intro: 'Kept on this workstation, for every window of it.',
  notKept: 'The settings could not be kept: they last until this window closes.',
  appearance: 'Appearance',
  theme: 'Theme',
  themes,
  themeCommand: (name: string): string => `Theme: ${name.toLowerCase()}`,
  scaling: 'Larger or smaller: Ctrl and + or −, as in any browser.',
  language: 'Language',
  languageHint: 'The window starts again in another language.',
  images: 'Images',
  window: 'Window of a new study',
  windows,
  smooth: 'Interpolate between voxels',
  wheel: 'Mouse wheel',
  wheels,
  leftDrag: 'Left drag',
  middleDrag: 'Middle drag',
  rightDrag: 'Right drag',
  drags,
  work: 'Work',
  device: 'Device to begin with',
  exportFolder: 'Folder for exports',
  exportFolderHint: 'Empty: beside the study.',
  browse: 'Browse: folder for exports',
  privacy: 'Privacy',
  hidePatient: 'Hide names and numbers of patients on the screen',
  hidePatientHint: 'For demonstrations. Exports are not changed by it: for that there is De-identify.',
  pacs: 'PACS',
  pacsOpen: 'Set up PACS…',
  reset: 'Restore the defaults',
  hidden: '•••',
};
