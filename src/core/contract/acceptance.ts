import * as z from 'zod';
import { deviceChoice, scaleFactor } from './schemas.ts';

/**
 * Acceptance of a tuned model: base against tuned on a locked test set, judged against thresholds that were
 * written down before. `acceptance.json` is what a model's activation reads.
 */

export const ACCEPTANCE_FILE = 'acceptance.json';
export const ACCEPTANCE_FORMAT_VERSION = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** ISO 8601, UTC. */
const instant = z.iso.datetime();

/** What is measured of a model on a patient. Images are scaled to [0, 1]; see docs/acceptance.md. */
export const acceptanceQuantity = z.enum([
  /** Per volume, all over and inside the foreground: PSNR in dB, SSIM. */
  'psnr',
  'ssim',
  'psnrInside',
  'ssimInside',
  /** RMS error on the truth's edges. */
  'edgeError',
  /** RMS error in the lesion mask; only of cases that have one. */
  'lesionError',
  /** RMS difference of the enhanced image, degraded again, to the acquired one. */
  'consistencyError',
  /** PSNR inside, dB, with the reference shifted by 2 mm, blank, and of another patient (or mirrored). */
  'psnrShifted',
  'psnrBlank',
  'psnrWrong',
]);
export type AcceptanceQuantity = z.infer<typeof acceptanceQuantity>;

/** `tuned`: as it is; `difference`: tuned less base; `gain`: tuned less zero-filling. Always per patient. */
export const acceptanceBasis = z.enum(['tuned', 'difference', 'gain']);
export type AcceptanceBasis = z.infer<typeof acceptanceBasis>;

/** Over patients; the interval is the 95 % bootstrap interval of the mean. */
export const acceptanceStatistic = z.enum(['mean', 'interval-low', 'interval-high', 'lowest', 'highest']);

const threshold = z
  .strictObject({
    quantity: acceptanceQuantity,
    basis: acceptanceBasis.default('difference'),
    statistic: acceptanceStatistic.default('mean'),
    /** One of the two. */
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    /** Not judged, instead of failed, where no case can be measured: lesions where there are no masks. */
    whereMeasured: z.boolean().default(false),
    /** Why it is what it is, for the reader. */
    because: z.string().optional(),
  })
  .refine(({ atLeast, atMost }) => (atLeast === undefined) !== (atMost === undefined), {
    message: 'a threshold has atLeast or atMost, one of the two',
  });
export type AcceptanceThreshold = z.infer<typeof threshold>;

/** The file that is written down before the run. */
export const acceptanceThresholds = z.strictObject({
  format: z.literal('tandem-thresholds'),
  formatVersion: z.literal(1),
  /** Whose they are, and for what. */
  note: z.string().optional(),
  /** Fewer patients than this fail, whatever their numbers. */
  leastPatients: z.int().positive().default(3),
  thresholds: z.array(threshold).min(1),
});
export type AcceptanceThresholds = z.infer<typeof acceptanceThresholds>;

/** Null where it was not, or could not be, measured. */
const measures = z.record(acceptanceQuantity, z.number().nullable());
export type AcceptanceMeasures = z.infer<typeof measures>;

const judgedModel = z.object({
  id: z.string(),
  version: z.string(),
  network: z.string(),
  weightsSha256: sha256,
});

/** Zero-filling uses no reference: its quantities of a disturbed one are its PSNR inside. */
const methods = z.object({ zeroFill: measures, base: measures, tuned: measures });

const judgedSlice = z.object({
  /** Place in the stack, from 1. */
  slice: z.int().positive(),
  psnrInside: z.object({
    zeroFill: z.number().nullable(),
    base: z.number().nullable(),
    tuned: z.number().nullable(),
  }),
  ssimInside: z.object({
    zeroFill: z.number().nullable(),
    base: z.number().nullable(),
    tuned: z.number().nullable(),
  }),
});

const judgedCase = z.object({
  name: z.string(),
  /** A pseudonym where the scans are DICOM. */
  patient: z.string(),
  files: z.array(z.object({ name: z.string(), sha256 })),
  rows: z.int(),
  columns: z.int(),
  spacingMm: z.tuple([z.number(), z.number()]),
  /** How the reference came to lie on the target, in words; null without one. */
  registration: z.string().nullable(),
  /** The wrong reference, in words. */
  wrongReference: z.string().nullable(),
  /** Voxels of the lesion mask; null where there is none. */
  lesionVoxels: z.int().nullable(),
  methods,
  slices: z.array(judgedSlice),
});
export type JudgedCase = z.infer<typeof judgedCase>;

