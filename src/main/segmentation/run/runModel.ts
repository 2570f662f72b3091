import { tensorMemory } from '../../../core/graph/memory.ts';
import { segmentationGraph, segmentationModel } from '../../../core/networks/segmentation/index.ts';
import type { MarkedImage } from '../../../core/segmentation/segmentImage.ts';
import type { ImageTask, RunImages } from '../../../core/segmentation/segmentStack.ts';
import type { ChosenDevice } from '../../runtime/devices.ts';
import { machineBudget, preparingMb, workerCount } from '../../runtime/memory.ts';
import { SlicePool } from '../../runtime/slicePool.ts';
import { workerUrl } from '../../runtime/workerUrl.ts';
import type { SegmentationPackage } from '../packages/loadPackage.ts';
import type { SharedBySegmentWorkers } from './segmentWorker.ts';

const MEGABYTE = 2 ** 20;
/** Of what is computed, in onnxruntime's arena; as for attention in super-resolution (see `runtime/memory.ts`). */
const ARENA = 2;
/** A model from elsewhere: what it computes is not known. */
const UNKNOWN_MB = 1024;

export interface RunningModel {
  readonly run: RunImages;
  readonly workers: number;
  /** To be called once, at the end: keeps the threads for the next series, or ends them. */
  readonly close: () => void;
}

/**
 * A model ready for images, in worker threads; the same images give the same bytes for any number of them on the
 * CPU. Throws what the runtime throws when the first image runs.
 */
export function startModel(model: SegmentationPackage, device: ChosenDevice, images: number): RunningModel {
  const { spec, source } = model.card;
  const { size } = spec.canvas;
  const workerMb = memoryOf(model);
  const workers = device.kind === 'cpu' ? workerCount(machineBudget(), workerMb, Math.max(1, images)) : 1;
  const input = source.kind === 'onnx' ? source.input : 'images';
  const pool = new SlicePool<ImageTask, MarkedImage, SharedBySegmentWorkers>({
    entry: workerUrl('segmentWorker', import.meta.url),
    modelFor: () => onnxOf(model, device.kind),
    device: device.kind,
    workers,
    shared: { spec, input },
    workerMb,
  });
  const asTasks = function* (tasks: Iterable<ImageTask>) {
    for (const source of tasks) yield { rows: size, columns: size, source };
  };
  return {
    run: (tasks, signal) => pool.run(asTasks(tasks), signal),
    workers,
    close: () => pool.close(),
  };
}

/** The model for one image of its canvas. */
export function onnxOf(
  { card, weights, onnx }: SegmentationPackage,
  device: ChosenDevice['kind'],
): Uint8Array {
  if (card.source.kind === 'onnx') return onnx!;
  const { network, options } = card.source;
  return segmentationModel({ network, options, weights: weights! }, shapeOf(card), device);
}

function shapeOf({ spec }: SegmentationPackage['card']) {
  const { size } = spec.canvas;
  return { batch: 1, contrasts: spec.contrasts.length, rows: size, columns: size };
}

function memoryOf({ card }: SegmentationPackage): number {
  const { size } = card.spec.canvas;
  if (card.source.kind === 'onnx') return UNKNOWN_MB + (2 * card.weights.bytes) / MEGABYTE;
  const { network, options } = card.source;
  const { fed, computed } = tensorMemory([segmentationGraph(network, options, shapeOf(card)).logits]);
  return preparingMb(size, size) + (2 * fed + ARENA * computed) / MEGABYTE;
}
