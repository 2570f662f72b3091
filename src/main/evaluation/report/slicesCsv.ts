import { type SliceStack, slicePositionsMm } from '../../../core/volume/sliceStack.ts';
import type { CaseComparison } from '../evaluateCase.ts';

/** The head of `slices.csv`; numbers inside are empty for a slice without an inside. */
export const SLICES_HEADER = 'case,slice,position_mm,method,psnr,ssim,psnr_inside,ssim_inside\n';

/** The rows of one case: slices are counted from 1 among those that count, positions are along the normal. */
export function sliceRows(name: string, truth: SliceStack, methods: CaseComparison['methods']): string {
  const positions = slicePositionsMm(truth);
  const rows: string[] = [];
  for (const [method, { slices }] of methods) {
    for (const [at, { psnr, ssim, psnrInside, ssimInside }] of slices.entries()) {
      const place = [quoted(name), at + 1, positions[at]!.toFixed(3), quoted(method)];
      rows.push([...place, ...[psnr, ssim, psnrInside, ssimInside].map(number)].join(','));
    }
  }
  return `${rows.join('\n')}\n`;
}

/** As JavaScript prints it, so that nothing is lost; `inf` where the slice equals the truth. */
function number(value: number): string {
  if (Number.isNaN(value)) return '';
  return Number.isFinite(value) ? String(value) : 'inf';
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
