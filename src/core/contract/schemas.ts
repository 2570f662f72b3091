import * as z from 'zod';

/** Small schemas that several operations share. Positions are LPS millimetres. */

export const vec3 = z.tuple([z.number(), z.number(), z.number()]);

export const scaleFactor = z.union([z.literal(2), z.literal(4)]);
export type ScaleFactor = z.infer<typeof scaleFactor>;

/** What a graph can run on; which of them are here, `devices` says. */
export const deviceKind = z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml']);
export const deviceChoice = z.enum(['auto', ...deviceKind.options]);
export type DeviceChoice = z.infer<typeof deviceChoice>;

export const sliceAxis = z.enum(['axial', 'sagittal', 'coronal']);
export type SliceAxis = z.infer<typeof sliceAxis>;

/** Geometry and pair warnings: a closed set of codes. */
export const warningCode = z.enum([
  'gap',
  'duplicate-slices',
  'uneven-spacing',
  'mixed-orientation',
  'mixed-size',
  'mixed-spacing',
  'mixed-frame-of-reference',
  'single-slice',
  'missing-geometry',
  'sheared-stack',
  'gantry-tilt',
  'spacing-disagrees',
  'geometry-doubtful',
  'zero-filled',
  'reference-coarser-than-target',
  'target-zero-filled',
  'no-overlap',
  'partial-overlap',
  'different-frame-of-reference',
  'contrast-unknown',
  'same-contrast',
  'lossy-compressed',
  'not-finite-voxels',
  'first-volume-only',
  'outside-model-envelope',
  'operators-fall-back',
]);
export type WarningCode = z.infer<typeof warningCode>;

export const warning = z.object({
  code: warningCode,
  message: z.string(),
  /** Geometry warnings: 1-based number, in stack order, of the slice after which it happens. */
  afterSlice: z.number().int().optional(),
  /** Geometry warnings: position along the slice normal of the slice `afterSlice`. */
  positionMm: z.number().optional(),
});
export type Warning = z.infer<typeof warning>;

/** DICOM only: what MR images are written as. `source`: as the source was, classic or enhanced. */
export const dicomForm = z.enum(['source', 'classic', 'enhanced']);
export type DicomForm = z.infer<typeof dicomForm>;

export const contrastName = z.enum([
  't1',
  't1c',
  't2',
  'pd',
  'flair',
  'fs-pd',
  'fs-t2',
  'stir',
  'swi',
  'dwi',
  'localizer',
  'derived',
  'unknown',
]);
export type ContrastName = z.infer<typeof contrastName>;

/**
 * How a request names a series: a path (file or folder) on its own, or a number or UID within the
 * studies found under `paths`.
 */
export const seriesSelector = z.object({
  /** Files and folders to look in; empty where `series` is itself a path. */
  paths: z.array(z.string()),
  /** A path, a series number or a series UID. */
  series: z.string(),
});
export type SeriesSelector = z.infer<typeof seriesSelector>;

export const seriesSummary = z.object({
  uid: z.string(),
  number: z.number().int().nullable(),
  description: z.string(),
  modality: z.string(),
  format: z.enum(['dicom', 'nifti']),
  /** Columns, rows, slices. */
  size: vec3,
  /** Along columns, rows and the median step between slices. */
  spacingMm: vec3,
  orientation: sliceAxis,
  contrast: z.object({ name: contrastName, why: z.string() }),
  /** Nominal, of a slice; absent where the images do not say. */
  sliceThicknessMm: z.number().optional(),
  /** Of the magnet, tesla; absent where the images do not say. */
  fieldStrengthT: z.number().optional(),
  /** Absent where the images do not name one. */
  frameOfReferenceUid: z.string().optional(),
  warnings: z.array(warning),
  /** The file of a NIfTI, the common folder of a DICOM series. */
  path: z.string(),
  /**
   * Of volumes of one DICOM series that repeat each other (temporal positions, diffusion directions, repeats):
   * which one this is, from 1, of how many, and the UID of the first.
   */
  repetition: z.object({ first: z.string(), volume: z.number().int(), volumes: z.number().int() }).optional(),
});
export type SeriesSummary = z.infer<typeof seriesSummary>;

export const pairSuggestion = z.object({
  /** Series UIDs. */
  target: z.string(),
  reference: z.string(),
  /** 0 (cannot help) to 1. */
  score: z.number(),
  reasons: z.array(z.string()),
  warnings: z.array(warning),
});
export type PairSuggestion = z.infer<typeof pairSuggestion>;

/** A DICOM Segmentation that lies beside the series of a study. */
export const studySegmentation = z.object({
  /** SOP Instance UID. */
  uid: z.string(),
  /** Series description, else content label. */
  description: z.string(),
  /** Of its segments. */
  labels: z.array(z.string()),
  path: z.string(),
  frameOfReferenceUid: z.string().optional(),
});
export type StudySegmentation = z.infer<typeof studySegmentation>;

export const studySummary = z.object({
  uid: z.string(),
  description: z.string(),
  date: z.string(),
  patientName: z.string(),
  patientId: z.string(),
  series: z.array(seriesSummary),
  /** Best first. */
  pairs: z.array(pairSuggestion),
  /** Absent where there is none. */
  segmentations: z.array(studySegmentation).optional(),
});
export type StudySummary = z.infer<typeof studySummary>;

export const refusedFile = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type RefusedFile = z.infer<typeof refusedFile>;

export const registrationVerdict = z.enum(['trusted', 'untrusted', 'none']);

/** Who put the reference where it lies: registration, or the user (by hand, or with a file). */
export const alignedBy = z.enum(['elastix', 'manual']);
export type AlignedBy = z.infer<typeof alignedBy>;

export const registrationReport = z.object({
  /** `none`: not asked for; the headers' geometry was taken as it is. */
  verdict: registrationVerdict,
  /** In words, why it is (not) to be trusted. */
  reasons: z.array(z.string()),
  /** Normalised mutual information-like similarity in nats, before and after. */
  miBefore: z.number().nullable(),
  miAfter: z.number().nullable(),
  /** Motion found: rotation angle and length of the displacement at the target's centre. */
  rotationDeg: z.number(),
  translationMm: z.number(),
  /** Share of the target's volume that the moved reference covers, 0 to 1. */
  overlap: z.number(),
  /** Absent where the headers' positions were taken. */
  by: alignedBy.optional(),
});
export type RegistrationReport = z.infer<typeof registrationReport>;

export const imageQuality = z.object({
  psnr: z.number(),
  ssim: z.number(),
  psnrInside: z.number(),
  ssimInside: z.number(),
});
export type ImageQuality = z.infer<typeof imageQuality>;

export const packageVersion = z
  .string()
  .regex(/^\d+\.\d+\.\d+$/)
  .default('1.0.0');

/** An operator of the network that the device cannot run, so that the CPU does. */
export const fallBack = z.object({
  operator: z.string(),
  /** Where in the network. */
  place: z.string(),
  onnxOp: z.string(),
  count: z.number().int(),
});

/**
 * What goes beside an enhanced series into the folder of its export. `registration`: how the reference was laid
 * on the target, as DICOM Spatial Registration, with a NIfTI as ITK's .tfm.
 */
export const exportCompanions = z.array(z.enum(['registration']));
