import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { encodeNifti } from '../../core/nifti/write.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { regularVolume } from '../studies/regularVolume.ts';
import type { EnhancedSeries } from '../superres/types.ts';
import { COMPRESSION_LEVEL } from './gzip.ts';

/** The enhanced series as a volume, and what had to be done to make it one. */
export interface NiftiPlan {
  readonly volume: Volume;
  readonly name: string;
  readonly description: string;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/**
 * The volume to write. A NIfTI is a regular grid and cannot hold a gap: slices that were not acquired are
 * zero, the header's description says how many, and so does a warning. Values are rounded where all of the
 * target's are integers, else they stay floating point; nothing is clipped.
 */
export function planNiftiSeries(
  series: EnhancedSeries,
  options: { readonly nameless?: boolean } = {},
): NiftiPlan {
  const volume = regularVolume(asNumbersOfTarget(series), series.target.summary.path);
  const invented = volume.inventedSlices?.reduce((sum, flag) => sum + flag, 0) ?? 0;
  const { scale, model } = series.provenance;
  const mark = unacceptedMark(model.state);
  const emptied = invented === 0 ? '' : `, ${invented} empty`;
  return {
    volume,
    // A series description, or the name of a file, may hold a patient's.
    name: options.nameless === true ? 'enhanced.nii.gz' : niftiName(series),
    description: `RUO ${mark === undefined ? '' : `${mark} `}enhanced x${scale} ${model.id.slice(0, 32)}${emptied}, Tandem MR ${series.provenance.appVersion}`,
    warnings:
      invented === 0
        ? []
        : [
            {
              code: 'gap',
              message: `A NIfTI cannot hold a gap: ${invented} slice${invented === 1 ? ' that was' : 's that were'} not acquired ${invented === 1 ? 'is' : 'are'} written as zeros`,
            },
          ],
  };
}

/** Writes the plan's volume, compressed, to a path. @throws TandemError `cancelled` */
export async function writeNiftiSeries(plan: NiftiPlan, path: string, job: JobContext): Promise<void> {
  const bytes = encodeNifti(plan.volume, { description: plan.description });
  const piece = 1 << 20;
  function* pieces() {
    for (let at = 0; at < bytes.length; at += piece) {
      job.progress({ stage: 'exporting', done: at, total: bytes.length });
      yield bytes.subarray(at, at + piece);
    }
  }
  try {
    await pipeline(
      Readable.from(pieces()),
      createGzip({ level: COMPRESSION_LEVEL }),
      createWriteStream(path, { flags: 'wx' }),
      {
        signal: job.signal,
      },
    );
  } catch (error) {
    throwIfCancelled(job.signal);
    throw error;
  }
  job.progress({ stage: 'exporting', done: bytes.length, total: bytes.length });
}

function asNumbersOfTarget({ stack, targetStack }: EnhancedSeries): SliceStack {
  const integers = targetStack.slices.every(({ pixels }) => pixels.every(Number.isInteger));
  if (!integers) return stack;
  const slices = stack.slices.map((slice) => ({ ...slice, pixels: slice.pixels.map(Math.round) }));
  return { ...stack, slices };
}

/** Made of the target's own name, with nothing in it that a file system minds. */
function niftiName({ target, provenance }: EnhancedSeries): string {
  const { summary } = target;
  const own =
    summary.format === 'nifti'
      ? basename(summary.path).replace(/\.nii(\.gz)?$/i, '')
      : `${summary.number ?? ''} ${summary.description}`;
  const tidy = (text: string) =>
    text
      .normalize('NFKD')
      .replaceAll(/[^A-Za-z0-9.-]+/g, '-')
      .replaceAll(/^[-.]+|[-.]+$/g, '')
      .slice(0, 60);
  const unaccepted = unacceptedMark(provenance.model.state);
  const mark = unaccepted === undefined ? '' : `-${unaccepted}`;
  const name = `${tidy(own) || 'series'}_enhanced-x${provenance.scale}-${tidy(provenance.model.id) || 'model'}${mark}.nii.gz`;
  if (name.length > 200) throw new TandemError('failed', 'The name became too long');
  return name;
}
