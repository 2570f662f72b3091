import { TandemError, throwIfCancelled } from '../errors.ts';
import type { PlaneGrid } from '../volume/canvas.ts';
import { type SliceStack, sliceSpacingMm } from '../volume/sliceStack.ts';
import { type Findings, keepParts } from './findings.ts';
import type { SegmentationSpec } from './modelSpec.ts';
import { scaledPixels, scaleOfSeries } from './normalise.ts';
import type { MarkedImage } from './segmentImage.ts';
import { imageOf, putImage, type View, viewOf } from './viewing.ts';

/** One image of a stack for a network, not yet on its canvas. */
export interface ImageTask {
  readonly grid: PlaneGrid;
  /** Scaled pixels of each contrast; null for one that is missing. */
  readonly contrasts: readonly (Float32Array | null)[];
}

/** Runs images through a network; answers in their order. */
export type RunImages = (tasks: Iterable<ImageTask>, signal: AbortSignal) => AsyncIterable<MarkedImage>;

/** What was found in a stack, on its own grid. */
export interface SegmentedStack extends Findings {
  /** Of the likeliest label, slice by slice, before anything was dropped. */
  readonly probability: readonly Float32Array[];
  /** Share of the flipped images that agree with the label given, slice by slice; 0 where there is none. */
  readonly agreement: readonly Float32Array[];
  readonly voxelMl: number;
  /** Images that the network looked at, and all of them: those with next to nothing in them are left out. */
  readonly looked: number;
  readonly images: number;
  readonly view: View;
}

/** An image is looked at where more than this share of its pixels is tissue. */
const LEAST_TISSUE = 0.02;

/**
 * What a network finds in a stack: every contrast is scaled over its whole, images are taken in the direction that
 * the network knows (`viewOf`), and what it marks is put back where it belongs, voxel for voxel; parts that are too
 * small are dropped. A voxel's volume is pixel area × the median distance of the slices: a gap is not filled.
 *
 * @param others further contrasts on the stack's own grid, slice by slice; null for one that is missing
 * @throws TandemError `nothing-readable` where the stack is empty; what running throws
 */
export async function segmentStack(
  stack: SliceStack,
  others: readonly (readonly Float32Array[] | null)[],
  spec: SegmentationSpec,
  run: RunImages,
  {
    signal,
    onImage,
  }: { readonly signal: AbortSignal; readonly onImage?: (done: number, total: number) => void },
): Promise<SegmentedStack> {
  const view = viewOf(stack);
  const first = stack.slices.map(({ pixels }) => pixels);
  const scale = scaleOfSeries(first, spec.normalisation);
  if (scale === undefined) {
    throw new TandemError('nothing-readable', 'The series is empty, or all its values are the same', {
      hint: 'Choose a series that shows a head.',
    });
  }
  const scaledOthers = others.map((slices) => {
    const own = slices === null ? undefined : scaleOfSeries(slices, spec.normalisation);
    return slices !== null && own !== undefined ? { slices, scale: own } : null;
  });
  const tissue = tissueThreshold(first);
  const looked = Array.from({ length: view.images }, (_, image) => image).filter((image) => {
    throwIfCancelled(signal);
    return shareAbove(imageOf(first, stack, view, image), tissue) > LEAST_TISSUE;
  });
  function* tasks(): Generator<ImageTask> {
    for (const image of looked) {
      const pixelsOf = (slices: readonly Float32Array[]) => imageOf(slices, stack, view, image);
      yield {
        grid: view.grid,
        contrasts: [
          scaledPixels(pixelsOf(first), scale!),
          ...scaledOthers.map((one) => one && scaledPixels(pixelsOf(one.slices), one.scale)),
        ],
      };
    }
  }
  const empty = () => stack.slices.map(() => new Float32Array(stack.rows * stack.columns));
  const labels = stack.slices.map(() => new Uint8Array(stack.rows * stack.columns));
  const [probability, agreement] = [empty(), empty()];
  let done = 0;
  for await (const marked of run(tasks(), signal)) {
    const image = looked[done]!;
    putImage(marked.labels, labels, stack, view, image);
    putImage(marked.probability, probability, stack, view, image);
    putImage(marked.agreement, agreement, stack, view, image);
    done++;
    onImage?.(done, looked.length);
  }
  if (done < looked.length) throw new TandemError('failed', 'The network did not answer for every image');
  const voxelMl = voxelMlOf(stack);
  const findings = keepParts(
    labels.map((slice, n) => ({ labels: slice, agreement: agreement[n]! })),
    { rows: stack.rows, columns: stack.columns, voxelMl },
    spec.labels.map(({ value }) => value),
    spec.keep,
  );
  return { ...findings, probability, agreement, voxelMl, looked: looked.length, images: view.images, view };
}

/** Pixel area × median distance of the slices, ml. */
export function voxelMlOf(stack: SliceStack): number {
  return (stack.spacingMm[0] * stack.spacingMm[1] * sliceSpacingMm(stack)) / 1000;
}

/** A quarter of the mean of what is above 0: air lies below it on any scanner. */
function tissueThreshold(slices: readonly Float32Array[]): number {
  let [sum, count] = [0, 0];
  for (const slice of slices) {
    for (const value of slice) {
      if (!(value > 0 && value < Number.POSITIVE_INFINITY)) continue;
      sum += value;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count / 4;
}

function shareAbove(pixels: Float32Array, threshold: number): number {
  let count = 0;
  for (const value of pixels) if (value > threshold) count++;
  return count / pixels.length;
}