/** Paired over patients, never over slices: those of one patient are not independent. */
const paired = z.object({
  quantity: acceptanceQuantity,
  basis: acceptanceBasis,
  /** Patients that have it. */
  n: z.int(),
  mean: z.number().nullable(),
  sd: z.number().nullable(),
  lowest: z.number().nullable(),
  highest: z.number().nullable(),
  /** Percentile bootstrap of the mean over patients, 95 %, seeded; null for fewer than two. */
  interval95: z.tuple([z.number(), z.number()]).nullable(),
  /** Signed-rank test, two-sided; null for `tuned`, which is no difference. */
  wilcoxon: z
    .object({
      n: z.int(),
      wPlus: z.number(),
      wMinus: z.number(),
      p: z.number(),
      method: z.enum(['exact', 'normal']),
    })
    .nullable(),
});
export type PairedQuantity = z.infer<typeof paired>;

const verdict = z.object({
  threshold: z.object(threshold.shape),
  /** The statistic found; null where nothing could be measured. */
  value: z.number().nullable(),
  outcome: z.enum(['passed', 'failed', 'not-judged']),
  /** One sentence with the numbers. */
  words: z.string(),
});
export type AcceptanceVerdict = z.infer<typeof verdict>;

const leak = z.object({
  case: z.string(),
  patient: z.string(),
  /** Of the training side. */
  trainedCase: z.string(),
  trainedPatient: z.string(),
  /** `same-files`: by hash; `same-patient`: by identity; `same-voxels`; `same-head`: similar beyond chance. */
  how: z.enum(['same-files', 'same-patient', 'same-voxels', 'same-head']),
  words: z.string(),
});
export type Leak = z.infer<typeof leak>;

export const acceptanceReport = z.object({
  format: z.literal('tandem-acceptance'),
  formatVersion: z.literal(ACCEPTANCE_FORMAT_VERSION),
  software: z.string(),
  notice: z.string(),
  /** Thresholds were read before this, the first case after it. */
  begun: instant,
  ended: instant,
  device: z.string(),
  scale: scaleFactor,
  target: z.string(),
  /** Null where neither model uses one. */
  reference: z.string().nullable(),
  base: judgedModel,
  tuned: judgedModel,
  thresholds: z.object({
    /** Name of the file, its hash, when it was last changed and when it was read. */
    file: z.string(),
    sha256,
    modified: instant,
    read: instant,
    /** As written. */
    content: acceptanceThresholds,
  }),
  testSet: z.object({
    /** Of the sorted hashes of all files that were judged on. */
    sha256,
    /** Hash of the manifest that locked the set before training; null where none was given. */
    manifestSha256: sha256.nullable(),
    patients: z.int(),
    cases: z.int(),
    slices: z.int(),
    /** Cases that could not be judged, and why. With a single one the acceptance is not passed. */
    failed: z.array(z.object({ case: z.string(), reason: z.string() })),
    /** People who were learned from and judged on. With a single one the acceptance is not passed. */
    leaks: z.array(leak),
  }),
  patients: z.array(z.object({ patient: z.string(), cases: z.array(z.string()), methods })),
  cases: z.array(judgedCase),
  statistics: z.array(paired),
  /** Where the tuned model lies furthest behind the base, or gains least: PSNR inside, dB. */
  worstSlices: z.array(
    z.object({ case: z.string(), slice: z.int().positive(), difference: z.number(), tuned: z.number() }),
  ),
  verdicts: z.array(verdict),
  passed: z.boolean(),
  /** Why not, a sentence each; empty where it passed. */
  failures: z.array(z.string()),
});
export type AcceptanceReport = z.infer<typeof acceptanceReport>;

/** Judges a tuned model against its base. */
export const modelsJudge = {
  request: z.object({
    /** A shipped model's id, or the path of a package. */
    base: z.string(),
    /** Path of a package, or an id; the same scale and contrasts. */
    tuned: z.string(),
    /** Folders of cases: NIfTI case folders or DICOM studies. */
    test: z.array(z.string()).min(1),
    /** Names of the volumes of a case; what the card of the base says where absent. */
    target: z.string().optional(),
    reference: z.string().optional(),
    /** Name of a mask in a case folder, on the grid of the target. */
    lesion: z.string().default('lesion'),
    /** File of thresholds; its hash, where it was told before the training, must be the one given. */
    thresholds: z.string(),
    thresholdsSha256: sha256.optional(),
    /** Manifest of the locked test set: the cases must be those of it. */
    locked: z.string().optional(),
    registration: z.enum(['auto', 'headers', 'headers-unchecked']).default('auto'),
    device: deviceChoice.default('cpu'),
    /** A new folder, or an empty one. */
    out: z.string(),
  }),
  result: z.object({
    path: z.string(),
    /** Of acceptance.json. */
    sha256,
    report: acceptanceReport,
  }),
};
export type JudgeResult = z.output<typeof modelsJudge.result>;
