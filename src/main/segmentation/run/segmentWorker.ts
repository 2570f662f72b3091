/** Entry of the worker threads that run a segmentation network on images. */
import type { Transferable } from 'node:worker_threads';
import type { SegmentationSpec } from '../../../core/segmentation/modelSpec.ts';
import { type MarkedImage, segmentImage } from '../../../core/segmentation/segmentImage.ts';
import type { ImageTask } from '../../../core/segmentation/segmentStack.ts';
import { serveSlices } from '../../runtime/serveSlices.ts';

export interface SharedBySegmentWorkers {
  readonly spec: SegmentationSpec;
  /** Name of the network's input. */
  readonly input: string;
}

serveSlices<ImageTask, MarkedImage, SharedBySegmentWorkers>(async (task, _, { spec, input }, run) => {
  const reply = await segmentImage(task.contrasts, task.grid, spec, (images) => run({ [input]: images }));
  const { labels, probability, agreement } = reply;
  return { reply, transfer: [labels, probability, agreement].map(({ buffer }) => buffer as Transferable) };
});
