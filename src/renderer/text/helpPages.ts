import type { Task } from '../state/store.ts';

/** A short page of help: paragraphs of plain words. */
export interface HelpPage {
  readonly title: string;
  readonly paragraphs: readonly string[];
}

export type HelpTopic = Task | 'start' | 'trust' | 'privacy' | 'jobs' | 'trouble';

/** The pages that ship with the window; nothing is fetched from anywhere. */
export const helpPages: Record<HelpTopic, HelpPage> = {
  start: {
    title: 'Beginning',
    paragraphs: [
      'Tandem MR enhances a slow, coarse series (the target, such as T2 or FLAIR) with the help of a fast, fine one of another contrast of the same patient (the reference, such as T1).',
      'Open a folder of DICOM files, a NIfTI file, an archive or a DICOMDIR: type its path, browse to it, drop it on the window, or choose it in the library. Originals are only read.',
      'The tasks stand in the order of the work: Studies, Pair, Align, Enhance, Review, Export. Each can be opened at any time; what is missing for it is said there.',
      'Everything can be tried without data: “Try it with the digital phantom” computes a study and leads through all tasks.',
    ],
  },
  studies: {
    title: 'Studies',
    paragraphs: [
      'Here stands what was found: studies, their series, what contrast each is taken for and why, and every warning about its geometry, with the place of it.',
      'A missing slice stays missing: it is hatched in the images and never invented. Files that could not be read are listed with the reason; the rest is read all the same.',
      'The library keeps an index of what you opened, not copies. If a folder was moved, tell the library where it is now.',
    ],
  },
  pair: {
    title: 'Pair',
    paragraphs: [
      'Choose the target, which is enhanced, and the reference, which guides it. The pair that fits best is suggested, with the reasons for and against.',
      'Without a reference only single-image models can be used; they gain less.',
    ],
  },
  align: {
    title: 'Align',
    paragraphs: [
      'The reference must lie on the target. Registration finds how the patient moved between the two, and gives a verdict with its numbers: mutual information, overlap, motion found, and how well each slice agrees.',
      'Look at it with blend, checkerboard, swipe or edges. Where it is wrong, move the reference by hand, with keys, handles or numbers, and register again from there; every step can be undone.',
      'An alignment that is not trusted is not used unless you accept it. You can also go on without the reference.',
    ],
  },
  enhance: {
    title: 'Enhance',
    paragraphs: [
      'Choose the scale and a model. Models made for this pair of contrasts come first; a card says what each was trained on, what it gained on patients it had never seen, and its limits.',
      'Where this scan is unlike what the model was trained on, a warning says in what. What the model does to such a scan was not measured.',
      'Enhancing runs in the workstation, not in the window: you can go on with other work, close the window and come back.',
    ],
  },
  review: {
    title: 'Review',
    paragraphs: [
      'Original and enhanced images scroll, zoom and are windowed together, in the patient’s space. The original is one key away: hold O.',
      'Compare with swipe, checkerboard, blink or difference, against the original as acquired or as interpolated. What only the enhanced image shows was inferred by a network from other patients: look for it in the reference, or acquire it.',
      'Lengths, angles, regions and profiles are measured in millimetres and in the values of the series. Pictures and pages keep the label of enhanced images and the research-use mark.',
      'Tumour outline (preview) lets a segmentation network look at the acquired, the interpolated and the enhanced image, and compares what it draws: volumes, Dice, distances. Brush and eraser correct an outline, Ctrl+Z takes it back. It is a research-use preview: it says what enhancement does to a contour.',
    ],
  },
  export: {
    title: 'Export',
    paragraphs: [
      'Writes the enhanced series as a new series of the same study: DICOM, marked as derived and for research use, with the model and its hash; or NIfTI. The folder is written whole or not at all.',
      'What was written is checked before it is sent: by our own rules, and by dciodvfy where it is installed.',
      'De-identify changes names and UIDs in what is written. It does not change pixels: look at burned-in text and faces yourself.',
    ],
  },
  trust: {
    title: 'What an enhanced image is',
    paragraphs: [
      'It is for research use only, not for diagnosis. A network has computed it; detail in it is inferred, not measured. It can be wrong in ways that look right.',
      'Every enhanced image says so on the screen, in every picture, page and file, with the scale and the model. These labels cannot be switched off.',
      'The same input, model and device give the same values again.',
    ],
  },
  privacy: {
    title: 'Privacy',
    paragraphs: [
      'Nothing leaves this machine, but to a PACS that you set up, when you send to it. There is no telemetry and no update check.',
      'The library holds names of patients in the data folder, readable by you alone. “Hide names and numbers of patients” in the settings hides them on the screen, for demonstrations.',
      'Diagnostics hold no patient data and no paths; read them before you pass them on all the same.',
    ],
  },
  jobs: {
    title: 'Jobs',
    paragraphs: [
      'Long work waits in a queue that belongs to the workstation. Closing or reloading the window cancels nothing; a job that fails says why, and the next one begins.',
      'Jobs can be cancelled and tried again. Results are stored until they are removed or must make room, and can be opened from the library.',
    ],
  },
  trouble: {
    title: 'When something does not work',
    paragraphs: [
      'Every error says what is wrong, which file it is about and what can be done. Nothing of yours is lost by it: originals are only read, and what is written is written whole or not at all.',
      'If the window itself meets an error, reload it. If the workstation has stopped, start it again: the window comes back to where you were.',
      'For an issue, copy the diagnostics: versions, devices, models and the last errors.',
    ],
  },
};
