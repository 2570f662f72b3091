import type { JobContext } from '../../core/job.ts';
import type { CasePicture } from '../../core/report/casePage.ts';
import { percentile } from '../../core/volume/intensity.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import { encodePng } from '../evaluation/report/png.ts';
import { prepareStack } from '../superres/prepareStack.ts';
import type { EnhancedSeries } from '../superres/types.ts';

/** Where in the stack: a quarter, half and three quarters of the way. */
const PLACES = [0.25, 0.5, 0.75];

/**
 * Slices of an enhanced series beside what interpolation alone makes of the target, in one window, as acquired:
 * first row up, first column left.
 *
 * @param mark what stands on every enhanced picture
 */
export async function casePictures(
  series: EnhancedSeries,
  mark: string,
  job: JobContext,
): Promise<CasePicture[]> {
  const count = series.stack.slices.length;
  const chosen = [...new Set(PLACES.map((share) => Math.round(share * (count - 1))))];
  const { scale } = series.provenance;
  const enhanced = only(series.stack, chosen);
  const plain = await prepareStack('zero-filled', only(series.targetStack, chosen), scale, undefined, job);
  const pixels = plain.slices.map((slice) => slice.pixels);
  const low = percentile(pixels, 0.5) ?? 0;
  const high = percentile(pixels, 99.5) ?? 1;
  return chosen.flatMap((index, n) => {
    const place = `slice ${index + 1} of ${count}`;
    return [
      { title: `Interpolated only, ${place}`, mark: undefined, ...picture(plain, n, low, high) },
      { title: `Enhanced, ${place}`, mark, ...picture(enhanced, n, low, high) },
    ];
  });
}

function only(stack: SliceStack, chosen: readonly number[]): SliceStack {
  return { ...stack, slices: chosen.map((index) => stack.slices[index]!) };
}

function picture(
  stack: SliceStack,
  n: number,
  low: number,
  high: number,
): { readonly png: string; readonly aspect: number } {
  const { rows, columns, spacingMm, slices } = stack;
  const range = Math.max(high - low, Number.MIN_VALUE);
  const bytes = Uint8Array.from(slices[n]!.pixels, (value) =>
    Math.round(255 * Math.min(1, Math.max(0, (value - low) / range))),
  );
  return {
    png: encodePng(bytes, columns, rows, 1).toString('base64'),
    aspect: (columns * spacingMm[0]) / (rows * spacingMm[1]),
  };
}
