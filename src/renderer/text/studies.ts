import { count } from './count.ts';

export const studiesText = {
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
};
