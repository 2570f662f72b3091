import type { AcceptancePicture } from '../../../core/acceptance/page.ts';
import { ERROR_FULL_SCALE, errorPng, greyPng } from '../../evaluation/report/errorMaps.ts';
import type { WorstSlice } from './judgeCase.ts';

/** A slice that is kept for the report, and of what case. */
export interface KeptSlice extends WorstSlice {
  readonly case: string;
  readonly rows: number;
  readonly columns: number;
  /** Width over height in millimetres. */
  readonly aspect: number;
}

export type WorstPictures = AcceptancePicture;

/** The truth and every method with its error map, the front up, the patient's right on the left. */
export function picturesOf(kept: KeptSlice, scale: 2 | 4): WorstPictures {
  const { rows, columns, images } = kept;
  const grey = (pixels: Float32Array) => greyPng(pixels, rows, columns).toString('base64');
  const error = (pixels: Float32Array) =>
    errorPng(images.truth, pixels, rows, columns, ERROR_FULL_SCALE[scale]).toString('base64');
  return {
    case: kept.case,
    slice: kept.slice,
    difference: kept.difference,
    aspect: kept.aspect,
    images: [
      { name: 'truth', png: grey(images.truth) },
      { name: 'zero-filled', png: grey(images.zeroFill) },
      { name: 'base', png: grey(images.base) },
      { name: 'tuned', png: grey(images.tuned) },
      { name: 'error-zero-filled', png: error(images.zeroFill) },
      { name: 'error-base', png: error(images.base) },
      { name: 'error-tuned', png: error(images.tuned) },
    ],
  };
}
