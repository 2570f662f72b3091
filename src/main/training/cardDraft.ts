import type { Request } from '../../core/contract/operations.ts';
import { contrastName } from '../../core/contract/schemas.ts';
import { ADAM_DEFAULTS, describeSchedule, SCHEDULE_DEFAULTS } from '../../core/graph/index.ts';
import { INTENDED_USE, MODEL_FORMAT_VERSION, type ModelCard } from '../models/card.ts';
import type { CardDraft } from '../models/writeModelPackage.ts';
import { appVersion } from '../version.ts';
import type { TrainingCase } from './data/trainingCase.ts';
import type { TrainingSettings } from './settings.ts';
import type { TrainingResult } from './train.ts';
import type { RequestedData } from './trainingData.ts';

const LOSSES = {
  l1: 'Mean absolute error of the patches.',
  mse: 'Mean squared error of the patches.',
  paper: 'The loss of the network’s paper.',
  'l1+mse': 'Mean absolute error plus 10 × mean squared error of the patches.',
} as const;

/** What the card says of a training, before anything is measured. */
export function cardDraft(
  request: Request<'train'>,
  id: string,
  settings: TrainingSettings,
  data: RequestedData,
  result: TrainingResult,
  initialisedFrom: NonNullable<ModelCard['training']>['initialisedFrom'],
): CardDraft {
  const { batch, patch, learningRate, seed, device, scale, shards } = settings;
  const target = contrastOf(data.target);
  const guide = data.reference === undefined ? null : contrastOf(data.reference);
  const where =
    device === 'cpu' ? `CPU, batches in ${shards ?? 1} part${shards === undefined ? '' : 's'}` : device;
  return {
    format: 'tandem-model',
    formatVersion: MODEL_FORMAT_VERSION,
    id,
    version: request.version,
    network: settings.network,
    options: settings.options as Record<string, unknown>,
    scale,
    contrasts: { target, reference: guide },
    envelope: {
      target: [target],
      reference: guide === null ? [] : [guide],
      spacingMm: range(data.train.flatMap(({ spacingMm }) => spacingMm)),
      matrix: range(data.train.flatMap(({ rows, columns }) => [rows, columns])),
      sliceThicknessMm: range(data.train.map(({ sliceThicknessMm }) => sliceThicknessMm)),
    },
    training: {
      data: data.described,
      initialisedFrom,
      cases: data.train.map(describeCase),
      degradation: `k-space truncation ×${scale} in-plane, zero-filled from the magnitude image.`,
      loss: LOSSES[settings.loss],
      optimizer: describeOptimizer(settings),
      schedule: describeSchedule({ ...SCHEDULE_DEFAULTS, kind: settings.schedule, warmUp: settings.warmUp }),
      augmentation: { ...settings.augmentation },
      steps: result.steps,
      batch,
      patch,
      learningRate,
      seed,
      selection: describeSelection(settings, result),
      firstLoss: result.firstLoss,
      lastLoss: result.lastLoss,
      seconds: Math.round(result.seconds),
      software: `Tandem MR ${appVersion}, ${where}`,
    },
    measured: [],
    limits: request.limits.length > 0 ? request.limits : undefined,
    intendedUse: INTENDED_USE,
    licence: { weights: request.licence, notices: request.notices },
  };
}

function describeCase(one: TrainingCase): NonNullable<ModelCard['training']>['cases'][number] {
  const { name, patient, registration, rows, columns, spacingMm, sliceThicknessMm, places, files } = one;
  return {
    name,
    patient,
    registration,
    slices: places.length,
    rows,
    columns,
    spacingMm: [...spacingMm],
    sliceThicknessMm,
    files: files.map((file) => ({ ...file })),
  };
}

function describeSelection({ keep }: TrainingSettings, result: TrainingResult): string {
  const { steps, plannedSteps, keptStep, validation } = result;
  const early = steps < plannedSteps ? `, stopped early of ${plannedSteps} planned` : '';
  if (validation === undefined || keep === 'last') return `The weights of the last step, ${steps}${early}.`;
  return (
    `The weights of step ${keptStep} of ${steps}${early}: best in PSNR inside on slices of the validation ` +
    'patients, whose numbers are therefore a little kinder than those of patients nobody has looked at.'
  );
}

function describeOptimizer({ optimizer, weightDecay, clipNorm, ema, emaStart }: TrainingSettings): string {
  const { beta1, beta2, epsilon } = ADAM_DEFAULTS;
  const betas = `β₁ ${beta1}, β₂ ${beta2}, ε ${epsilon}`;
  const decay = `weight decay ${weightDecay} but for norms and biases`;
  return [
    optimizer === 'adamw' ? `AdamW (${betas}, ${decay}).` : `Adam (${betas}).`,
    ...(clipNorm === undefined ? [] : [`Gradients clipped to a global norm of ${clipNorm}.`]),
    ...(ema === undefined
      ? []
      : [`The weights are their moving average (decay ${ema}, from step ${emaStart + 1} on).`]),
  ].join(' ');
}

function contrastOf(name: string): CardDraft['contrasts']['target'] {
  const parsed = contrastName.safeParse(name.toLowerCase());
  return parsed.success ? parsed.data : 'unknown';
}

function range(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
