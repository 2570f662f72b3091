import type { ModelState } from '../../core/contract/modelStates.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';

/** What an image of a model that no one has accepted here says of it, wherever it is named. */
const marked = (state: ModelState | undefined): string => {
  const mark = unacceptedMark(state);
  return mark === undefined ? '' : ` · ${mark}`;
};

/** Over the images. */
export const viewerText = {
  label: 'Images',
  enhancedLabel: (scale: number, model: string, state: ModelState | undefined): string =>
    `ENHANCED ×${scale}${marked(state)} · ${model} · RUO`,
  zeroFilledLabel: (scale: number): string => `ZERO-FILLED ×${scale} · interpolated`,
  alignedLabel: 'ALIGNED to the target',
  slice: (index: number, total: number): string => `${index} / ${total}`,
  notAcquired: 'not acquired',
  notComputed: 'not computed yet',
  computingLabel: (scale: number, model: string, state: ModelState | undefined): string =>
    `ENHANCED ×${scale}${marked(state)} · ${model} · RUO · being computed`,
  outside: 'outside this series',
  emptyCell: 'No image',
  cellName: (row: number, column: number): string => `row ${row}, column ${column}`,
  cellOf: (cell: string): string => `View in ${cell}`,
  imageOf: (cell: string): string => `Image in ${cell}`,
  planeOf: (cell: string): string => `Plane in ${cell}`,
  value: (value: string): string => `Value ${value}`,
  nothingToCapture: 'There is no such image on the screen',
  nothingToCaptureHint: 'Open a study and show the image first.',
  noPicture: 'The picture could not be made',
  loading: 'Loading',
  viewport: (series: string, plane: string, slice: string): string => `${series}, ${plane}, slice ${slice}`,
  windowValues: (center: string, width: string): string => `L ${center}  W ${width}`,
  empty: 'Nothing to show yet.',
  noColumns: 'All images are switched off. Switch one on under Review.',
  panelToggle: 'Side panel',
};
