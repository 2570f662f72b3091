import type { Affine } from '../../core/volume/affine.ts';
import { itkEulerAngles, rigidAbout, rotationFromItkEuler } from '../../core/volume/rigid.ts';
import { writeFileAtomically } from '../export/atomic.ts';

/** Transforms as ITK's text file (.tfm), LPS millimetres, fixed to moving: read by Slicer, ITK and ANTs. */

/**
 * Writes a transform as .tfm, whole or not at all. A rigid motion becomes an Euler3DTransform, any other
 * affine an AffineTransform (itkMatrixOffsetTransformBase: nine values row by row, then the offset; centre 0).
 *
 * @param affine fixed LPS → moving LPS
 * @throws TandemError `no-permission` or `write-failed` about `path`
 */
export async function writeTransform(path: string, affine: Affine): Promise<void> {
  await writeFileAtomically(path, transformText(affine));
}

/** The text of a .tfm file. */
export function transformText(affine: Affine): string {
  const offset = [affine[0][3], affine[1][3], affine[2][3]];
  const angles = itkEulerAngles(affine);
  const rigid = rigidAbout(
    rotationFromItkEuler(angles),
    [affine[0][3], affine[1][3], affine[2][3]],
    [0, 0, 0],
  );
  const isRigid = affine.every((row, r) => row.every((value, c) => Math.abs(value - rigid[r]![c]!) < 1e-9));
  const type = isRigid ? 'Euler3DTransform' : 'AffineTransform';
  const parameters = isRigid
    ? [...angles, ...offset]
    : [...affine.flatMap((row) => [row[0], row[1], row[2]]), ...offset];
  // Euler3DTransform has a fourth fixed parameter since ITK 5: 0, the order of its rotations is Z·X·Y.
  const fixedParameters = isRigid ? [0, 0, 0, 0] : [0, 0, 0];
  return [
    '#Insight Transform File V1.0',
    '#Transform 0',
    `Transform: ${type}_double_3_3`,
    `Parameters: ${parameters.join(' ')}`,
    `FixedParameters: ${fixedParameters.join(' ')}`,
    '',
  ].join('\n');
}
