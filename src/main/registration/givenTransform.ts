import type { GivenTransform } from '../../core/contract/aligning.ts';
import { TandemError } from '../../core/errors.ts';
import type { Affine } from '../../core/volume/affine.ts';
import type { Row4 } from '../../core/volume/grid.ts';
import { isRigid } from '../../core/volume/rigid.ts';
import { canonicalRigid } from '../../core/volume/sixDegrees.ts';
import { readTransform } from './readTransform.ts';

/**
 * The motion that a request gives, as a matrix or as a file: target LPS → reference LPS, canonical, so that
 * either way the same motion is the same bits.
 *
 * @throws TandemError `bad-geometry` where it is not rigid, `not-found` or `bad-header` about a file
 */
export async function affineGiven(given: GivenTransform): Promise<Affine> {
  const affine = 'file' in given ? await readTransform(given.file) : affineOfMatrix(given.matrix);
  if (affine !== undefined && isRigid(affine)) return canonicalRigid(affine);
  throw new TandemError('bad-geometry', 'The transform is not a rotation and a shift', {
    ...('file' in given ? { path: given.file } : {}),
    hint: 'Only rigid transforms lay a reference on its target: a rotation without scaling, shear or mirroring.',
  });
}

/** The rows of a 4 × 4 matrix; undefined where the last row is not that of an affine. */
function affineOfMatrix(matrix: readonly (readonly number[])[]): Affine | undefined {
  const [a, b, c, last] = matrix;
  const isAffine = last?.every((value, n) => value === (n === 3 ? 1 : 0)) === true;
  if (!isAffine || a === undefined || b === undefined || c === undefined) return undefined;
  const row = (values: readonly number[]): Row4 => [values[0]!, values[1]!, values[2]!, values[3]!];
  return [row(a), row(b), row(c)];
}

/** An affine as the contract has it: four rows of four. */
export function matrixOf(affine: Affine): number[][] {
  return [...affine.map((row) => [...row]), [0, 0, 0, 1]];
}
