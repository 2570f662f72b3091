import type { Task } from './state/store.ts';
import type { TaskState } from './state/taskStates.ts';
import { alignText } from './text/align.ts';
import { commandsText, keysText, paletteText } from './text/commands.ts';
import { companionText } from './text/companion.ts';
import { contoursText } from './text/contours.ts';
import { deidentifyText } from './text/deidentify.ts';
import { enhanceText } from './text/enhance.ts';
import { checkText, exportText } from './text/export.ts';
import { finetuneText } from './text/finetune.ts';
import { helpText } from './text/help.ts';
import { helpCentreText } from './text/helpCentre.ts';
import { helpPages } from './text/helpPages.ts';
import { jobsText } from './text/jobs.ts';
import { chosenLanguage } from './text/language.ts';
import { libraryText } from './text/library.ts';
import { modelsText } from './text/models.ts';
import { browseText, openText } from './text/open.ts';
import { pacsFindText, pacsReceiveText, pacsText } from './text/pacs.ts';
import { pairText } from './text/pair.ts';
import { reportText } from './text/report.ts';
import { measureText, reviewText } from './text/review.ts';
import { settingsText } from './text/settings.ts';
import { studiesText } from './text/studies.ts';
import { columns, contrasts, devices, orientations, planes, stages, warningTitles } from './text/terms.ts';
import { tourText } from './text/tour.ts';
import { viewerText } from './text/viewer.ts';
import { connectionText, errorsText, unitsText } from './text/window.ts';

const tasks: Record<Task, string> = {
  studies: 'Studies',
  pair: 'Pair',
  align: 'Align',
  enhance: 'Enhance',
  review: 'Review',
  export: 'Export',
};

/** Every word that the window shows, in English: a file for each room, one line here. */
const english = {
  /** Of numbers, dates and the page: a BCP 47 tag. */
  locale: 'en-GB',
  /** Its name in itself, for the settings. */
  language: 'English',
  product: 'Tandem MR',
  banner: 'Research use only — not for diagnosis',

  tasks,
  tasksLabel: 'Tasks',
  taskStates: {
    done: 'Done',
    open: 'To be done',
    missing: 'Something is missing for it; it says what',
  } satisfies Record<TaskState, string>,
  contrasts,
  warningTitles,
  planes,
  orientations,
  columns,
  devices,
  stage: (stage: string): string => stages[stage] ?? stage.charAt(0).toUpperCase() + stage.slice(1),

  connection: connectionText,
  open: openText,
  browse: browseText,
  studies: studiesText,
  library: libraryText,
  jobs: jobsText,
  models: modelsText,
  finetune: finetuneText,
  pair: pairText,
  align: alignText,
  enhance: enhanceText,

  review: reviewText,
  measure: measureText,
  contours: contoursText,

  export: exportText,
  check: checkText,
  pacs: pacsText,
  pacsFind: pacsFindText,
  pacsReceive: pacsReceiveText,
  companion: companionText,
  deidentify: deidentifyText,

  viewer: viewerText,

  commands: commandsText,
  keys: keysText,
  palette: paletteText,
  report: reportText,
  tour: tourText,
  settings: settingsText,
  help: helpText,
  helpCentre: helpCentreText,
  helpPages,
  errors: errorsText,
  units: unitsText,
};

/** What a translation has to say: the same, word for word and function for function (docs/translating.md). */
export type Catalogue = typeof english;

/** The languages by their BCP 47 tags. A translation is a file of its own in `text/`, and a line here. */
export const CATALOGUES: Readonly<Record<string, Catalogue>> = { en: english };

/** The catalogue of the window, chosen when it starts: another language comes with the next start. */
export const text: Catalogue = CATALOGUES[chosenLanguage()] ?? english;
