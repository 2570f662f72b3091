import type { AcceptanceBasis, AcceptanceQuantity, AcceptanceThreshold } from '../contract/acceptance.ts';

/** How the report calls things, in one place. */

export const quantityWords: Readonly<Record<AcceptanceQuantity, string>> = {
  psnr: 'PSNR',
  ssim: 'SSIM',
  psnrInside: 'PSNR inside',
  ssimInside: 'SSIM inside',
  edgeError: 'error on edges',
  lesionError: 'error in lesions',
  consistencyError: 'inconsistency with the acquired data',
  psnrShifted: 'PSNR inside, reference shifted by 2 mm',
  psnrBlank: 'PSNR inside, reference blank',
  psnrWrong: 'PSNR inside, reference wrong',
};

export const basisWords: Readonly<Record<AcceptanceBasis, string>> = {
  tuned: ', tuned model',
  difference: ', tuned less base',
  gain: ', tuned less zero-filling',
};

export const statisticWords: Readonly<Record<AcceptanceThreshold['statistic'], string>> = {
  mean: 'mean over patients',
  'interval-low': 'lower end of the 95 % interval',
  'interval-high': 'upper end of the 95 % interval',
  lowest: 'lowest patient’s value',
  highest: 'highest patient’s value',
};

/** Quantities in dB; the others are of images in [0, 1]. */
export function isDecibel(quantity: AcceptanceQuantity): boolean {
  return quantity.startsWith('psnr');
}

/** `1.23 dB`, `0.9123`. */
export function withUnit(quantity: AcceptanceQuantity, value: number): string {
  return isDecibel(quantity) ? `${value.toFixed(2)} dB` : `${Number(value.toPrecision(4))}`;
}

/** Over the pictures of the worst slices. */
export const WORST_SLICES = {
  title: 'Worst slices',
  note: 'Where the tuned model lies furthest behind its base, or gains least. Images from 0 to 1, the front up, the patient’s right on the left; below them |image − truth|, black at 0, brightest at 0.1 (×2) or 0.2 (×4) and beyond.',
} as const;

/** `case-3, slice 12: −0.31 dB`, the difference being tuned less base. */
export function worstSliceTitle(one: {
  readonly case: string;
  readonly slice: number;
  readonly difference: number;
}): string {
  const { case: name, slice, difference } = one;
  return `${name}, slice ${slice}: ${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(2)} dB`;
}
