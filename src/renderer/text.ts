import type { ContrastName, DeviceChoice, SliceAxis, WarningCode } from '../core/contract/schemas.ts';
import type { Task } from './state/store.ts';
import type { ColumnKind, PlaneName } from './state/view.ts';
import type { WindowPreset } from './viewer/windowing.ts';

/** Every word that the window shows. */
const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

const tasks: Record<Task, string> = {
  studies: 'Studies',
  pair: 'Pair',
  enhance: 'Enhance',
  review: 'Review',
  export: 'Export',
};

const contrasts: Record<ContrastName, string> = {
  t1: 'T1',
  t1c: 'T1 with contrast agent',
  t2: 'T2',
  pd: 'PD',
  flair: 'FLAIR',
  'fs-pd': 'PD, fat suppressed',
  'fs-t2': 'T2, fat suppressed',
  stir: 'STIR',
  swi: 'SWI',
  dwi: 'Diffusion',
  localizer: 'Localizer',
  derived: 'Derived',
  unknown: 'Contrast unknown',
};

const warningTitles: Record<WarningCode, string> = {
  gap: 'Missing slices',
  'duplicate-slices': 'Duplicate slices',
  'uneven-spacing': 'Uneven slice spacing',
  'mixed-orientation': 'Mixed orientation',
  'mixed-size': 'Mixed image size',
  'mixed-spacing': 'Mixed pixel spacing',
  'mixed-frame-of-reference': 'Mixed frame of reference',
  'sheared-stack': 'Slices shifted sideways',
  'first-volume-only': 'Only the first volume is used',
  'single-slice': 'Single slice',
  'missing-geometry': 'Geometry missing',
  'zero-filled': 'Already interpolated by the scanner',
  'reference-coarser-than-target': 'Reference is coarser than the target',
  'target-zero-filled': 'Target was already interpolated',
  'no-overlap': 'No overlap',
  'partial-overlap': 'Partial overlap',
  'different-frame-of-reference': 'Different frame of reference',
  'contrast-unknown': 'Contrast unknown',
  'same-contrast': 'Same contrast',
  'lossy-compressed': 'Lossy compression',
  'not-finite-voxels': 'Values that are no numbers',
  'outside-model-envelope': 'Unlike what the model was trained on',
  'operators-fall-back': 'Partly run on the processor',
};

const planes: Record<PlaneName, string> = { axial: 'Axial', sagittal: 'Sagittal', coronal: 'Coronal' };

const orientations: Record<SliceAxis, string> = {
  axial: 'axial',
  sagittal: 'sagittal',
  coronal: 'coronal',
};

const columns: Record<ColumnKind, string> = {
  target: 'Target',
  reference: 'Reference',
  enhanced: 'Enhanced',
  'zero-filled': 'Zero-filled',
  'aligned-reference': 'Reference, aligned',
};

const presets: Record<WindowPreset, string> = {
  series: 'Series',
  full: 'Full range',
  soft: 'Soft',
  hard: 'Hard',
};

const devices: Record<DeviceChoice, string> = {
  auto: 'Automatic',
  cpu: 'Processor (CPU)',
  webgpu: 'Graphics card (WebGPU)',
  cuda: 'NVIDIA graphics card (CUDA)',
  dml: 'Graphics card (DirectML)',
  coreml: 'Apple (CoreML)',
};

const stages: Record<string, string> = {
  waiting: 'Waiting for another job',
  copying: 'Copying the dropped files',
  reading: 'Reading',
  scanning: 'Reading',
  registering: 'Aligning the reference',
  resampling: 'Resampling the reference',
  enhancing: 'Enhancing',
  exporting: 'Writing',
  writing: 'Writing',
  loading: 'Loading',
};

