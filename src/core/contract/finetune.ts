import * as z from 'zod';
import { deviceChoice, deviceKind } from './schemas.ts';
import { dataLayout } from './training.ts';

/**
 * Fine-tuning: a model learns from a site's own scans. A run has a folder of its own, which becomes the package of
 * the tuned model; what the run is made of is written there before the first step, and it goes on from there after
 * a pause, a kill or a full disk.
 */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What may change: all weights, or only those of the network's last stages (docs/finetuning.md). */
export const finetuneChange = z.enum(['all', 'last-stages']);

/** What a run is asked for; what is left out is decided, written down and told. */
const asked = {
  /** The model to begin with: an id, or the path of a package. */
  base: z.string().optional(),
  /** Folders: cases, folders of cases, DICOM studies. `study:UID` is a DICOM study of the library alone. */
  cases: z.array(z.string()).default([]),
  /** Whom the tuned model is judged on: names of patients among the cases, or folders of cases or studies. */
  test: z.array(z.string()).default([]),
  /** Whom the best weights are chosen by, likewise. */
  validation: z.array(z.string()).default([]),
  /** Shares of the other people; as many as there are people for where absent. */
  testShare: z.number().min(0).max(0.9).optional(),
  validationShare: z.number().min(0).max(0.9).optional(),
  /** Manifest of a locked test set (`data choose`), whose cases are among the cases. */
  locked: z.string().optional(),
  /** File of thresholds (docs/acceptance.md); the program's own where absent. */
  thresholds: z.string().optional(),
  layout: z.enum(['auto', ...dataLayout.options]).default('auto'),
  /** Names of the volumes of a case; what the card of the base says where absent. */
  target: z.string().optional(),
  reference: z.string().optional(),
  registration: z.enum(['auto', 'headers', 'headers-unchecked']).default('auto'),
  leastSlices: z.number().int().positive().default(3),
  change: finetuneChange.default('all'),
  /** One of the two. Hours are those of training: preparing the cases and judging come on top. */
  steps: z.number().int().positive().optional(),
  hours: z.number().positive().max(1000).optional(),
  batch: z.number().int().positive().optional(),
  patch: z.number().int().positive().optional(),
  learningRate: z.number().positive().optional(),
  /** Less memory, more time, the same weights. */
  recompute: z.boolean().default(false),
  /** Validations without a better one after which it stops. */
  patience: z.number().int().positive().default(10),
  seed: z.number().int().default(1),
  device: deviceChoice.default('cpu'),
};

export const finetuneRequest = z.object({
  ...asked,
  /** A new or an empty folder: that of the run, and of the package. */
  out: z.string(),
  /** Id of the package; the folder's name where absent. */
  id: z.string().optional(),
  /** The base's licence and notices where absent; notices are added to those. */
  licence: z.string().optional(),
  notices: z.array(z.string()).default([]),
  /** Go on with the run in this folder; where none has begun there, begin. */
  resume: z.boolean().default(false),
  checkpointSeconds: z.number().positive().max(240).default(120),
});
export type FinetuneRequest = z.output<typeof finetuneRequest>;

const side = z.enum(['train', 'validation', 'test']);
const leftOut = z.object({
  name: z.string(),
  patient: z.string().optional(),
  /** Where it is, for who looks at the disk. */
  path: z.string().optional(),
  reason: z.string(),
});

/** Why the training came to its end. */
export const finetuneEnd = z.enum([
  /** Its steps or hours were over. */
  'planned',
  /** Validations became no better for as long as `patience` says. */
  'worsening',
  /** It was asked to stop and keep the best. */
  'asked',
  /** A loss or a weight was no number any more; the best weights before that were kept. */
  'diverged',
]);

/** A difference, tuned less base, over the patients of the test set, dB. */
const gain = z.object({
  mean: z.number().nullable(),
  /** 95 % bootstrap interval of the mean; null for fewer than two patients. */
  interval95: z.tuple([z.number(), z.number()]).nullable(),
  patients: z.number().int(),
});

const acceptance = z.object({
  /** Of acceptance.json. */
  path: z.string(),
  sha256,
  passed: z.boolean(),
  failures: z.array(z.string()),
  psnr: gain,
  psnrInside: gain,
});

/** What a run is, as it was written down before its first step. */
const runSummary = z.object({
  model: z.string(),
  base: z.object({ id: z.string(), version: z.string(), weightsSha256: sha256 }),
  target: z.string(),
  reference: z.string().nullable(),
  change: finetuneChange,
  /** Values that are trained, and all of the network. */
  trained: z.number().int(),
  parameters: z.number().int(),
  device: deviceKind,
  cases: z.array(
    z.object({
      name: z.string(),
      patient: z.string(),
      side,
      slices: z.number().int(),
      notes: z.array(z.string()),
    }),
  ),
  leftOut: z.array(leftOut),
  /** Cases under two identities that show one person, in words. */
  samePeople: z.array(z.string()),
  /** Written down before: SHA-256 of data.json, locked-test.json and thresholds.json. */
  dataSha256: sha256,
  lockedSha256: sha256.nullable(),
  thresholdsSha256: sha256,
  /** What should be known of it, in words: no test set, for instance. */
  notes: z.array(z.string()),
});
export type FinetuneSummary = z.infer<typeof runSummary>;

