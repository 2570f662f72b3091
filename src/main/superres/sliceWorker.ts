/** Entry of the worker threads that prepare and enhance slices. */
import type { Transferable } from 'node:worker_threads';
import { type RunNetwork, serveSlices } from '../runtime/serveSlices.ts';
import type { GivenInputs } from '../runtime/slicePool.ts';
import {
  correctionWeights,
  referenceSlice,
  type SharedReference,
  type SharedTarget,
  seenMask,
  type TargetSlice,
  zeroFilledSlice,
} from './prepareSlice.ts';

export interface SharedByWorkers {
  readonly target: SharedTarget;
  readonly reference?: SharedReference | undefined;
  readonly haloPx: number;
}

export type SliceSource =
  /** Prepare the slice and run the network on it. */
  | ({ readonly kind: 'enhance' } & TargetSlice)
  /** What the network would see, in its own units: nothing is run. */
  | ({ readonly kind: 'zero-fill' } & TargetSlice)
  | { readonly kind: 'reference'; readonly positionLps: TargetSlice['positionLps'] }
  /** Run the network on inputs as they are. */
  | ({ readonly kind: 'given' } & GivenInputs);

export interface SliceReply {
  readonly image: Float32Array;
  /** Share of the slice that the reference covers; 1 where none is needed. */
  readonly coverage: number;
  /** Voxels of the target slice that were not finite. */
  readonly notFinite: number;
}

serveSlices<SliceSource, SliceReply, SharedByWorkers>(async (source, _task, shared, run) => {
  const reply = await serve(source, shared, run);
  return { reply, transfer: [reply.image.buffer as Transferable] };
});

async function serve(source: SliceSource, shared: SharedByWorkers, run: RunNetwork): Promise<SliceReply> {
  switch (source.kind) {
    case 'enhance':
      return enhance(source, shared, run);
    case 'zero-fill': {
      const { image, notFinite } = zeroFilledSlice(shared.target, source);
      return { image, coverage: 1, notFinite };
    }
    case 'reference': {
      const { pixels, coverage } = referenceSlice(shared.target, shared.reference!, source.positionLps);
      return { image: pixels.map((value) => (Number.isNaN(value) ? 0 : value)), coverage, notFinite: 0 };
    }
    case 'given':
      return { image: Float32Array.from(await run(source.inputs)), coverage: 1, notFinite: 0 };
  }
}

/**
 * Zero-fills, scales, lets the network correct and scales back. Nothing is clipped or rounded. Where the
 * reference does not cover the slice, the target stays zero-filled (see `correctionWeights`).
 */
async function enhance(slice: TargetSlice, shared: SharedByWorkers, run: RunNetwork): Promise<SliceReply> {
  const { target, reference } = shared;
  const { image, acquired, notFinite } = zeroFilledSlice(target, slice);
  const inputs: Record<string, Float32Array> = {
    target: acquired.map((value) => value / target.scale),
    zero_filled: image.map((value) => value / target.scale),
  };
  let coverage = 1;
  let weights: Float32Array | undefined;
  if (reference !== undefined) {
    const sampled = referenceSlice(target, reference, slice.positionLps);
    const mask = seenMask(target, reference, slice.positionLps, sampled.pixels);
    const seen = mask.reduce((sum, one) => sum + one, 0);
    coverage = seen / mask.length;
    if (seen === 0) return { image, coverage, notFinite };
    if (seen < mask.length) {
      weights = correctionWeights(mask, target.enhanced.rows, target.enhanced.columns, shared.haloPx);
    }
    inputs.reference = sampled.pixels.map((value) => (Number.isNaN(value) ? 0 : value / reference.scale));
  }
  const enhanced = await run(inputs);
  const result = new Float32Array(enhanced.length);
  for (let at = 0; at < result.length; at++) {
    const scaledBack = enhanced[at]! * target.scale;
    result[at] = weights === undefined ? scaledBack : image[at]! + weights[at]! * (scaledBack - image[at]!);
  }
  return { image: result, coverage, notFinite };
}