export const text = {
  product: 'Tandem MR',
  banner: 'Research use only — not for diagnosis',

  tasks,
  tasksLabel: 'Tasks',
  contrasts,
  warningTitles,
  planes,
  orientations,
  columns,
  devices,
  stage: (stage: string): string => stages[stage] ?? stage.charAt(0).toUpperCase() + stage.slice(1),

  connection: {
    connecting: 'Connecting to the workstation…',
    ready: 'Connected',
    stoppedTitle: 'The workstation has stopped',
    stopped: 'Jobs that were running are lost. The window comes back by itself once the workstation does.',
    refusedTitle: 'This window is no longer known to the workstation',
    refused:
      'Its address works once, in one browser. Start “tandem serve” again and open the address that it prints.',
    retry: 'Try now',
    noneTitle: 'No workstation',
  },

  open: {
    title: 'Open a study',
    intro:
      'A folder of DICOM files, or NIfTI files. Nothing leaves this machine; originals are never changed.',
    pathLabel: 'Folder or file',
    pathPlaceholder: '/path/to/study',
    open: 'Open',
    browse: 'Browse…',
    drop: 'Drop a folder or files here',
    dropNow: 'Let go to open',
    recent: 'Recent',
    noRecent: 'What you open appears here.',
    another: 'Open another',
    dropCopied: 'Dropped files are copied to a temporary folder of the workstation.',
    reading: 'Reading',
  },

  browse: {
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
  },

  studies: {
    found: (studies: number, series: number): string =>
      `${count(studies, 'study', 'studies')}, ${count(series, 'series', 'series')}`,
    noDescription: 'Study without a description',
    series: 'Series',
    slices: (n: number): string => count(n, 'slice', 'slices'),
    refused: (n: number): string => `${count(n, 'file', 'files')} not readable`,
    why: 'Why this contrast',
    goOn: 'Go on to the pair',
    noPair: 'No pair of series here fits for guided enhancement. A target alone can still be enhanced.',
    warnings: (n: number): string => count(n, 'warning', 'warnings'),
    afterSlice: (slice: number): string => `after slice ${slice}`,
    positionMm: (mm: number): string => `at ${mm.toFixed(1)} mm`,
    target: 'Target',
    reference: 'Reference',
    chosen: 'Chosen study',
  },

  pair: {
    title: 'Pair',
    intro: 'The target is enhanced; the reference, of another contrast and sharper, guides it.',
    target: 'Target',
    reference: 'Reference',
    none: 'None: enhance the target alone',
    swap: 'Swap target and reference',
    suggested: 'Suggested pair',
    notSuggested: 'Your own choice: the study was not found to suggest this pair.',
    alone: 'Without a reference, only single-image models can be used.',
    reasons: 'Why',
    score: 'Fit',
    others: 'Other suggestions',
    use: 'Use',
    accept: 'Use this pair',
    nothing: 'Open a study first.',
  },

  enhance: {
    title: 'Enhance',
    scale: 'Scale',
    model: 'Model',
    noModel: 'There is no model for this scale and pair.',
    noModels: 'No model was found.',
    modelsRefused: (n: number): string => `${count(n, 'model package', 'model packages')} could not be read`,
    guided: 'guided',
    single: 'single image',
    otherContrast: 'made for other contrasts',
    card: 'Model card',
    version: 'Version',
    madeFor: 'Made for',
    unseenGain: 'Measured',
    unseenGainWords: (gain: { readonly cases: number; readonly psnrInside: number } | null): string =>
      gain === null
        ? 'on no patient that it had not seen'
        : `${gain.psnrInside < 0 ? '−' : '+'}${Math.abs(gain.psnrInside).toFixed(2)} dB over interpolation inside the head, ` +
          `${count(gain.cases, 'scan', 'scans')} it had never seen`,
    parameters: 'Parameters',
    intendedUse: 'Intended use',
    licence: 'Licence',
    contrastWarning: (target: ContrastName): string =>
      target === 'unknown'
        ? 'What this model was trained on is not known. What it does to these images was not measured.'
        : `This model was made for ${contrasts[target]} targets. What it does to other contrasts was not measured.`,
    device: 'Device',
    registration: 'Alignment of the reference',
    rigid: 'Rigid registration',
    fromHeaders: 'None: trust the headers',
    start: 'Enhance',
    again: 'Enhance again',
    cancel: 'Cancel',
    cancelling: 'Cancelling…',
    cancelled: 'Cancelled. Nothing was written.',
    done: 'Enhanced',
    review: 'Review',
    exportIt: 'Export',
    progress: (done: number, total: number): string => `${done} of ${total}`,
    secondsLeft: (left: string): string => `about ${left} left`,
    starting: 'Starting',
    untrusted: 'The alignment of the reference is not to be trusted',
    accept: 'Accept and go on',
    without: 'Go on without registration',
    verdict: 'Alignment',
    verdicts: { trusted: 'Trusted', untrusted: 'Not trusted, accepted by you', none: 'From the headers' },
    mi: 'Mutual information',
    rotation: 'Rotation found',
    translation: 'Displacement found',
    overlap: 'Overlap',
    deviceUsed: 'Device',
    seconds: 'Time',
    clipped: 'Voxels clipped',
    size: 'Matrix',
    spacing: 'Spacing',
    tiled: 'in tiles',
    memory: 'Peak memory',
    workers: (n: number): string => count(n, 'worker', 'workers'),
  },

  review: {
    title: 'Review',
    layout: 'Layout',
    all: 'All planes',
    columns: 'Images',
    window: 'Window',
    presets,
    reset: 'Reset',
    display: 'Display',
    smooth: 'Smooth between voxels',
    labels: 'Labels',
    crosshair: 'Crosshair',
    resetView: 'Reset zoom and position',
    center: 'Level',
    width: 'Width',
    groupTarget: 'Target and enhanced',
    groupReference: 'Reference',
    nothing: 'Open a study to see images.',
  },

  export: {
    title: 'Export',
    nothing: 'There is no enhanced series yet.',
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
    enhancedFrom: (target: string, scale: number, model: string): string =>
      `${target}, ×${scale} by ${model}`,
  },

  viewer: {
    label: 'Images',
    enhancedLabel: (scale: number, model: string): string => `ENHANCED ×${scale} · ${model} · RUO`,
    zeroFilledLabel: (scale: number): string => `ZERO-FILLED ×${scale} · interpolated`,
    alignedLabel: 'ALIGNED to the target',
    slice: (index: number, total: number): string => `${index} / ${total}`,
    notAcquired: 'not acquired',
    outside: 'outside this series',
    loading: 'Loading',
    viewport: (series: string, plane: string, slice: string): string => `${series}, ${plane}, slice ${slice}`,
    windowValues: (center: string, width: string): string => `L ${center}  W ${width}`,
    empty: 'Nothing to show yet.',
    noColumns: 'All images are switched off. Switch one on under Review.',
    panelToggle: 'Side panel',
  },

  help: {
    title: 'Shortcuts',
    open: 'Shortcuts (?)',
    mouse: 'Mouse',
    keyboard: 'Keyboard',
    close: 'Close',
    rows: [
      ['Wheel', 'Scroll through the slices of the image under the pointer; the others follow'],
      ['Left drag', 'Window: right for wider, down for darker'],
      ['Middle drag', 'Move'],
      ['Right drag', 'Zoom'],
      ['Shift + left drag', 'Move the crosshair'],
      ['Double click', 'This plane large, and back'],
    ] as readonly (readonly [string, string])[],
    keys: [
      ['↑ ↓ ← →', 'One slice'],
      ['Page Up, Page Down', 'Ten slices'],
      ['Home, End', 'First slice, last slice'],
      ['1, 2, 3', 'Axial, sagittal, coronal large'],
      ['4', 'All planes'],
      ['W', 'Reset the windows'],
      ['Shift + W', 'Next window preset'],
      ['+, −', 'Zoom'],
      ['R', 'Reset zoom, position and windows'],
      ['X', 'Crosshair'],
      ['I', 'Smooth, or voxels as they are'],
      ['L', 'Labels'],
      ['B', 'Side panel'],
      ['?', 'This sheet'],
    ] as readonly (readonly [string, string])[],
  },

  errors: {
    title: 'This did not work',
    hint: 'What to do',
    crashed: 'The window has met an error',
    crashedHint: 'Your originals are untouched. Reload the window to go on.',
    reload: 'Reload',
    dismiss: 'Dismiss',
    retry: 'Try again',
  },

  units: {
    mm: 'mm',
    seconds: (s: number): string => `${Number.isInteger(s) || s >= 10 ? Math.round(s) : s.toFixed(1)} s`,
    minutes: (m: number, s: number): string => `${m} min ${s} s`,
  },
} as const;
