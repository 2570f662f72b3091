/** Words of pictures and case pages. */
export const reportText = {
  title: 'Pictures and page',
  intro:
    'Pictures keep the label of enhanced images and the research-use mark, with or without the other words.',
  overlays: 'With labels, marks and measurements',
  what: 'Picture of',
  one: 'The active view',
  all: 'All views',
  download: 'Download',
  save: 'Save to a folder…',
  page: 'Write a page of this case…',
  pageNote: 'One HTML file to read or print: what, which model, numbers, measurements, pictures.',
  withPatient: 'With name and number of the patient',
  noPage: 'A page is about an enhanced series: enhance first.',
  saved: 'Saved',
  folderTitle: 'Choose a folder to write to',
  copy: 'Copy path',
  viewsTitle: 'The views, as they were on the screen',
  nothingActive: 'Click on a view first, or take all of them.',
  savePicture: 'Save a picture of all views…',
  downloadPicture: 'Download a picture of all views',
  noImages: '–',
};
