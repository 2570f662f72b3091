import type { CompanionKind } from '../state/companionStore.ts';

const kinds: Record<CompanionKind, string> = {
  segmentation: 'Segmentation, from a labelmap',
  'parametric-map': 'Parametric Map, from a volume of numbers',
  'spatial-registration': 'Spatial Registration, from a transform',
  'measurement-report': 'Structured report of measurements',
  nifti: 'A series as NIfTI',
};

const inputs: Record<Exclude<CompanionKind, 'nifti'>, string> = {
  segmentation: 'Labelmap on the series (NIfTI, DICOM Segmentation)',
  'parametric-map': 'Volume on the series (NIfTI)',
  'spatial-registration': 'Transform, target to reference (.tfm)',
  'measurement-report': 'File of measurements (JSON)',
};

export const companionText = {
  open: 'Other exports…',
  title: 'Other exports',
  kind: 'What to export',
  kinds,
  series: 'Series',
  inputs,
  segments: 'Labels and what they are',
  ownSegments: 'A DICOM Segmentation says itself what its labels are.',
  label: (row: number): string => `Label of row ${row}`,
  meaning: (row: number): string => `Meaning of row ${row}`,
  remove: (row: number): string => `Remove row ${row}`,
  add: 'Add a label',
  quantity: 'Quantity',
  units: 'Unit (UCUM)',
  deidentify: 'De-identify',
  out: 'File to write',
};
