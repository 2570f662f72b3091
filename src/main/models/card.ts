import { basename, resolve } from 'node:path';
import * as z from 'zod';
import { contrastName, imageQuality, scaleFactor } from '../../core/contract/schemas.ts';
import { TandemError } from '../../core/errors.ts';

/** `model.json`: all that is known about a set of weights. A newer format version is refused. */
export const MODEL_FORMAT_VERSION = 1;

export const MODEL_FILE = 'model.json';
export const WEIGHTS_FILE = 'weights.safetensors';
export const CARD_FILE = 'card.md';
/** The names that the pictures and the log of a training have in its package. */
export const CURVES_FILE = 'curves.svg';
export const LOG_FILE = 'training.csv';

export const INTENDED_USE = 'Research use only. Not for diagnosis.';

const range = z.tuple([z.number().positive(), z.number().positive()]);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Ids and names: what may stand in a file name, a DICOM text and a terminal. */
export const plainName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

/** The type that weights are stored in, or that a training computed in. */
const precision = z.enum(['float32', 'float16']);
export type Precision = z.infer<typeof precision>;

const trainingCase = z.object({
  name: z.string(),
  /** Cases of one patient are on one side of the split. */
  patient: z.string().optional(),
  /** The verdict on how the reference lies on the target. */
  registration: z.string().optional(),
  slices: z.int().positive(),
  /** Matrix and in-plane spacing of the full-resolution truth. */
  rows: z.int().positive(),
  columns: z.int().positive(),
  spacingMm: range,
  sliceThicknessMm: z.number().positive(),
  files: z.array(z.object({ name: z.string(), sha256 })),
});

const measurement = z.object({
  case: z.string(),
  /** Then the numbers say that it learned the case, not what it does to other patients. */
  trainedOn: z.boolean(),
  scale: scaleFactor,
  slices: z.int().positive(),
  /** `zero-fill`, `cubic` and the model, by name. */
  methods: z.record(z.string(), imageQuality),
});

/** The prepared data that it was trained on, so that they can be told from any other. */
const trainingData = z.object({
  name: z.string(),
  manifestSha256: sha256,
  /** Patients, never slices or visits. */
  split: z.object({
    train: z.array(z.string()),
    validation: z.array(z.string()),
    test: z.array(z.string()),
  }),
  licence: z.string().optional(),
});

/** What a disturbed reference does to the result, such as one shifted by 2 mm or one of another patient. */
const robustness = z.object({
  case: z.string(),
  rows: z.array(z.object({ disturbance: z.string(), psnr: z.number(), psnrInside: z.number() })),
});

/** Of one enhanced slice. */
const performance = z.object({
  device: z.string(),
  secondsPerSlice: z.number().positive(),
  rows: z.int().positive(),
  columns: z.int().positive(),
  memoryMb: z.number().positive().optional(),
});

export const modelCardSchema = z.object({
  format: z.literal('tandem-model'),
  formatVersion: z.literal(MODEL_FORMAT_VERSION),
  id: plainName,
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  network: z.string(),
  options: z.record(z.string(), z.unknown()),
  scale: scaleFactor,
  contrasts: z.object({ target: contrastName, reference: contrastName.nullable() }),
  weights: z.object({
    sha256,
    bytes: z.int().positive(),
    /** They are computed with in float32 either way. */
    precision: precision.default('float32'),
    parameters: z.array(z.object({ path: z.string(), shape: z.array(z.int().positive()) })),
  }),
  /** What it was trained on lies within these; outside them it was never tried. Null where that is not known. */
  envelope: z
    .object({
      target: z.array(contrastName),
      reference: z.array(contrastName),
      /** Of the enhanced image, in-plane. */
      spacingMm: range,
      /** Rows and columns of the enhanced image. */
      matrix: range,
      sliceThicknessMm: range,
      /** Tesla. */
      fieldStrengthT: range.optional(),
    })
    .nullable(),
  /** Null where the weights were not trained here: `imported` says where they are from. */
  training: z
    .object({
      data: trainingData.optional(),
      /** The package whose weights it began with, and the tensors that it had none of the same shape for. */
      initialisedFrom: z
        .object({ id: plainName, sha256, startedAnew: z.array(z.string()).optional() })
        .optional(),
      cases: z.array(trainingCase),
      degradation: z.string(),
      loss: z.string(),
      optimizer: z.string(),
      schedule: z.string(),
      augmentation: z.record(z.string(), z.unknown()),
      steps: z.int().positive(),
      batch: z.int().positive(),
      patch: z.int().positive(),
      learningRate: z.number().positive(),
      seed: z.int(),
      precision: precision.optional(),
      /** How the weights that were kept were chosen among those of all steps. */
      selection: z.string().optional(),
      firstLoss: z.number(),
      lastLoss: z.number(),
      seconds: z.number(),
      software: z.string(),
    })
    .nullable(),
  /** The file that the weights were taken from, as it was. */
  imported: z.object({ file: z.string(), sha256, bytes: z.int().positive() }).optional(),
  measured: z.array(measurement),
  robustness: z.array(robustness).optional(),
  performance: performance.optional(),
  /** What it is known not to do, in words. */
  limits: z.array(z.string()).optional(),
  /** What else the package holds, such as the curves of the training. Loading reads none of them. */
  files: z.array(z.object({ name: plainName, sha256 })).optional(),
  intendedUse: z.string(),
  licence: z.object({ weights: z.string(), notices: z.array(z.string()) }),
});

export type ModelCard = z.infer<typeof modelCardSchema>;
export type Measurement = z.infer<typeof measurement>;
export type Robustness = z.infer<typeof robustness>;
export type Performance = z.infer<typeof performance>;

/** The id of a package to be: the one asked for, else its folder's name. Throws `usage` where it cannot be one. */
export function packageId(asked: string | undefined, folder: string): string {
  const id = asked ?? basename(resolve(folder));
  if (plainName.safeParse(id).success) return id;
  throw new TandemError('usage', `“${id}” cannot be the id of a model`, {
    hint: 'Name one with --id: up to 64 letters, digits, dots, hyphens and underscores, the first a letter or digit.',
  });
}
