import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { Affine } from '../../core/volume/affine.ts';
import { percentile } from '../../core/volume/intensity.ts';
import { type SpectrumFill, spectrumFill } from '../../core/volume/sharpness.ts';
import type { Volume } from '../../core/volume/volume.ts';
import type { FoundCase } from '../training/data/layouts.ts';
import type { PairVolumes } from '../training/data/pairFiles.ts';
import { pairStacks } from '../training/data/pairStacks.ts';
import { type Placing, placeReference } from '../training/data/placeReference.ts';
import type { ChosenSoFar } from './chosenSoFar.ts';
import { voxelsSha256 } from './lockedSet.ts';
import { headPrint } from './sameHead.ts';
import type { KnownCase } from './samePerson.ts';

/** A case that a model may learn from, or be judged on. */
export interface SoundCase extends KnownCase {
  readonly found: FoundCase;
  readonly slices: number;
  /** Pixels of a slice to learn from. */
  readonly pixels: number;
  readonly fill: SpectrumFill;
  /** How the reference came to lie on the target, and where; absent without one. */
  readonly registration: string | undefined;
  readonly transform: Affine | undefined;
}

export interface CheckOptions {
  readonly target: string;
  readonly reference: string | undefined;
  readonly leastSlices: number;
  readonly placing: Placing;
  /** Does work under a key of hashes, or gives what was found before. */
  readonly once?: ChosenSoFar['once'];
}

/**
 * Fill of the spectrum below which a target is no full-resolution truth. In `data/pairs` targets as scanned have
 * 0.023 to 1.5 in their softer direction, the same zero-filled from half their k-space at most 0.008, smoothed
 * over 3 × 3 pixels at most 0.012 (docs/acceptance.md).
 */
export const LEAST_FILL = 0.016;
/** Slices whose spectrum is looked at. */
const SPECTRUM_SLICES = 8;

/**
 * Reads a case and says whether it can be learned from. Throws, with the reason as the message: `nothing-readable`
 * (a constant image, too few slices), `bad-geometry` (headers or values that cannot be relied on, a target that is
 * soft or was interpolated), `registration-untrusted` (bad headers, another patient or body part), what reading throws.
 */
export async function checkCase(
  found: FoundCase,
  { target, reference, leastSlices, placing, once = (_key, work) => Promise.resolve(work()) }: CheckOptions,
  job: JobContext,
): Promise<SoundCase> {
  if (found.problem !== undefined) throw new TandemError('not-found', found.problem, { path: found.path });
  const pair = await found.read(job);
  requireSoundHeaders(pair, found.path);
  requireValues(pair.target, target, found.path);
  if (pair.reference !== undefined) requireValues(pair.reference, reference ?? 'reference', found.path);
  const fill = requireFullResolution(pair, leastSlices, found.path);
  const { reference: lying } = pair;
  const place = () =>
    placeReference(pair.target, lying!, placing, { signal: job.signal, progress: () => {} });
  const files = pair.files.map(({ sha256 }) => sha256).join();
  const placed = lying && (await once(`place ${placing} ${files}`, place));
  const prints = new Map(
    [
      [target, pair.target],
      [reference ?? '', pair.reference],
    ].flatMap(([name, volume]) => {
      const print = volume === undefined ? undefined : headPrint(volume as Volume);
      return print === undefined ? [] : [[name as string, print] as const];
    }),
  );
  return {
    found,
    name: found.name,
    patient: found.patient,
    files: pair.files,
    voxels: {
      target: voxelsSha256(pair.target),
      reference: pair.reference === undefined ? null : voxelsSha256(pair.reference),
    },
    prints,
    slices: fill.slices,
    pixels: fill.pixels,
    fill,
    registration: placed?.words,
    transform: placed?.transform,
  };
}

/** Warnings of reading that leave open where voxels are, or what they are: such a case is no truth. */
const UNSOUND: ReadonlySet<string> = new Set([
  'not-finite-voxels',
  'missing-geometry',
  'geometry-doubtful',
  'duplicate-slices',
  'gantry-tilt',
  'lossy-compressed',
  'mixed-frame-of-reference',
  'mixed-orientation',
  'mixed-size',
  'mixed-spacing',
  'sheared-stack',
  'spacing-disagrees',
  'uneven-spacing',
]);

function requireSoundHeaders({ warnings = [] }: PairVolumes, path: string): void {
  const unsound = warnings.filter(({ code }) => UNSOUND.has(code));
  if (unsound.length === 0) return;
  const kinds = Map.groupBy(unsound, ({ code }) => code);
  const words = [...kinds].map(([code, some]) => wordsOf(code, some)).join('; ');
  throw new TandemError('bad-geometry', `The images cannot be relied on: ${words}`, { path });
}

/** Of many warnings of a kind the first; without the names of files, which may be UIDs or a patient's. */
function wordsOf(code: string, some: NonNullable<PairVolumes['warnings']>): string {
  if (code === 'duplicate-slices') {
    const times = some.length === 1 ? 'one image lies' : 'images lie';
    return `${times} where another image of the series lies already, as where a study is there twice`;
  }
  const more = new Set(some.map(({ message }) => message)).size - 1;
  return `${some[0]!.message}${more > 0 ? ` (and ${more} more like it)` : ''}`;
}

function requireValues({ voxels }: Volume, contrast: string, path: string): void {
  const [low, high] = [percentile(voxels, 1) ?? 0, percentile(voxels, 99.5) ?? 0];
  if (high > low) return;
  throw new TandemError('nothing-readable', `The ${contrast} is constant: it shows nothing`, { path });
}

function requireFullResolution(
  pair: PairVolumes,
  leastSlices: number,
  path: string,
): SpectrumFill & { readonly slices: number; readonly pixels: number } {
  const stack = pairStacks(
    { target: pair.target, acquired: pair.acquired, reference: undefined },
    'acquired',
  )[0];
  const count = stack?.places.length ?? 0;
  if (stack === undefined || count < leastSlices) {
    throw new TandemError(
      'nothing-readable',
      `${count} slices show enough of a patient; at least ${leastSlices} are asked for`,
      { path },
    );
  }
  const looked = new Set(
    Array.from({ length: SPECTRUM_SLICES }, (_, n) => Math.floor(((n + 0.5) * count) / SPECTRUM_SLICES)),
  );
  const slices = [...looked].map((n) => stack.slice(n).truth);
  const fill = spectrumFill(slices, stack.rows, stack.columns);
  const least = Math.min(fill.alongRows, fill.alongColumns);
  if (least < LEAST_FILL) {
    const along = fill.alongRows <= fill.alongColumns ? 'rows' : 'columns';
    throw new TandemError(
      'bad-geometry',
      `The target is soft or was interpolated: along its ${along} the finest details that the matrix could hold have ${(100 * least).toFixed(1)} % of the power that edges would have (at least ${(100 * LEAST_FILL).toFixed(1)} % is expected). It is no full-resolution truth`,
      { path, hint: 'Leave the case out, or use the series as it was acquired.' },
    );
  }
  return { ...fill, slices: count, pixels: stack.rows * stack.columns };
}
