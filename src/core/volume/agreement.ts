import { insideForeground } from './foreground.ts';
import { psnrAtPeak, ssimAtPeak } from './metrics.ts';
import type { VoxelGrid } from './sampleAt.ts';

export interface Quality {
  /** dB; infinite for equal images. */
  readonly psnr: number;
  readonly ssim: number;
}

/** How near an image comes to the truth. */
export interface Agreement {
  readonly whole: Quality;
  /** Over the voxels well inside the foreground; NaN where there are none. */
  readonly inside: Quality;
  /** Slices that were not acquired, in either image. */
  readonly leftOut: number;
}

/** Foreground is what is above this share of the truth's maximum, as in `tandem evaluate`. */
const FOREGROUND = 0.02;
/** The rim of a slice that the window of SSIM leaves out. */
const RIM = 3;

/**
 * PSNR and SSIM of an image against the truth, as `psnrVolume` and `ssimVolume` have them, for two volumes of
 * the same size: slices are those of the k axis, the peak is the maximum of the true volume. A generator, since
 * it takes seconds: it yields after every slice.
 */
export function* agreementOf(
  truth: VoxelGrid,
  image: VoxelGrid,
): Generator<{ readonly done: number; readonly total: number }, Agreement, void> {
  const [columns, rows, slices] = truth.grid.size;
  const length = rows * columns;
  let peak = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < truth.voxels.length; n++) {
    const k = Math.floor(n / length);
    if (isInvented(truth, image, k)) n = (k + 1) * length - 1;
    else if (truth.voxels[n]! > peak) peak = truth.voxels[n]!;
  }
  const whole = new Sums();
  const inside = new Sums();
  let leftOut = 0;
  for (let k = 0; k < slices; k++) {
    if (isInvented(truth, image, k)) {
      leftOut++;
      yield { done: k + 1, total: slices };
      continue;
    }
    const a = Float32Array.from(truth.voxels.subarray(k * length, (k + 1) * length));
    const b = Float32Array.from(image.voxels.subarray(k * length, (k + 1) * length));
    const mask = insideForeground(a, rows, columns, { threshold: FOREGROUND * peak });
    whole.add(peak, [a], [b], rows, columns);
    inside.add(peak, [a], [b], rows, columns, mask);
    yield { done: k + 1, total: slices };
  }
  return { whole: whole.quality(peak), inside: inside.quality(peak), leftOut };
}

function isInvented(truth: VoxelGrid, image: VoxelGrid, k: number): boolean {
  return truth.inventedSlices?.has(k) === true || image.inventedSlices?.has(k) === true;
}

/** Adds up what the metrics of single slices say to what they say of all. */
class Sums {
  #squares = 0;
  #pixels = 0;
  #ssim = 0;
  #windows = 0;

  add(
    peak: number,
    truth: readonly Float32Array[],
    image: readonly Float32Array[],
    rows: number,
    columns: number,
    mask?: Uint8Array,
  ): void {
    const masks = mask === undefined ? undefined : [mask];
    const pixels = mask === undefined ? rows * columns : count(mask);
    if (pixels > 0) {
      this.#squares += (pixels * peak * peak) / 10 ** (psnrAtPeak(peak, truth, image, masks) / 10);
      this.#pixels += pixels;
    }
    const windows = mask === undefined ? (rows - 2 * RIM) * (columns - 2 * RIM) : count(mask, rows, columns);
    if (windows <= 0) return;
    this.#ssim += windows * ssimAtPeak(peak, truth, image, rows, columns, masks);
    this.#windows += windows;
  }

  quality(peak: number): Quality {
    return {
      psnr: 10 * Math.log10((peak * peak) / (this.#squares / this.#pixels)),
      ssim: this.#ssim / this.#windows,
    };
  }
}

/** Voxels of a mask; with rows and columns, those that are clear of the rim. */
function count(mask: Uint8Array, rows?: number, columns?: number): number {
  let sum = 0;
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue;
    if (rows !== undefined && columns !== undefined) {
      const row = Math.floor(at / columns);
      const column = at % columns;
      if (row < RIM || row >= rows - RIM || column < RIM || column >= columns - RIM) continue;
    }
    sum++;
  }
  return sum;
}
