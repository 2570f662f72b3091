import type { ContrastName } from '../../core/contract/schemas.ts';
import { count } from './count.ts';
import { contrasts } from './terms.ts';

export const enhanceText = {
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
};
