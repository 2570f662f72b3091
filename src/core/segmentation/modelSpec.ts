import * as z from 'zod';
import { contrastName } from '../contract/schemas.ts';

/** What a segmentation model is given and what it answers: the part of its card that decides its results. */

/** Values that images of a head take in practice; a model that wants others wants something else. */
const finite = z.number().min(-1e6).max(1e6);
const interval = z.tuple([finite, finite]).refine(([low, high]) => low < high, {
  message: 'the first number is the smaller one',
});

/**
 * How the values of a series become those that the network sees, over the whole series:
 * - `robust`: (v − median) / (1.4826 × median absolute deviation) of the foreground (see `robustScale`);
 * - `z-score`: (v − mean) / standard deviation of the values above 0;
 * - `percentiles`: those two percentiles of the values above 0 become 0 and 1.
 *
 * Then values are held within `range`, whose lower end is also what lies beyond the image and what a contrast
 * that is missing is filled with.
 */
export const normalisation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('robust'), range: interval }),
  z.strictObject({ kind: z.literal('z-score'), range: interval }),
  z.strictObject({
    kind: z.literal('percentiles'),
    percentiles: z.tuple([z.number().min(0).max(100), z.number().min(0).max(100)]).refine(([a, b]) => a < b),
    range: interval,
  }),
]);
export type Normalisation = z.infer<typeof normalisation>;

const code = z.strictObject({
  value: z.string().min(1).max(16),
  scheme: z.string().min(1).max(16),
  meaning: z.string().min(1).max(64),
});

export const segmentLabel = z.strictObject({
  /** In the labelmap. */
  value: z.int().min(1).max(255),
  /** Channel of the network's output. */
  channel: z.int().min(0).max(63),
  name: z.string().min(1).max(48),
  /** A name of docs/companions.md (`neoplasm`, `edema` …), or category and type as codes. */
  meaning: z.union([z.string().max(64), z.strictObject({ category: code, type: code })]),
  colorRgb: z.tuple([z.int().min(0).max(255), z.int().min(0).max(255), z.int().min(0).max(255)]).optional(),
});
export type SegmentLabel = z.infer<typeof segmentLabel>;

export const segmentationSpec = z
  .strictObject({
    /** Channels of the input, in order. Those that are not required may be missing. */
    contrasts: z
      .array(z.strictObject({ name: contrastName, required: z.boolean() }))
      .min(1)
      .max(4),
    /** The square that every slice is brought onto, its middle in the middle. */
    canvas: z.strictObject({ size: z.int().min(32).max(1024), pixelMm: z.number().min(0.1).max(8) }),
    normalisation,
    /**
     * What the output is: `sigmoid` logits or `probabilities` a label of its own each; `softmax` logits, or
     * `exclusive` probabilities, of labels and background that exclude each other.
     */
    output: z.enum(['sigmoid', 'probabilities', 'softmax', 'exclusive']),
    /** Channels of the output. */
    channels: z.int().min(1).max(64),
    labels: z.array(segmentLabel).min(1).max(32),
    /** A pixel is marked where a label's probability, the mean over the flipped images, is above this. */
    threshold: z.number().gt(0).lt(1).default(0.5),
    /** Whether images are looked at mirrored too, along columns, rows and both. */
    flips: z.boolean().default(true),
    keep: z.strictObject({
      leastMl: z.number().min(0).max(1000),
      mostParts: z.int().min(1).max(1000).nullable(),
    }),
  })
  .superRefine((spec, check) => {
    const wrong = (message: string) => check.addIssue({ code: 'custom', message, path: ['labels'] });
    const twice = (values: readonly unknown[]) => new Set(values).size < values.length;
    if (twice(spec.labels.map(({ value }) => value))) wrong('two labels have the same value');
    if (twice(spec.labels.map(({ channel }) => channel))) wrong('two labels have the same channel');
    if (twice(spec.contrasts.map(({ name }) => name))) wrong('a contrast is there twice');
    if (spec.contrasts[0]?.required !== true) wrong('the first contrast must be required: masks lie on it');
    const beyond = spec.labels.find(({ channel }) => channel >= spec.channels);
    if (beyond !== undefined) wrong(`the output has no channel ${beyond.channel}`);
  });
export type SegmentationSpec = z.infer<typeof segmentationSpec>;
export type SegmentationSpecInput = z.input<typeof segmentationSpec>;
