import { readFile } from 'node:fs/promises';
import { TandemError } from '../../core/errors.ts';
import type { Affine } from '../../core/volume/affine.ts';
import type { Row4 } from '../../core/volume/grid.ts';
import { rigidAbout, rotationFromItkEuler } from '../../core/volume/rigid.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import { readError } from '../studies/readErrors.ts';

/**
 * The rigid or affine transform of a .tfm file, as `tandem register` and ITK write it.
 * @throws TandemError `bad-header` where it holds another kind, or several
 */
export async function readTransform(path: string): Promise<Affine> {
  const text = await readFile(path, 'latin1').catch((error: unknown) => {
    throw readError(error, path);
  });
  const numbers = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}:(.*)$`, 'gm'))].map(([, line]) =>
      line!.trim().split(/\s+/).map(Number),
    );
  const kinds = [...text.matchAll(/^Transform: (\w+)$/gm)].map(([, kind]) => kind!);
  const [p] = numbers('Parameters');
  const [fixed = []] = numbers('FixedParameters');
  const bad = (message: string) =>
    new TandemError('bad-header', message, { path, hint: 'Name a .tfm of `tandem register`.' });
  if (kinds.length !== 1 || p === undefined) throw bad('The file does not hold one transform');
  if (![...p, ...fixed].every(Number.isFinite)) throw bad('The transform holds something that is no number');
  const centre: Vec3 = [fixed[0] ?? 0, fixed[1] ?? 0, fixed[2] ?? 0];
  if (kinds[0]!.startsWith('Euler3DTransform') && p.length === 6) {
    return rigidAbout(rotationFromItkEuler([p[0]!, p[1]!, p[2]!]), [p[3]!, p[4]!, p[5]!], centre);
  }
  if (/^(Affine|MatrixOffset|VersorRigid3D|Rigid3D)/.test(kinds[0]!) && p.length === 12) {
    const row = (n: 0 | 1 | 2): Vec3 => [p[3 * n]!, p[3 * n + 1]!, p[3 * n + 2]!];
    return rigidAbout([row(0), row(1), row(2)], [p[9]!, p[10]!, p[11]!], centre) as readonly [
      Row4,
      Row4,
      Row4,
    ];
  }
  throw bad(`A ${kinds[0]} is not read`);
}
