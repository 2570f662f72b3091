import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTransformNode } from '@itk-wasm/transform-io';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { type Affine, applyAffine, IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import { meanDistanceMm } from '../../../src/core/volume/rigid.ts';
import { rigidOfItk } from '../../../src/main/registration/elastix.ts';
import { writeTransform } from '../../../src/main/registration/transformFile.ts';
import { headPoints } from './heads.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-transform-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a transform file', () => {
  it.each([
    ['the identity', IDENTITY_AFFINE],
    ['a small motion', rigidMotion([3, -2, 3.5], [4, -5, 3])],
    ['a large motion', rigidMotion([170, -80, 95], [400, -5e-7, 1e5])],
  ])('is read by ITK as the rigid motion that was written: %s', async (name, motion) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.tfm`);
    await writeTransform(path, motion);
    const read = await readTransformNode(path);
    expect(read[0]?.transformType.transformParameterization).toBe('Euler3D');
    expect(meanDistanceMm(rigidOfItk(read), motion, headPoints())).toBeLessThan(1e-6);
  });

  it('is read by ITK as an affine transform where the motion is not rigid', async () => {
    const affine: Affine = [
      [1.1, 0.02, 0, 4],
      [0, 0.95, 0.1, -2],
      [0.05, 0, 1.2, 7],
    ];
    const path = join(folder, 'affine.tfm');
    await writeTransform(path, affine);
    const [read] = await readTransformNode(path);
    expect(read?.transformType.transformParameterization).toBe('Affine');
    const p = Array.from(read!.parameters, Number);
    const again: Affine = [
      [p[0]!, p[1]!, p[2]!, p[9]!],
      [p[3]!, p[4]!, p[5]!, p[10]!],
      [p[6]!, p[7]!, p[8]!, p[11]!],
    ];
    expect([...read!.fixedParameters]).toEqual([0, 0, 0]);
    for (const point of headPoints()) {
      const [expected, found] = [applyAffine(affine, point), applyAffine(again, point)];
      for (const axis of [0, 1, 2] as const) expect(found[axis]).toBeCloseTo(expected[axis], 9);
    }
  });

  it('replaces an older file whole and leaves nothing beside it', async () => {
    const alone = await mkdtemp(join(folder, 'alone-'));
    const path = join(alone, 'a.tfm');
    await writeTransform(path, rigidMotion([1, 2, 3], [4, 5, 6]));
    await writeTransform(path, IDENTITY_AFFINE);
    expect(await readFile(path, 'utf8')).toContain('Parameters: 0 0 0 0 0 0\n');
    expect(await readdir(alone)).toEqual(['a.tfm']);
  });
});
