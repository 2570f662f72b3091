import type { Base } from './bases.ts';
import { type JudgedImage, type Judgement, judge, keyOf } from './judge.ts';
import { judgeNifti } from './judgeNifti.ts';
import type { Outcome } from './reader.ts';
import type { ReadImage, Reading, ReadSeries } from './readProcess.ts';

/**
 * What is promised of every file, damaged or not: an answer or an error with its code; soon; in bounded
 * memory; and no geometry or value that the file does not state.
 */

export const MOST_SECONDS = 5;
export const MOST_EXTRA_BYTES = 256 * 1024 * 1024;
export const MOST_FACTOR = 1.5;

/** The reading of the good file that a mutant was made of. */
export interface Good {
  readonly base: Base;
  readonly reading: Reading;
  readonly judgement: Judgement | undefined;
}

/** Broken promises about the cost, in words. @param bytes of the file */
export function costFaults(outcome: Outcome, bytes: number): string[] {
  if ('ended' in outcome) {
    return [`${outcome.ended} after ${outcome.seconds.toFixed(1)} s: ${outcome.words}`];
  }
  const { cpuSeconds, memoryBytes, faults } = outcome.reading;
  const found = faults.map((fault) => `fault: ${fault}`);
  // Time that other work on the machine takes is not the reader's: it can use no more than the processor's.
  const seconds = Math.min(outcome.seconds, cpuSeconds);
  if (seconds > MOST_SECONDS) found.push(`slow: ${seconds.toFixed(1)} s`);
  const bound = MOST_FACTOR * bytes + MOST_EXTRA_BYTES;
  if (memoryBytes !== undefined && memoryBytes > bound) {
    found.push(`memory: ${Math.round(memoryBytes / 1e6)} MB, of ${Math.round(bound / 1e6)} allowed`);
  }
  return found;
}

/** Broken promises about what was read of a mutant. */
export function contentFaults(good: Good, bytes: Uint8Array, reading: Reading): string[] {
  switch (good.base.form) {
    case 'nifti':
      return niftiFaults(good, bytes, reading);
    case 'dicom':
      return dicomFaults(good, bytes, reading);
    default:
      return partFaults(good, reading);
  }
}

/** An image read must lie where the file says, by a second reading of it; where there is none, as the good one does. */
function dicomFaults(good: Good, bytes: Uint8Array, reading: Reading): string[] {
  const found: string[] = [];
  const second = judge(bytes);
  const isBlind = second === undefined || second.images.size === 0;
  const expected = isBlind ? good.judgement! : second;
  const hasGoodValues = isBlind
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(Buffer.from(good.base.pixelBytes))
    : second.pixelKey === good.judgement!.pixelKey;
  const images = reading.series.flatMap((series) => series.images.map((image) => ({ series, image })));
  for (const { series, image } of images) {
    if (isDoubted(series)) continue;
    const key = keyOf(image.frame, image.tile);
    const other = expected.images.get(key);
    const fault = other === undefined ? 'an image that is not there' : imageFault(image, other);
    if (fault !== undefined) found.push(`wrong geometry: ${key} ${fault}`);
    if (typeof image.pixels !== 'number' || other === undefined) continue;
    const values = isBlind ? undefined : other.pixels;
    const before = hasGoodValues ? goodPixels(good, key) : undefined;
    if (!isOneOf(image.pixels, values, before)) found.push(`wrong values: ${key}`);
  }
  found.push(...missingFaults(expected.images.size, reading));
  return found.slice(0, 3);
}

/** Fewer images than the file describes, and not a word about it. */
function missingFaults(expected: number, reading: Reading): string[] {
  const indexed = reading.series.reduce((sum, series) => sum + series.indexed, 0);
  const isSaid =
    reading.refused.length > 0 ||
    reading.series.some(({ warnings }) =>
      warnings.some((code) => code === 'duplicate-slices' || code === 'missing-geometry'),
    );
  return indexed < expected && !isSaid ? [`silent loss: ${indexed} of ${expected} images`] : [];
}

