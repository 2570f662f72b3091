import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { TandemError } from '../../../core/errors.ts';
import type { TrainingSettings } from '../../training/settings.ts';
import { stepModel } from '../../training/stepModel.ts';

const MEGABYTE = 2 ** 20;
/** Bytes of a pixel of prepared slices. */
const PIXEL_BYTES = 2;
/** Slices before and after, curves, reports with their pictures. */
const PICTURES_MB = 40;

/**
 * The most that a run takes on the disk at a time, MiB: its slices, two checkpoints (the new one is written beside
 * the old one) with the best weights in each, the candidate and the package, and pictures.
 *
 * @param learned cases to learn from
 * @param images of a slice: 2 with a reference
 */
export function runDiskMb(
  settings: TrainingSettings,
  learned: readonly { readonly slices: number; readonly pixels: number }[],
  images: 1 | 2,
): number {
  const slices = learned.reduce((sum, one) => sum + one.slices * one.pixels * images * PIXEL_BYTES, 0);
  const { state, parameters } = stepModel({ ...settings, shards: undefined });
  const values = (all: readonly { readonly shape: readonly number[] }[]) =>
    all.reduce((sum, { shape }) => sum + shape.reduce((size, side) => size * side, 1), 0);
  const weights = 4 * values(parameters.map(({ tensor }) => tensor));
  return PICTURES_MB + (slices + 2 * (4 * values(state) + weights) + 3 * weights) / MEGABYTE;
}

/** Room on the disk that a folder is on, or will be, MiB. */
export async function freeDiskMb(folder: string): Promise<number> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    const found = await statfs(path).catch(() => undefined);
    if (found !== undefined) return (found.bavail * found.bsize) / MEGABYTE;
    if (dirname(path) === path) return Number.POSITIVE_INFINITY;
  }
}

/** Throws `write-failed` where there is too little room. */
export async function requireDisk(folder: string, neededMb: number): Promise<void> {
  const free = await freeDiskMb(folder);
  if (neededMb <= free) return;
  throw new TandemError('write-failed', noRoom(neededMb, free), {
    path: folder,
    hint: 'Free some space or choose another disk.',
  });
}

export function noRoom(neededMb: number, freeMb: number): string {
  const mb = (value: number) => `${Math.ceil(value).toLocaleString('en')} MB`;
  return `The run takes up to ${mb(neededMb)} on the disk, and ${mb(Math.floor(freeMb))} are free`;
}
