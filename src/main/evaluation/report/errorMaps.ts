import type { Slices } from '../../../core/volume/metrics.ts';
import { inferno } from './colourMap.ts';
import { encodePng } from './png.ts';

/** Where in the stack maps are made: a quarter, half and three quarters of the way up. */
const PLACES = [0.25, 0.5, 0.75];
/** |error| at the upper end of the colours, of images in [0, 1]: one for each scale, so that reports compare. */
export const ERROR_FULL_SCALE = { 2: 0.1, 4: 0.2 } as const;

/** Indices of the slices to be shown, ascending, each once. */
export function shownSlices(count: number): number[] {
  return [...new Set(PLACES.map((share) => Math.round(share * (count - 1))))];
}

/** One slice as each method gives it. */
export interface ShownSlice {
  /** Index among the slices that count. */
  readonly index: number;
  readonly truth: Float32Array;
  readonly methods: Map<string, Float32Array>;
}

/** Keeps copies of the shown slices of every method but those left out: see `ComparisonOptions.see`. */
export function slicesToShow(
  truth: Slices,
  leftOut: readonly string[],
): { readonly shown: readonly ShownSlice[]; readonly see: (method: string, image: Slices) => void } {
  const shown = shownSlices(truth.length).map((index) => ({
    index,
    truth: truth[index]!,
    methods: new Map<string, Float32Array>(),
  }));
  return {
    shown,
    see: (method, image) => {
      if (leftOut.includes(method)) return;
      for (const { index, methods } of shown) methods.set(method, image[index]!.slice());
    },
  };
}

/**
 * A slice in [0, 1] as a greyscale PNG, as radiologists look at it: the front up, the patient's right on the
 * left. The slice's rows run to the front and its columns to the right.
 */
export function greyPng(pixels: Float32Array, rows: number, columns: number): Buffer {
  return encodePng(Uint8Array.from(pixels, byteOf).reverse(), columns, rows, 1);
}

/** |image − truth| in the colours of inferno, black at 0, what is at or beyond `fullScale` brightest. Lies as `greyPng`. */
export function errorPng(
  truth: Float32Array,
  image: Float32Array,
  rows: number,
  columns: number,
  fullScale: number,
): Buffer {
  const last = truth.length - 1;
  const pixels = new Uint8Array(3 * truth.length);
  for (let at = 0; at <= last; at++) {
    const error = Math.abs(image[at]! - truth[at]!);
    pixels.set(inferno[byteOf(error / fullScale)]!, 3 * (last - at));
  }
  return encodePng(pixels, columns, rows, 3);
}

/** The colours of `errorPng` from 0 to the full scale, left to right. */
export function colourBarPng(): Buffer {
  return encodePng(Uint8Array.from(inferno.flat()), inferno.length, 1, 3);
}

function byteOf(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}
