import type { MeasurementKind } from '../../core/volume/measurement.ts';
import type { BetweenVoxels, ComparisonMode } from '../state/comparison.ts';
import type { ColourMapName, GridLayout, Link, Tool } from '../state/view.ts';
import type { WindowPreset } from '../viewer/windowing.ts';

const presets: Record<WindowPreset, string> = {
  series: 'Series',
  full: 'Full range',
  soft: 'Soft',
  hard: 'Hard',
};

const layouts: Record<GridLayout, string> = {
  '1x1': '1 × 1',
  '1x2': '1 × 2',
  '1x3': '1 × 3',
  '2x2': '2 × 2',
};

const tools: Record<Tool, string> = {
  window: 'Window',
  scroll: 'Scroll',
  pan: 'Pan',
  zoom: 'Zoom',
  crosshair: 'Crosshair',
  probe: 'Value at a point',
  length: 'Length',
  angle: 'Angle',
  rectangle: 'Rectangle',
  ellipse: 'Ellipse',
  freehand: 'Freehand region',
  profile: 'Profile along a line',
};

const links: Record<Link, string> = { scroll: 'Slices', zoom: 'Zoom', pan: 'Position', window: 'Window' };

const colourMaps: Record<ColourMapName, string> = {
  grey: 'Grey',
  viridis: 'Viridis',
  cividis: 'Cividis',
  'blue-orange': 'Blue – white – orange',
};

const modes: Record<ComparisonMode, string> = {
  off: 'Off',
  swipe: 'Swipe',
  blink: 'Blink',
  checkerboard: 'Checkerboard',
  difference: 'Difference',
  error: 'Error against a ground truth',
};

const between: Record<BetweenVoxels, string> = {
  nearest: 'as acquired (its nearest voxel)',
  linear: 'interpolated linearly',
};

const kinds: Record<MeasurementKind, string> = {
  probe: 'Value',
  length: 'Length',
  angle: 'Angle',
  rectangle: 'Rectangle',
  ellipse: 'Ellipse',
  freehand: 'Freehand',
  profile: 'Profile',
};

/** Review: how images are laid out, shown and compared. */
export const reviewText = {
  title: 'Review',
  layout: 'Layout',
  layouts,
  all: 'All planes',
  layoutOf: (layout: string): string => `Layout ${layout}`,
  nextLayout: 'Next layout of cells',
  copyCell: 'Copy a picture of the active cell',
  copyAll: 'Copy a picture of all cells',
  maximise: 'This cell large, or all again',
  linkAll: 'Link all cells, or none',
  toolOf: (tool: string): string => `Left button: ${tool}`,
  invertActive: 'Invert what the active cell shows',
  nextColours: 'Next colours for the active cell',
  originalKey: 'Original in place of the enhanced image (hold, or press to stay)',
  columns: 'Images',
  window: 'Window',
  presets,
  reset: 'Reset',
  display: 'Display',
  smooth: 'Smooth between voxels',
  labels: 'Labels',
  patient: 'Patient',
  crosshair: 'Crosshair, and the place of the pointer in every image',
  magnifier: 'Magnifier',
  resetView: 'Reset zoom and position',
  center: 'Level',
  width: 'Width',
  groupTarget: 'Target and enhanced',
  groupReference: 'Reference',
  nothing: 'Open a study to see images.',
  tool: 'Left button',
  tools,
  linked: 'Linked',
  links,
  colours: 'Colours',
  coloursOf: (name: string): string => `Colours, ${name}`,
  colourMaps,
  invert: 'Invert',
  invertOf: (name: string): string => `Invert, ${name}`,
  original: 'Show the original in place of the enhanced image',
  cine: {
    title: 'Play the slices',
    toggle: 'Play the slices, or stop',
    play: 'Play',
    stop: 'Stop',
    speed: 'Slices per second',
    bounce: 'Turn round at the ends',
  },
  compare: {
    title: 'Compare in one image',
    modeOf: (mode: string): string => `Compare: ${mode}`,
    next: 'Next way of comparing',
    swipeOn: 'Move the edge on',
    swipeBack: 'Move the edge back',
    mode: 'How',
    modes,
    first: 'Image',
    second: 'With',
    truth: 'Ground truth',
    chooseTruth: 'Choose a series …',
    edge: 'Edge between the two images',
    direction: 'Edge',
    directions: { horizontal: 'Side by side', vertical: 'One above the other' },
    rate: 'Blinks per second',
    field: 'Size of the fields, pixels',
    between: 'Its values',
    betweenVoxels: between,
    scale: 'Ends of the colours',
    scaleHint: 'In the values of the images; empty: a quarter of the window',
    fields: (name: string): string => `fields: ${name}`,
    differenceTitle: (first: string, second: string): string => `${first} − ${second}`,
    differenceNote: (how: BetweenVoxels, sameGrid: boolean): string =>
      sameGrid ? 'on the same voxels' : `second ${between[how]}`,
    errorTitle: (first: string, truth: string): string => `|${first} − ${truth}|`,
    otherGeometry: 'This series does not lie on the same voxels: it cannot be a ground truth here.',
    missing: {
      second: 'The other image is not there.',
      truth: 'Choose a ground truth under Review.',
    },
    noTruth: 'No series of this study has the size and spacing of this image.',
    measure: 'Measure the error',
    measuring: (done: number, total: number): string => `Slice ${done} of ${total}`,
    whole: 'Whole image',
    inside: 'Inside the head',
    psnr: 'PSNR',
    ssim: 'SSIM',
    decibels: (db: number): string => (Number.isFinite(db) ? `${db.toFixed(2)} dB` : '∞'),
    leftOut: (n: number): string => `${n} ${n === 1 ? 'slice' : 'slices'} not acquired: left out.`,
  },
  labelmap: {
    title: 'Labels over the images',
    path: 'NIfTI file of whole numbers',
    open: 'Show',
    remove: 'Remove',
    labels: 'Labels in the file',
    moreLabels: (n: number): string => `and ${n} more`,
    opacity: 'Opacity',
    outline: 'Outlines only',
    notWhole: 'The values in this file are no whole numbers: it holds no labels',
    notWholeHint: 'Choose a label map: a NIfTI file whose values are 0, 1, 2 …',
    notOne: 'There is no single volume in this file',
  },
};

/** Measurements. */
export const measureText = {
  title: 'Measurements',
  kinds,
  drawn: (name: string): string => `draw ${name}`,
  deleted: (name: string): string => `delete ${name}`,
  allDeleted: 'delete all measurements',
  renamed: (name: string): string => `rename to ${name}`,
  moved: 'move a point',
  none: 'Nothing measured yet. Choose a tool and draw in an image.',
  noVoxels: 'no voxels here',
  meanAndSd: (mean: string, sd: string): string => `${mean} ± ${sd}`,
  show: (name: string): string => `Show ${name}`,
  name: (name: string): string => `Name of ${name}`,
  delete: (name: string): string => `Delete ${name}`,
  deleteAll: 'Delete all',
  deleteSelected: 'Delete the selected measurement',
  deleteAllLong: 'Delete all measurements',
  copyCsvLong: 'Copy the measurements as CSV',
  copyCsv: 'Copy as CSV',
  image: 'Image',
  mean: 'Mean',
  sd: 'SD',
  min: 'Min',
  max: 'Max',
  voxels: 'Voxels',
  value: 'Value',
  profile: (name: string): string => `${name}: values along the line`,
  distance: 'mm',
  keyboardHint: 'With keys: Shift + arrows move the crosshair, Enter sets a point there, Escape gives up.',
};
