import * as z from 'zod';
import { deviceChoice, imageQuality, registrationReport, scaleFactor } from './schemas.ts';

/** What `evaluate` is asked and answers: models beside interpolation, on cases whose truth is known. */

export const evaluateRequest = z
  .object({
    /** Folders; each is a case (one NIfTI volume a contrast) or a folder of cases. */
    cases: z.array(z.string()).min(1),
    target: z.string(),
    reference: z.string().optional(),
    scale: scaleFactor,
    /** Ids or paths; `all`: every shipped model of this target and scale, with this reference or none. */
    models: z.union([z.literal('all'), z.array(z.string()).min(1)]),
    device: deviceChoice.default('cpu'),
    registration: z.enum(['rigid', 'none']).default('none'),
    /** Again with the reference shifted, turned, blank and of another patient. */
    disturb: z.boolean().default(false),
    /** Case folder whose reference plays the other patient; another case of the list where absent. */
    otherPatient: z.string().optional(),
    /** Folder for tables, numbers a slice and error maps; absent or empty before. */
    out: z.string().optional(),
  })
  .refine((request) => request.disturb || request.otherPatient === undefined, {
    message: 'another patient is for a disturbed reference (--disturb)',
    path: ['otherPatient'],
  });

/** A number measured several times: finite values, their mean, sample standard deviation (n − 1). */
const spread = z.object({ n: z.number().int(), mean: z.number().nullable(), sd: z.number().nullable() });

export const qualityMeasure = z.enum(['psnr', 'ssim', 'psnrInside', 'ssimInside']);
export type QualityMeasure = z.infer<typeof qualityMeasure>;

const qualitySpread = z.object({ psnr: spread, ssim: spread, psnrInside: spread, ssimInside: spread });
export type QualitySpread = z.infer<typeof qualitySpread>;

export const disturbanceName = z.enum([
  'shift-1mm',
  'shift-2mm',
  'shift-3mm',
  'rotate-2deg',
  'blank',
  'other-patient',
  'mirrored',
]);
export type DisturbanceName = z.infer<typeof disturbanceName>;

const methodOnCase = imageQuality.extend({
  /** The same four over single slices, the peak 1. */
  perSlice: qualitySpread,
  /** Wall time, for information: it depends on the machine and on what else runs there. */
  secondsPerSlice: z.number(),
});

const evaluatedCase = z.object({
  /** The folder's name, with the one above where that is not enough to tell cases apart. */
  case: z.string(),
  path: z.string(),
  files: z.array(z.object({ name: z.string(), sha256: z.string() })),
  /** Models whose cards list a file of it among what they were trained on: told by its hash. */
  trainedOn: z.array(z.string()),
  slices: z.number().int(),
  rows: z.number().int(),
  columns: z.number().int(),
  /** Null where it was not asked for or no model uses the reference. */
  registration: registrationReport.nullable(),
  /** `zero-fill`, `cubic` and the models, by name. */
  methods: z.record(z.string(), methodOnCase),
  /** Of models that use the reference. */
  disturbed: z.array(
    z.object({
      disturbance: disturbanceName,
      /** In words, what was done to the reference. */
      note: z.string(),
      /** `coverage`: share of the target that the disturbed reference covers. */
      methods: z.record(z.string(), imageQuality.extend({ coverage: z.number() })),
    }),
  ),
  warnings: z.array(z.string()),
});

const evaluatedModel = z.object({
  id: z.string(),
  path: z.string(),
  network: z.string(),
  version: z.string(),
  parameters: z.number().int(),
  usesReference: z.boolean(),
  weightsSha256: z.string(),
});

const pairedTest = z.object({
  model: z.string(),
  against: z.string(),
  role: z.enum(['zero-fill', 'best-rival']),
  measure: qualityMeasure,
  /** What is paired. Slices of one patient are not independent: their p is too small. */
  over: z.enum(['cases', 'slices']),
  n: z.number().int(),
  meanDifference: z.number().nullable(),
  /** Percentile bootstrap of the mean difference, 95 %. */
  interval95: z.tuple([z.number(), z.number()]).nullable(),
  wilcoxon: z.object({
    n: z.number().int(),
    wPlus: z.number(),
    wMinus: z.number(),
    p: z.number(),
    method: z.enum(['exact', 'normal']),
  }),
});

const inDb = z.object({ psnr: z.number().nullable(), psnrInside: z.number().nullable() });

const evaluationSummary = z.object({
  /** Best first, by PSNR inside. */
  methods: z.array(
    z.object({
      method: z.string(),
      kind: z.enum(['interpolation', 'model']),
      /** Over cases, of the numbers a volume. */
      quality: qualitySpread,
      /** Over cases, each less zero-filling's. */
      gain: qualitySpread,
      /** Over all slices of all cases. */
      perSlice: qualitySpread,
    }),
  ),
  tests: z.array(pairedTest),
  disturbed: z.array(
    z.object({
      disturbance: disturbanceName,
      model: z.string(),
      /** Over cases. */
      quality: qualitySpread,
      coverage: spread,
      /** Mean difference over cases, dB: to the same model undisturbed, and to the best single-image model. */
      toUndisturbed: inDb,
      toSingleImage: inDb.nullable(),
    }),
  ),
  /** The best model that uses no reference, by PSNR inside; null where none was evaluated. */
  singleImage: z.string().nullable(),
});

export const evaluateResult = z.object({
  target: z.string(),
  reference: z.string().nullable(),
  scale: scaleFactor,
  models: z.array(evaluatedModel),
  cases: z.array(evaluatedCase),
  /** Cases that could not be evaluated, and why. */
  failed: z.array(z.object({ case: z.string(), path: z.string(), code: z.string(), message: z.string() })),
  summary: evaluationSummary,
  warnings: z.array(z.string()),
  /** The folder written, absolute. */
  out: z.string().nullable(),
  device: z.string(),
  registration: z.enum(['rigid', 'none']),
  software: z.string(),
  notice: z.string(),

  /** For one case alone: its name, slices and numbers a volume. */
  case: z.string().optional(),
  slices: z.number().int().optional(),
  methods: z.record(z.string(), imageQuality).optional(),
});

export type EvaluateResult = z.output<typeof evaluateResult>;
export type EvaluatedCase = z.infer<typeof evaluatedCase>;
export type EvaluatedModel = z.infer<typeof evaluatedModel>;
export type EvaluationSummary = z.infer<typeof evaluationSummary>;
export type MethodOnCase = z.infer<typeof methodOnCase>;
export type PairedTest = z.infer<typeof pairedTest>;
