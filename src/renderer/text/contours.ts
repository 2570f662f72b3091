import type { OutlineMode } from '../state/contours.ts';
import type { CorrectingTool } from '../state/view.ts';

const modes: Record<OutlineMode, string> = {
  own: 'Each image its own',
  all: 'All over every image',
};

const steps: Record<CorrectingTool | 'back', (name: string) => string> = {
  brush: (name) => `paint the outline, ${name}`,
  eraser: (name) => `erase from the outline, ${name}`,
  back: (name) => `back to what the model found, ${name}`,
};

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
const signed = (value: number, decimals: number): string => {
  const rounded = Math.abs(value).toFixed(decimals);
  if (Number(rounded) === 0) return `±${rounded}`;
  return `${value < 0 ? '−' : '+'}${rounded}`;
};

const marked = (words: string, mark: string | undefined): string =>
  mark === undefined ? words : `${words} · ${mark}`;

/** The tumour preview of Review: finding outlines, comparing, correcting and writing them. */
export const contoursText = {
  title: 'Tumour outline (preview)',
  preview:
    'Research-use preview: a network draws these outlines. Not for diagnosis, not for planning. See what enhancement does to a contour, not what is in the patient.',
  mark: (model: string): string => `PREVIEW outline · ${model} · RUO`,
  markedModel: (mark: string | undefined, model: string): string =>
    mark === undefined ? model : `${mark} ${model}`,
  byHeaders: 'placed by the headers',
  corrected: (name: string): string => `${name}, corrected`,

  images: {
    acquired: 'Acquired',
    zeroFilled: (scale: number): string => `Zero-filled ×${scale}`,
    enhanced: (scale: number, mark?: string): string => marked(`Enhanced ×${scale}`, mark),
    result: (scale: number, model: string, mark?: string): string =>
      marked(`Enhanced ×${scale} · ${model}`, mark),
  },

  loading: 'Looking for segmentation models …',
  noModels: 'No segmentation model is here.',
  noModelsHint:
    'Bring one: tandem segment import MODEL.onnx --description D.json, or train one: tandem train-segmentation (docs/segmentation.md). Then look again.',
  lookAgain: 'Look again',
  model: 'Segmentation model',
  modelChoice: (name: string, dice: number | null, chosenDice: number | null): string => {
    if (dice !== null) return `${name} · Dice ${dice.toFixed(3)}`;
    return chosenDice === null ? name : `${name} · Dice ${chosenDice.toFixed(3)}, chosen on them`;
  },
  dice: 'Dice, unseen patients',
  chosenDice: 'Dice, patients that its weights were chosen on',
  diceUnknown: 'not measured',
  licence: 'Licence',
  contrasts: 'Contrasts',
  contrast: (name: string, required: boolean): string =>
    `${name.toUpperCase()}${required ? '' : ' (can do without)'}`,
  states: {
    CANDIDATE: 'CANDIDATE: this model does not ship with the program, and nobody has accepted it here.',
    RETIRED: 'RETIRED: this model was taken out of use here.',
  },
  refused: (n: number): string => `${count(n, 'package was', 'packages were')} refused:`,

  look: 'Look in',
  imagesHint: 'Enhance the target to see its outline beside the acquired one.',
  tooMany: (most: number): string => `${most} images at most.`,
  reference: (name: string): string => `With the reference: ${name}`,
  referenceOwn: 'An enhanced image brings the reference that it was made with, also where this is off.',
  referenceMissing: 'No reference is given: the model does without, and less is to be expected of it.',
  find: 'Find the outline',
  again: 'Find it again',
  cancelled: 'Cancelled. What was found before that stays.',
  stoppedAt: (name: string): string => `Stopped at: ${name}`,
  untrusted: 'The alignment is not to be trusted',
  accept: 'Go on all the same',
  imageOf: (at: number, total: number, name: string): string => `Image ${at} of ${total}: ${name}`,

  nothingFound: (highest: number): string =>
    `Nothing found. The highest probability anywhere is ${highest.toFixed(2)}.`,
  modelFoundNothing: (highest: number): string =>
    `The model found nothing: its highest probability anywhere was ${highest.toFixed(2)}. All that is marked was painted.`,
  nothingLeft: 'Nothing is marked any more.',
  warnings: 'What to know',
  ofImages: (names: readonly string[]): string => `${names.join(', ')}: `,

  display: 'How outlines are shown',
  shown: 'Show outlines',
  mode: 'Over the images',
  modes,
  opacity: 'Opacity of outlines',
  filled: 'Filled',
  legend: 'Outlines',
  label: 'Label',
  allLabels: 'All together',

  table: 'Volumes and agreement',
  caption: (name: string): string => `Against ${name}`,
  columns: {
    image: 'Image',
    ml: 'ml',
    difference: 'Difference',
    dice: 'Dice',
    hd95: 'HD95, mm',
  },
  difference: (ml: number, percent: number | null): string =>
    `${signed(ml, 2)}${percent === null ? '' : ` (${signed(percent, 1)} %)`}`,
  hd95Long: '95 % Hausdorff distance, mm',
  measuring: 'Measuring …',
  pending: '…',
  none: '–',
  truthIs: 'The labels over the images are the truth',
  truthWhich: 'Label of the truth',
  truthAll: 'All labels',
  truthName: 'truth',
  truthRow: 'Truth',
  noTruth: 'Open labels under “Labels over the images” to compare with a truth.',
  copyCsv: 'Copy as CSV',
  csvPreview: 'research-use preview',

  parts: 'Parts and confidence',
  partsOf: (name: string, n: number | undefined): string =>
    `${name}: ${n === undefined ? 'measuring …' : count(n, 'part', 'parts')}`,
  partsFound: 'As the model found them, before the correction:',
  part: (ml: string, slice: number): string => `${ml} ml, slice ${slice}`,
  goToPart: (name: string, n: number, ml: string, slice: number): string =>
    `${name}, part ${n}: ${ml} ml, go to slice ${slice}`,
  confidence: (share: number): string => `${Math.round(100 * share)} % agreement`,
  confidenceHint: 'Agreement of the mirrored images: how steady the network is, not how right.',
  dropped: (n: number): string => `${count(n, 'part was', 'parts were')} too small or too many and left out.`,
  changes: (added: string, removed: string): string =>
    `Corrected by the reader: ${added} ml added, ${removed} ml taken away.`,

  curve: 'Dice, slice by slice',
  curveAgainst: 'Curve against',
  curveValue: (slice: number, slices: number, values: readonly string[]): string =>
    [`Slice ${slice} of ${slices}`, ...values].join(', '),
  curveOne: (name: string, dice: number | null): string =>
    `${name} ${dice === null ? 'none' : dice.toFixed(2)}`,
  curveHint: 'Click, or use the arrow keys: the images go to that slice. Gaps: nothing in either.',

  brush: {
    title: 'Correct',
    tools: { brush: 'Brush', eraser: 'Eraser' } satisfies Record<CorrectingTool, string>,
    stop: 'Stop correcting',
    radius: 'Radius, mm',
    wider: 'Wider brush',
    narrower: 'Narrower brush',
    hint: 'Paints the outline of the image under the pointer, in the slice that is seen. With keys: Shift + arrows move the crosshair, Enter paints there.',
    paints: 'Paints',
    back: 'Back to what the model found',
    backOf: (name: string): string => `Back to what the model found, ${name}`,
    noOutline: 'No outline was found on this image: there is nothing to correct. Find one first.',
    noSlice: 'This plane does not lie along the image’s slices: choose one that does.',
    searching: 'New outlines are being looked for: these will go. Wait, or cancel, then correct.',
    compared:
      'Two images are compared here: it would not be clear whose outline is painted. Switch the comparison off first.',
    notAcquired: 'This slice was not acquired: nothing can be painted there.',
    steps,
  },

  export: {
    title: 'Write to files',
    which: 'Outline',
    all: 'All, each in a folder of its own',
    folder: 'Folder for the outline (new or empty)',
    format: 'Outline as',
    formats: { 'dicom-seg': 'DICOM SEG + report', nifti: 'NIfTI' },
    deidentify: 'De-identify the files',
    start: 'Write',
    done: (name: string, files: number): string => `${name}: ${count(files, 'file', 'files')} written`,
    cancelled: 'Cancelled. Nothing was left behind.',
    cancelledAfter: 'Cancelled. What is listed below was written before that, and stays; nothing else does.',
    notTaken: (name: string): string =>
      `The corrections of “${name}” did not reach the workstation: nothing was written`,
  },

  lose: {
    title: 'Corrections were not written',
    words: 'You corrected an outline and did not write it to files. What comes next takes that away.',
    keep: 'Keep my corrections',
    lose: 'Go on without them',
  },

  commands: {
    toggle: 'Show outlines, or hide them',
    mode: 'Outlines: each image its own, or all over every image',
  },
};
