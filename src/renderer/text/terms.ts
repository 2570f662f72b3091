import type { ContrastName, DeviceChoice, SliceAxis, WarningCode } from '../../core/contract/schemas.ts';
import type { ColumnKind, PlaneName } from '../state/view.ts';

export const contrasts: Record<ContrastName, string> = {
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

export const warningTitles: Record<WarningCode, string> = {
  gap: 'Missing slices',
  'duplicate-slices': 'Duplicate slices',
  'uneven-spacing': 'Uneven slice spacing',
  'mixed-orientation': 'Mixed orientation',
  'mixed-size': 'Mixed image size',
  'mixed-spacing': 'Mixed pixel spacing',
  'mixed-frame-of-reference': 'Mixed frame of reference',
  'sheared-stack': 'Slices shifted sideways',
  'gantry-tilt': 'Slices tilted against the stack',
  'spacing-disagrees': 'Slice spacing contradicts itself',
  'geometry-doubtful': 'Position not fully stated',
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

export const planes: Record<PlaneName, string> = { axial: 'Axial', sagittal: 'Sagittal', coronal: 'Coronal' };

export const orientations: Record<SliceAxis, string> = {
  axial: 'axial',
  sagittal: 'sagittal',
  coronal: 'coronal',
};

export const columns: Record<ColumnKind, string> = {
  target: 'Target',
  reference: 'Reference',
  enhanced: 'Enhanced',
  'zero-filled': 'Zero-filled',
  'aligned-reference': 'Reference, aligned',
  result: 'Enhanced',
  series: 'Series',
};

export const devices: Record<DeviceChoice, string> = {
  auto: 'Automatic',
  cpu: 'Processor (CPU)',
  webgpu: 'Graphics card (WebGPU)',
  cuda: 'NVIDIA graphics card (CUDA)',
  dml: 'Graphics card (DirectML)',
  coreml: 'Apple (CoreML)',
};

export const stages: Record<string, string> = {
  waiting: 'Waiting for another job',
  copying: 'Copying the dropped files',
  phantom: 'Making the digital phantom',
  reading: 'Reading',
  scanning: 'Reading',
  registering: 'Aligning the reference',
  resampling: 'Resampling the reference',
  enhancing: 'Enhancing',
  exporting: 'Writing',
  writing: 'Writing',
  loading: 'Loading',
  sending: 'Sending',
  comparing: 'Asking the PACS what it has',
  checking: 'Checking what was written',
  searching: 'Asking the PACS',
  receiving: 'Receiving',
  deidentifying: 'De-identifying',
  choosing: 'Checking the cases',
  preparing: 'Preparing',
  training: 'Training',
  'disk-full': 'Waiting for room on the disk',
  judging: 'Judging on the locked test set',
  segmenting: 'Looking for the outline',
};
