/** Words of the help sheet around its pages. */
export const helpCentreText = {
  title: 'Help',
  open: 'Help',
  about: (task: string): string => `Help about ${task}`,
  search: 'Search the help',
  topics: 'Topics',
  nothing: 'No page has these words.',
  shortcuts: 'Shortcuts',
  diagnostics: 'Diagnostics',
  pages: 'Pages',
  diagnosticsIntro:
    'For an issue: versions, machine, devices, models and last errors. Names of patients and paths are taken out; read it before you pass it on.',
  collecting: 'Asking the workstation…',
  copy: 'Copy',
  text: 'Diagnostics as text',
};