export const finetuneResult = z.object({
  /** `paused`: nothing is lost, and `resume` goes on. */
  state: z.enum(['finished', 'paused']),
  /** The folder of the run; of the package, where it is finished. */
  path: z.string(),
  run: runSummary,
  steps: z.number().int(),
  plannedSteps: z.number().int(),
  seconds: z.number(),
  /** Null where it is paused. */
  ended: finetuneEnd.nullable(),
  /** The step whose weights were kept, and its PSNR inside on the validation patients against that of the base, dB. */
  keptStep: z.number().int().nullable(),
  validation: z.object({ base: z.number().nullable(), tuned: z.number().nullable() }),
  weightsSha256: sha256.nullable(),
  /** Null where there is no test set, or it is paused. */
  acceptance: acceptance.nullable(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })).optional(),
});
export type FinetuneResult = z.infer<typeof finetuneResult>;

/** A change of what was asked for that needs less memory. */
const lessMemory = z.object({
  /** As a user would ask for it. */
  words: z.string(),
  change: finetuneChange,
  batch: z.number().int(),
  patch: z.number().int(),
  recompute: z.boolean(),
  memoryMb: z.number(),
});
export type LessMemory = z.infer<typeof lessMemory>;

/**
 * What a run would be and take, from the names and headers of the cases, one of them read, and a few steps that are
 * tried. Nothing is written.
 */
export const finetunePlan = {
  request: z.object({
    ...asked,
    /** Whose disk is asked for room; the system's folder for temporary files where absent. */
    out: z.string().optional(),
  }),
  result: z.object({
    base: z.object({ id: z.string(), version: z.string() }),
    target: z.string(),
    reference: z.string().nullable(),
    change: finetuneChange,
    trained: z.number().int(),
    parameters: z.number().int(),
    device: deviceKind,
    batch: z.number().int(),
    patch: z.number().int(),
    /** Found by names and headers; what is unsuitable is told when they are read. */
    patients: z.number().int(),
    cases: z.number().int(),
    without: z.array(leftOut),
    /** How many people would be on each side, were all of them suitable. */
    sides: z.object({ train: z.number().int(), validation: z.number().int(), test: z.number().int() }),
    /** Of the computer's memory, beyond what the program holds anyway; of a graphics card's own it is not known. */
    memory: z.object({ neededMb: z.number(), availableMb: z.number() }),
    /** Seconds, measured here and now. */
    time: z.object({
      perStep: z.number().nullable(),
      steps: z.number().int().nullable(),
      preparing: z.number().nullable(),
      training: z.number().nullable(),
      judging: z.number().nullable(),
      all: z.number().nullable(),
    }),
    disk: z.object({ neededMb: z.number(), availableMb: z.number() }),
    fits: z.boolean(),
    /** Why it cannot be run as it is asked for. */
    refusals: z.array(z.string()),
    /** What would fit, where the memory is too little. */
    instead: z.array(lessMemory),
    notes: z.array(z.string()),
  }),
};
export type FinetunePlan = z.infer<typeof finetunePlan.result>;

/** Runs, or goes on with, a fine-tuning. */
export const finetune = { request: finetuneRequest, result: finetuneResult };

/**
 * What a run goes through. `preparing`: cases are read and checked, nothing is written yet. `interrupted`: nobody
 * works on it and it is not finished.
 */
export const finetuneStage = z.enum([
  'none',
  'preparing',
  'training',
  'judging',
  'finished',
  'paused',
  'interrupted',
]);

const record = z.object({
  step: z.number().int(),
  seconds: z.number(),
  loss: z.number().nullable(),
  learningRate: z.number(),
  /** dB and SSIM on the validation patients, where the weights of this step were validated. */
  validation: z
    .object({
      psnr: z.number().nullable(),
      psnrInside: z.number().nullable(),
      ssim: z.number().nullable(),
      ssimInside: z.number().nullable(),
      /** Over zero-filling. */
      gain: z.number().nullable(),
      gainInside: z.number().nullable(),
    })
    .nullable(),
});
export type FinetuneRecord = z.infer<typeof record>;

/** A slice of a patient for validation as the weights of a step enhance it. */
const sample = z.object({
  step: z.number().int(),
  case: z.string(),
  /** Place in the stack, from 1. */
  slice: z.number().int(),
  /** PNG, base64. */
  png: z.string(),
});

/** How far a run is: what a window shows while it goes on, and afterwards. */
export const finetuneStatus = {
  request: z.object({
    out: z.string(),
    /** Slices too, or the curves alone. */
    samples: z.boolean().default(true),
  }),
  result: z.object({
    stage: finetuneStage,
    /** What it was asked to do and has not done yet. */
    asked: z.enum(['pause', 'finish']).nullable(),
    run: runSummary.nullable(),
    step: z.number().int(),
    steps: z.number().int(),
    seconds: z.number(),
    secondsLeft: z.number().nullable(),
    message: z.string(),
    records: z.array(record),
    /** Of each validation case: the truth, the zero-filled image, the base, and the best step so far or the last. */
    samples: z.array(
      z.object({
        case: z.string(),
        slice: z.number().int(),
        truth: z.string(),
        zeroFilled: z.string(),
        before: sample.nullable(),
        after: sample.nullable(),
      }),
    ),
    /** Where it is finished. */
    result: finetuneResult.nullable(),
  }),
};

/** Asks a run that goes on, wherever it does, to pause, or to stop and keep the best weights so far. */
export const finetuneControl = {
  request: z.object({ out: z.string(), action: z.enum(['pause', 'finish']) }),
  result: z.object({ stage: finetuneStage }),
};
