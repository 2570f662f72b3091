import type { ImageQuality } from '../../core/contract/schemas.ts';
import type { Measurement, ModelCard } from './card.ts';
import { markdownTable } from './markdown.ts';

const INTERPOLATION = 'zero-fill';

/** What a model was measured to do, in Markdown, the numbers of interpolation beside its own. */
export function measurements({ measured, robustness = [], performance }: ModelCard): string[] {
  return [
    ...(measured.length === 0 ? ['Not measured.'] : [...overCases(measured), ...measured.map(ofCase)]),
    'PSNR in dB and SSIM, per volume; *inside*: at least 3 pixels within the foreground of each slice. Only ' +
      'the numbers inside count: on skull-stripped volumes a network earns decibels by blackening the background.',
    ...robustness.map(({ case: name, rows }) => disturbances(name, rows)),
    ...(performance === undefined ? [] : [speed(performance)]),
  ];
}

/** Means over the cases that it never saw, where there are several that the same methods were measured on. */
function overCases(measured: readonly Measurement[]): string[] {
  const unseen = measured.filter(({ trainedOn }) => !trainedOn);
  const methods = Object.keys(unseen[0]?.methods ?? {}).filter((method) =>
    unseen.every((item) => item.methods[method] !== undefined),
  );
  if (unseen.length < 2 || methods.length === 0) return [];
  const rows = methods.map((method) => {
    const of = (measure: keyof ImageQuality, digits: number) =>
      spread(
        unseen.map((item) => item.methods[method]![measure]),
        digits,
      );
    const gains = unseen.flatMap(({ methods: found }) => {
      const base = found[INTERPOLATION];
      return base === undefined ? [] : [found[method]!.psnrInside - base.psnrInside];
    });
    const gain = method === INTERPOLATION || gains.length < unseen.length ? '' : spread(gains, 2);
    return [method, of('psnr', 2), of('ssim', 4), of('psnrInside', 2), of('ssimInside', 4), gain];
  });
  const head = ['method', 'PSNR', 'SSIM', 'PSNR inside', 'SSIM inside', 'gain inside'];
  return [
    `Mean ± standard deviation over the ${unseen.length} cases that it was never trained on; the gain is over zero-filling:\n\n${markdownTable(head, rows)}`,
  ];
}

function ofCase({ case: name, trainedOn, scale, slices, methods }: Measurement): string {
  const split = trainedOn ? '**trained on**: no evidence for other patients' : 'never trained on';
  return `${name} (${split}), ×${scale}, ${slices} slices:\n\n${markdownTable(
    ['method', 'PSNR', 'SSIM', 'PSNR inside', 'SSIM inside'],
    Object.entries(methods).map(([method, quality]) => [
      method,
      quality.psnr.toFixed(2),
      quality.ssim.toFixed(4),
      quality.psnrInside.toFixed(2),
      quality.ssimInside.toFixed(4),
    ]),
  )}`;
}

function disturbances(name: string, rows: NonNullable<ModelCard['robustness']>[number]['rows']): string {
  return `${name} with the reference disturbed:\n\n${markdownTable(
    ['reference', 'PSNR', 'PSNR inside'],
    rows.map(({ disturbance, psnr, psnrInside }) => [disturbance, psnr.toFixed(2), psnrInside.toFixed(2)]),
  )}`;
}

function speed({
  device,
  secondsPerSlice,
  rows,
  columns,
  memoryMb,
}: NonNullable<ModelCard['performance']>): string {
  const memory = memoryMb === undefined ? '' : `, ${Math.round(memoryMb).toLocaleString('en')} MB of memory`;
  return `A slice of ${columns} × ${rows} takes ${Number(secondsPerSlice.toPrecision(2))} s${memory} (${device}).`;
}

/** Mean ± standard deviation of a sample. */
function spread(values: readonly number[], digits: number): string {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / (values.length - 1), 0);
  return `${mean.toFixed(digits)} ± ${Math.sqrt(variance).toFixed(digits)}`;
}
