import {
  ADAM_DEFAULTS,
  add,
  binaryCrossEntropyLoss,
  diceLoss,
  type ShardedStep,
  shardedStep,
  sigmoid,
  type TrainingStep,
  trainingStep,
} from '../../../core/graph/index.ts';
import type { JobContext } from '../../../core/job.ts';
import { segmentationGraph, segmentationNetworkNamed } from '../../../core/networks/segmentation/index.ts';
import type { Canvas } from '../../../core/volume/canvas.ts';
import { blockedChannels } from '../../runtime/blockedChannels.ts';
import { type LoopOptions, type LoopResult, runTraining } from '../../training/loop.ts';
import type { SegmentationCase } from './segmentationCase.ts';
import { SegmentationPatches } from './segmentationPatches.ts';
import type { SegmentationSettings } from './segmentationSettings.ts';
import { type SegmentationScore, SegmentationValidation } from './segmentationValidation.ts';

/** One slice of 256 mm: a head in any direction, and what Swin-Unet's windows fill at every scale. */
export const SEGMENTATION_CANVAS: Canvas = { size: 256, pixelMm: 1 };

/**
 * The training step of a segmentation: binary cross-entropy plus soft Dice, AdamW, on `images` [batch, contrasts,
 * patch, patch] and `truth` [batch, 1, patch, patch]. Throws `bad-model`.
 */
export function segmentationStep(
  settings: SegmentationSettings,
  layout: number | undefined,
): TrainingStep | ShardedStep {
  const { network, patch, contrasts, shards = 1, clipNorm, ema } = settings;
  const batch = settings.batch / shards;
  const shape = { batch, contrasts, rows: patch, columns: patch };
  const { graph, logits } = segmentationGraph(network, settings.options, shape, { training: true });
  const truth = graph.input('truth', logits.shape);
  const terms = {
    cross_entropy: binaryCrossEntropyLoss(logits, truth),
    dice: diceLoss(sigmoid(logits), truth),
  };
  const options = {
    name: `${network}-training-step`,
    adam: { ...ADAM_DEFAULTS, weightDecay: settings.weightDecay },
    clip: clipNorm === undefined ? undefined : ({ kind: 'norm', limit: clipNorm } as const),
    average: ema === undefined ? undefined : { decay: ema, start: settings.emaStart },
    blockedChannels: layout,
    reports: terms,
  };
  const loss = add(terms.cross_entropy, terms.dice);
  return shards === 1 ? trainingStep(graph, loss, options) : shardedStep(graph, loss, shards, options);
}

/** Trains a network that segments (see `runTraining`). */
export async function trainSegmentation(
  settings: SegmentationSettings,
  cases: { readonly train: readonly SegmentationCase[]; readonly validation: readonly SegmentationCase[] },
  options: LoopOptions<SegmentationScore>,
  job: JobContext,
): Promise<LoopResult<SegmentationScore>> {
  const { size } = SEGMENTATION_CANVAS;
  const { batch, contrasts, patch } = settings;
  const batchArrays = {
    images: new Float32Array(batch * contrasts * patch * patch),
    truth: new Float32Array(batch * patch * patch),
  };
  const patches = new SegmentationPatches(cases.train, size, settings);
  const validation = new SegmentationValidation(cases.validation, size, settings);
  const named = (all: readonly SegmentationCase[]) =>
    all.map(({ name, files, slices }) => ({ name, files, slices: slices.length }));
  const { minutes, ...deciding } = settings;
  return runTraining<SegmentationScore>(
    {
      model: segmentationStep(settings, await blockedChannels()),
      data: new Map([
        ['images', { shape: [batch, contrasts, patch, patch], data: batchArrays.images }],
        ['truth', { shape: [batch, 1, patch, patch], data: batchArrays.truth }],
      ]),
      fill: (random) => patches.fill(batchArrays, random),
      identity: {
        ...deciding,
        byTheClock: minutes !== undefined,
        options: segmentationNetworkNamed(settings.network).parseOptions(settings.options),
        cases: named(cases.train),
        validation: named(cases.validation),
      },
      settings,
      validate: validation.isEmpty ? undefined : (weights, signal) => validation.measure(weights, signal),
      scores: {
        names: ['dice', 'worstDice', 'diceAlone'],
        // A scan with one contrast is to be segmented too.
        decisive: ({ dice, diceAlone }) => (3 * dice + diceAlone) / 4,
        words: ({ dice, worstDice, diceAlone }) =>
          `Dice ${dice.toFixed(3)} (worst ${worstDice.toFixed(3)}, one contrast ${diceAlone.toFixed(3)})`,
      },
    },
    options,
    job,
  );
}
