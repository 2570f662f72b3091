import type { Request, Result } from '../../core/contract/operations.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import type { JobContext } from '../../core/job.ts';
import { stackToVolume } from '../../core/volume/convert.ts';
import { percentile, percentilesOfIntegers } from '../../core/volume/intensity.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Volume } from '../../core/volume/volume.ts';
import type { Handler } from '../host/handler.ts';
import { findSegmentation, segmentationStack, segmentationTitle } from '../segmentation/store.ts';
import { loadSeries } from '../studies/load.ts';
import { resolveSeries } from '../studies/resolve.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { openEnhanced, openEnhancedStack } from './openEnhanced.ts';
import { prepareStack } from './prepareStack.ts';

/**
 * A series, an enhanced series, or what the network was given, on a regular grid for viewing. Slices that
 * were not acquired are zero and listed, so that the viewer shows a gap as a gap.
 */
export const volumeOperation: Handler<'volume'> = async (request, job) => {
  const { stack, label } = await stackOf(request, job);
  return viewOf(stackToVolume(stack), label);
};

async function stackOf(
  request: Request<'volume'>,
  job: JobContext,
): Promise<{ stack: SliceStack; label: string }> {
  if (request.kind === 'series') {
    const entry = await resolveSeries(request.series, job);
    const { stack } = await loadSeries(entry, job);
    return { stack, label: nameOf(entry) };
  }
  if (request.kind === 'enhanced') {
    const { stack, target, provenance } = await openEnhancedStack(request.id, job);
    const { scale, model } = provenance;
    const mark = unacceptedMark(model.state);
    return {
      stack,
      label: `${nameOf(target)}, enhanced ×${scale} (${model.id}${mark === undefined ? '' : `, ${mark}`})`,
    };
  }
  if (request.kind === 'segmentation') {
    const facts = findSegmentation(request.id);
    return { stack: segmentationStack(facts, request.what), label: segmentationTitle(facts) };
  }
  const { series, reference } = await openEnhanced(request.id, job);
  const { scale } = series.provenance;
  const stack = await prepareStack(request.kind, series.targetStack, scale, reference, job);
  if (request.kind === 'zero-filled')
    return { stack, label: `${nameOf(series.target)}, zero-filled ×${scale}` };
  const used = series.reference?.summary;
  return { stack, label: `${used?.description || used?.contrast.name}, aligned` };
}

function nameOf({ summary }: SeriesEntry): string {
  return summary.description || summary.contrast.name;
}

/** A volume as the contract has it. */
export function viewOf(volume: Volume, label: string): Result<'volume'> {
  const { grid, voxels } = volume;
  const integers = asInt16(voxels);
  const data = integers ?? voxels;
  const invented = [...(volume.inventedSlices ?? [])].flatMap((flag, k) => (flag === 1 ? [k] : []));
  return {
    size: [...grid.size],
    spacingMm: [...grid.spacingMm],
    originLps: [...grid.originLps],
    axesLps: [[...grid.axesLps[0]], [...grid.axesLps[1]], [...grid.axesLps[2]]],
    dataType: integers ? 'int16' : 'float32',
    window: windowOf(volume, integers),
    inventedSlices: invented,
    label,
    voxels: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  };
}

/** The same values in 16 bits; undefined where they do not fit exactly. */
function asInt16(voxels: Float32Array): Int16Array | undefined {
  const integers = new Int16Array(voxels.length);
  for (let n = 0; n < voxels.length; n++) {
    const value = voxels[n]!;
    integers[n] = value;
    if (integers[n] !== value) return undefined;
  }
  return integers;
}

/**
 * From the 0.5th to the 99.5th percentile of the acquired slices.
 * @param integers the same voxels, where they are integers
 */
function windowOf(volume: Volume, integers: Int16Array | undefined): { center: number; width: number } {
  const [low = 0, high = 1] =
    integers === undefined
      ? WINDOW_PERCENTILES.map((p) => percentile(acquiredSlices(volume, volume.voxels), p))
      : (percentilesOfIntegers(acquiredSlices(volume, integers), WINDOW_PERCENTILES) ?? []);
  return { center: (low + high) / 2, width: Math.max(high - low, 1e-6) };
}

const WINDOW_PERCENTILES = [0.5, 99.5];

function acquiredSlices<T extends Float32Array | Int16Array>(
  { grid, inventedSlices }: Volume,
  voxels: T,
): T[] {
  const inPlane = grid.size[0] * grid.size[1];
  const planes = Array.from({ length: grid.size[2] }, (_, k) => k);
  return planes
    .filter((k) => inventedSlices?.[k] !== 1)
    .map((k) => voxels.subarray(k * inPlane, (k + 1) * inPlane) as T);
}
