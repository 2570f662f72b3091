import { TandemError } from '../../../core/errors.ts';
import { chooseSliceAxis, volumeToStack } from '../../../core/volume/convert.ts';
import { cropToMultiple } from '../../../core/volume/crop.ts';
import { reorientToRas } from '../../../core/volume/reorient.ts';
import type { SliceStack } from '../../../core/volume/sliceStack.ts';
import type { Volume } from '../../../core/volume/volume.ts';
import { contrastFile, findContrast, sha256OfFile } from '../../studies/caseFolder.ts';
import { readNiftiFile } from '../../studies/niftiFile.ts';
import { regularVolume } from '../../studies/regularVolume.ts';

/** Sizes that both scales divide, with room for networks that halve. */
const SIZE_MULTIPLE = 8;

/** A case to evaluate segmentation on. */
export interface SegmentedCase {
  /** The target as scanned: slices normal to the largest spacing, cropped to multiples of 8. */
  readonly target: SliceStack;
  /** 1 where the mask is, slice by slice of the target; undefined for a case that has none. */
  readonly truth: readonly Uint8Array[] | undefined;
  readonly reference: Volume | undefined;
  /** SHA-256 of what was read. */
  readonly hashes: readonly string[];
}

/**
 * Reads a case: `names.target`, the mask that lies on it (unless that is null), and the reference where there is
 * one of that name.
 *
 * @throws TandemError `not-found`, `bad-geometry` where mask and target differ in size, what reading throws
 */
export async function loadSegmentedCase(
  folder: string,
  names: { readonly target: string; readonly mask: string | null; readonly reference: string | undefined },
): Promise<SegmentedCase> {
  const hashes: string[] = [];
  const read = async (path: string) => {
    hashes.push(await sha256OfFile(path));
    return reorientToRas(await readNiftiFile(path));
  };
  const volume = await read(await contrastFile(folder, names.target));
  const axis = chooseSliceAxis(volume.grid);
  const target = cropToMultiple(volumeToStack(volume, axis), SIZE_MULTIPLE);
  const referencePath =
    names.reference === undefined ? undefined : await findContrast(folder, names.reference);
  const reference =
    referencePath === undefined
      ? undefined
      : regularVolume(stackOf(await read(referencePath)), referencePath);
  if (names.mask === null) return { target, truth: undefined, reference, hashes };
  const maskPath = await contrastFile(folder, names.mask);
  const mask = await read(maskPath);
  if (mask.grid.size.some((length, n) => length !== volume.grid.size[n])) {
    throw new TandemError('bad-geometry', `The ${names.mask} is not of the size of the ${names.target}`, {
      path: maskPath,
      hint: 'Draw the mask on that image, or resample it onto its grid.',
    });
  }
  const marked = cropToMultiple(volumeToStack(mask, axis), SIZE_MULTIPLE);
  const truth = marked.slices.map(({ pixels }) => Uint8Array.from(pixels, (value) => (value > 0 ? 1 : 0)));
  return { target, truth, reference, hashes };
}

function stackOf(volume: Volume): SliceStack {
  return volumeToStack(volume, chooseSliceAxis(volume.grid));
}
