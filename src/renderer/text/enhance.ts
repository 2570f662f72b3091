import type { ModelState } from '../../core/contract/modelStates.ts';
import type { ContrastName } from '../../core/contract/schemas.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { count } from './count.ts';
import { contrasts } from './terms.ts';

const rounded = (value: number): string => String(Number(value.toPrecision(3)));

const withMark = (words: string, state: ModelState | undefined): string => {
  const mark = unacceptedMark(state);
  return mark === undefined ? words : `${words} · ${mark}`;
};

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
  state: 'State',
  states: {
    shipped: 'Shipped with the program',
    candidate: 'CANDIDATE: no one has accepted it here',
    accepted: 'Accepted here',
    retired: 'RETIRED: no longer accepted here',
  } satisfies Record<ModelState, string>,
  isDefault: 'the default for these contrasts',
  /** Before anything is made with it. */
  unaccepted: {
    candidate:
      'No one has accepted this model here. What it makes is marked CANDIDATE, on the screen and in every file.',
    retired: 'This model was retired here. What it makes is marked RETIRED, on the screen and in every file.',
  },
  marked: withMark,
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
  results: (n: number): string => `Enhanced series shown, of ${n} of this pair`,
  chooseResult: 'None of them',
  result: (scale: number, model: string, state: ModelState | undefined): string =>
    withMark(`×${scale} ${model}`, state),
  others: 'Other jobs of this pair',
  queueIt: 'Enhance after the running job',
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

  suitability: 'This scan and what the model was trained on',
  likeness: {
    alike: 'This scan is like what the model was trained on',
    beyond: 'This scan goes beyond what the model was trained on',
    unlike: 'This scan is unlike what the model was trained on',
    unknown: 'Whether this scan is like the training is not known',
  },
  alikeIn: (n: number): string => `Alike in ${count(n, 'respect', 'respects')}`,
  cardWords: {
    learnedFrom: 'Learned from',
    patients: (patients: number, scans: number): string =>
      `${count(patients, 'patient', 'patients')}, ${count(scans, 'scan', 'scans')}`,
    trainedOn: 'Trained on',
    notKnown: 'not known',
    spacing: 'Trained spacing',
    matrix: 'Trained matrix',
    thickness: 'Trained thickness',
    range: ([low, high]: readonly [number, number], unit: string): string =>
      `${rounded(low) === rounded(high) ? rounded(low) : `${rounded(low)}–${rounded(high)}`} ${unit}`.trim(),
    network: 'Network',
    measured: 'Measured on scans it never saw, interpolation → model',
    notMeasured: 'Not measured on any scan that it had not seen.',
    scan: 'Scan',
    psnrInside: 'PSNR inside, dB',
    ssimInside: 'SSIM inside',
    gain: 'Gain',
    decibels: (gain: number): string => `${gain < 0 ? '−' : '+'}${Math.abs(gain).toFixed(2)} dB`,
    wrongReference: 'With a reference that is wrong',
    reference: 'Reference',
    limits: 'Known limits',
    whole: 'The whole card',
  },
  table: {
    title: (n: number): string => `Compare ${count(n, 'model', 'models')}`,
    model: 'Model',
    gain: 'Gain',
    like: 'This scan',
    slice: 'A slice',
    likeness: { alike: 'alike', beyond: 'beyond', unlike: 'unlike', unknown: 'not known' },
    note: 'Gain over interpolation inside the head, on scans never seen; time of a slice as the card has it, on another machine.',
    queue: (n: number): string =>
      n === 0
        ? 'Tick models to enhance with several'
        : `Enhance with ${count(n, 'model', 'models')}, one after another`,
  },
  estimate: {
    measuring: 'Measuring what it will take…',
    notYet: 'What it will take is measured first.',
    busy: 'What it will take is measured when nothing else runs.',
    told: (time: string, mb: number, device: string, on: 'sample' | 'run'): string =>
      `Estimate: about ${time} and ${mb} MB on ${device}, ${on === 'run' ? 'as a run of this size took before' : 'measured on a few slices'}; reading and aligning not counted.`,
  },
  aligned: {
    later: 'registered when it is enhanced',
    without: 'none: the target alone is enhanced',
    trusted: 'trusted',
    accepted: 'not to be trusted, accepted by you',
    untrusted: 'not to be trusted. Accept it on the Align screen, or go on without the reference there.',
  },
};
