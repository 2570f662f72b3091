import * as z from 'zod';
import { packageVersion } from './schemas.ts';

/** Cases without the structure, whose first contrast may be another than that of the cases: `t2` for `flair`. */
const negative = z.object({ path: z.string(), first: z.string().optional() });

/** Trains a network that segments and writes a segmentation package. */
export const trainSegmentation = {
  request: z.object({
    network: z.string(),
    options: z.record(z.string(), z.unknown()).default({}),
    /** Folders of patients: each contrast, and the mask that was drawn on the first. */
    cases: z.array(z.string()).min(1),
    /** Patients that the weights are chosen on. None of them may be among the cases. */
    validation: z.array(z.string()).default([]),
    /** Patients who have nothing to be found. */
    negatives: z.array(negative).default([]),
    /** Names of the volumes of a case, in the order of the network's channels. */
    contrasts: z.array(z.string()).min(1).max(4).default(['flair', 't1']),
    mask: z.string().default('tumour'),
    /** How long: so many steps, or as many as these minutes allow here. */
    steps: z.number().int().positive().optional(),
    minutes: z.number().positive().optional(),
    batch: z.number().int().positive().default(8),
    /** Side of a patch, of the canvas's 256 pixels. */
    patch: z.number().int().positive().default(128),
    learningRate: z.number().positive().default(1e-3),
    weightDecay: z.number().min(0).default(0.01),
    clipNorm: z.number().min(0).default(5),
    /** Decay of the weights' moving average (0: none), and steps before it begins. */
    ema: z.number().min(0).lt(1).default(0),
    emaStart: z.number().int().min(0).default(100),
    schedule: z.enum(['constant', 'step', 'cosine']).default('cosine'),
    warmUp: z.number().int().min(0).default(100),
    seed: z.number().int().default(1),
    /** Parts of a batch whose gradients are computed apart, on as many cores. */
    shards: z.number().int().positive().default(2),
    /** Share of patches of patients without the structure. */
    negativeShare: z.number().min(0).max(1).default(0.15),
    augmentation: z.record(z.string(), z.unknown()).default({}),
    validateEvery: z.number().int().positive().optional(),
    patience: z.number().int().positive().optional(),
    keep: z.enum(['best', 'last']).default('best'),
    /** Parts of the segmentation smaller than this are dropped, ml, and all but the largest: for the card. */
    leastMl: z.number().min(0).max(1000).default(0.5),
    mostParts: z.number().int().positive().optional(),
    /** What it finds: a name for people, and one of docs/companions.md. */
    label: z.string().min(1).max(48).default('Whole tumour'),
    meaning: z.string().default('neoplasm'),
    /** Weights to begin with, as far as they fit: an id, or the path of a segmentation package of the same network. */
    init: z.string().optional(),
    out: z.string(),
    id: z.string().optional(),
    version: packageVersion,
    precision: z.enum(['float32', 'float16']).default('float16'),
    licence: z.string().default('unknown: whoever trained it decides'),
    notices: z.array(z.string()).default([]),
    limits: z.array(z.string()).default([]),
    /** Go on from the checkpoint beside the folder. */
    resume: z.boolean().default(false),
    checkpointSeconds: z.number().positive().default(120),
  }),
  result: z.object({
    model: z.string(),
    path: z.string(),
    steps: z.number().int(),
    keptStep: z.number().int(),
    seconds: z.number(),
    firstLoss: z.number(),
    lastLoss: z.number(),
    /** On slices of the validation patients; null without any. */
    dice: z.number().nullable(),
    worstDice: z.number().nullable(),
    /** With the first contrast alone. */
    diceAlone: z.number().nullable(),
    bytes: z.number().int(),
  }),
};
