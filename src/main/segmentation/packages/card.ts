import * as z from 'zod';
import { contrastName } from '../../../core/contract/schemas.ts';
import { segmentationSpec } from '../../../core/segmentation/modelSpec.ts';
import { plainName } from '../../models/card.ts';

/** `model.json` of a segmentation package: all that is known about it. A newer format version is refused. */
export const SEGMENTATION_FORMAT = 'tandem-segmentation-model';
export const SEGMENTATION_FORMAT_VERSION = 1;

/** Where the model of a package from elsewhere lies in it. */
export const ONNX_FILE = 'model.onnx';

export const SEGMENTATION_USE =
  'Research-use preview of what enhancement does to a contour. Not for diagnosis, not for planning.';

const range = z.tuple([z.number().positive(), z.number().positive()]);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const unit = z.number().min(0).max(1);

const trainingCase = z.strictObject({
  name: z.string(),
  patient: z.string(),
  slices: z.int().positive(),
  /** Slices with a marked pixel. */
  marked: z.int().min(0),
  files: z.array(z.strictObject({ name: z.string(), sha256 })),
});

/** Of one patient, against the mask that was drawn by hand. */
const measurement = z.strictObject({
  case: z.string(),
  trainedOn: z.boolean(),
  /** Which image of it: `original`, `zero-filled x4`, or a model's id. */
  image: z.string(),
  dice: unit,
  diceSlices: unit.nullable(),
  hd95Mm: z.number().min(0).nullable(),
});

/** Of one patient who has nothing to be found. */
const falsePositive = z.strictObject({ case: z.string(), trainedOn: z.boolean(), ml: z.number().min(0) });

const source = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('network'),
    network: z.string(),
    options: z.record(z.string(), z.unknown()),
    precision: z.enum(['float32', 'float16']),
    parameters: z.array(z.strictObject({ path: z.string(), shape: z.array(z.int().positive()) })),
  }),
  z.strictObject({
    kind: z.literal('onnx'),
    /** Of the standard operators. */
    opset: z.int(),
    input: z.string(),
    output: z.string(),
    /** The file that it was taken from, and how it describes itself. */
    imported: z.strictObject({ file: z.string(), producer: z.string() }),
  }),
]);

export const segmentationCardSchema = z.strictObject({
  format: z.literal(SEGMENTATION_FORMAT),
  formatVersion: z.literal(SEGMENTATION_FORMAT_VERSION),
  id: plainName,
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  spec: segmentationSpec,
  source,
  weights: z.strictObject({ sha256, bytes: z.int().positive() }),
  /** What it was trained on lies within these. Null where that is not known. */
  envelope: z
    .strictObject({
      /** Kinds of images that it learned as its first contrast. */
      first: z.array(contrastName),
      spacingMm: range,
      sliceMm: range,
    })
    .nullable(),
  /** Null where it was not trained here. */
  training: z
    .strictObject({
      /** The package whose weights it began with. */
      initialisedFrom: z.strictObject({ id: plainName, sha256 }).optional(),
      cases: z.array(trainingCase),
      /** Patients that the weights were chosen on, never trained on. */
      validation: z.array(trainingCase),
      settings: z.record(z.string(), z.unknown()),
      steps: z.int().positive(),
      keptStep: z.int().min(0),
      /** On slices of the validation patients, while it was trained. */
      validationDice: unit.nullable(),
      firstLoss: z.number(),
      lastLoss: z.number(),
      seconds: z.number(),
      software: z.string(),
      /** The command that makes it again, with the data's folder as DATA. */
      command: z.string().optional(),
    })
    .nullable(),
  measured: z.array(measurement),
  falsePositives: z.array(falsePositive),
  limits: z.array(z.string()),
  /** What else the package holds. Loading reads none of them. */
  files: z.array(z.strictObject({ name: plainName, sha256 })),
  intendedUse: z.string(),
  licence: z.strictObject({ weights: z.string(), notices: z.array(z.string()) }),
});
export type SegmentationCard = z.infer<typeof segmentationCardSchema>;
export type SegmentationMeasurement = z.infer<typeof measurement>;