/** Values by the second reading, where it can read them; else as in the good file, if what makes them is the same. */
function isOneOf(pixels: number, judged: number | undefined, before: number | undefined): boolean {
  if (judged !== undefined) return pixels === judged;
  return before === undefined || pixels === before;
}

function goodPixels(good: Good, key: string): number | undefined {
  for (const { images } of good.reading.series) {
    const image = images.find(({ frame, tile }) => keyOf(frame, tile) === key);
    if (typeof image?.pixels === 'number') return image.pixels;
  }
  return undefined;
}

/** Whether the user is told that the geometry is not to be relied on. */
function isDoubted({ warnings }: ReadSeries): boolean {
  return warnings.some((code) => code === 'geometry-doubtful' || code === 'missing-geometry');
}

function imageFault(image: ReadImage, other: JudgedImage): string | undefined {
  if (image.columns !== other.columns || image.rows !== other.rows) {
    return `${image.columns} × ${image.rows}, not ${other.columns} × ${other.rows}`;
  }
  const pairs: readonly (readonly [string, readonly number[], readonly number[], number])[] = [
    ['spacing', image.spacingMm, other.spacingMm, 1e-6],
    // Cosines are stated to some digits and made exact.
    ['row', image.iAxisLps, other.iAxisLps, 0.011],
    ['column', image.jAxisLps, other.jAxisLps, 0.015],
    ['position', image.positionLps, other.positionLps, 1e-3],
  ];
  for (const [what, values, others, tolerance] of pairs) {
    const scale = Math.max(1, ...others.map(Math.abs));
    const isNear = values.every((value, n) => Math.abs(value - others[n]!) <= tolerance * scale);
    if (!isNear) return `${what} ${values.join(', ')}, not ${others.join(', ')}`;
  }
  return undefined;
}

/** Each image must be one of the good ones, and what is missing must be told. */
function partFaults(good: Good, reading: Reading): string[] {
  const name = ({ file, frame, positionLps, iAxisLps, jAxisLps, spacingMm, pixels }: ReadImage): string =>
    JSON.stringify([
      good.base.form === 'zip' ? '' : file,
      frame,
      positionLps,
      iAxisLps,
      jAxisLps,
      spacingMm,
      pixels,
    ]);
  const known = new Set(good.reading.series.flatMap(({ images }) => images.map(name)));
  const images = reading.series.flatMap((series) => series.images);
  const found = images
    .filter((image) => typeof image.pixels === 'number' && !known.has(name(image)))
    .map((image) => `an image that no good file holds: ${name(image)}`);
  if (images.length < known.size && reading.refused.length === 0) {
    found.push(`silent loss: ${images.length} of ${known.size} images`);
  }
  return found.slice(0, 3);
}

function niftiFaults(good: Good, bytes: Uint8Array, reading: Reading): string[] {
  const [series] = reading.series;
  if (series === undefined || isDoubted(series) || series.images.length === 0) return [];
  const expected = judgeNifti(bytes) ?? judgeNifti(good.base.bytes)!;
  const corners = cornersRead(series.images);
  const far = Math.max(1, ...expected.corners.flat().map(Math.abs));
  const unmatched = expected.corners.filter(
    (corner) =>
      !corners.some((other) => other.every((value, axis) => Math.abs(value - corner[axis]!) <= 1e-3 * far)),
  );
  return unmatched.length === 0 ? [] : [`wrong geometry: no corner at ${unmatched[0]!.join(', ')}`];
}

function cornersRead(images: readonly ReadImage[]): number[][] {
  return [images[0]!, images.at(-1)!].flatMap((image) =>
    [0, 1, 2, 3].map((corner) => {
      const i = (corner & 1) * (image.columns - 1) * image.spacingMm[0];
      const j = (corner >> 1) * (image.rows - 1) * image.spacingMm[1];
      return image.positionLps.map((value, n) => value + i * image.iAxisLps[n]! + j * image.jAxisLps[n]!);
    }),
  );
}
