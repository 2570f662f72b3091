import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTransformNode } from '@itk-wasm/transform-io';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { parseNifti } from '../../../src/core/nifti/read.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { meanDistanceMm } from '../../../src/core/volume/rigid.ts';
import { rigidOfItk } from '../../../src/main/registration/elastix.ts';
import { registerOperation } from '../../../src/main/registration/registerOperation.ts';
import { headPoints, referenceHead, targetHead } from './heads.ts';

const motion = rigidMotion([2, 4, -3], [-6, 3, 2]);
let folder = '';
let fixed = '';
let moving = '';
const at = (path: string) => ({ paths: [], series: path });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-register-'));
  fixed = join(folder, 't2.nii');
  moving = join(folder, 't1.nii');
  await writeFile(fixed, encodeNifti(targetHead()));
  await writeFile(moving, encodeNifti(referenceHead(motion)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (v: Float32Array) => v.reduce((sum, x) => sum + x, 0) / v.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < a.length; n++) {
    ab += (a[n]! - ma) * (b[n]! - mb);
    aa += (a[n]! - ma) ** 2;
    bb += (b[n]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

describe('the register operation', () => {
  it('writes the transform and the reference on the target’s grid', { timeout: 300_000 }, async () => {
    const out = join(folder, 'transform.tfm');
    const resampled = join(folder, 'aligned.nii.gz');
    const request = { fixed: at(fixed), moving: at(moving), out, resampled };
    const result = await registerOperation(request, QUIET_JOB);

    expect(operations.register.result.parse(result)).toEqual(result);
    expect(result.registration.verdict).toBe('trusted');
    expect(result.matrix).toHaveLength(4);
    const written = rigidOfItk(await readTransformNode(out));
    expect(meanDistanceMm(written, motion, headPoints())).toBeLessThan(0.3);

    const aligned = parseNifti(gunzipSync(await readFile(resampled))).volume;
    const target = parseNifti(await readFile(fixed)).volume;
    expect(aligned.grid).toEqual(target.grid);
    // What the T1 is on the target's own slices when nobody moved: the truth that resampling has to meet.
    const truth = targetHead({ contrast: 't1', noise: 0 }).voxels;
    expect(correlation(aligned.voxels, truth)).toBeGreaterThan(0.97);
  });

  it.each([
    ['usage', { out: 'transform.txt' }],
    ['usage', { out: 'a.tfm', resampled: 'aligned.mha' }],
    ['output-exists', { out: 'there.tfm' }],
    ['not-found', { out: 'b.tfm', fixed: 'missing.nii' }],
    ['not-an-image', { out: 'c.tfm', moving: 'text.nii' }],
  ])('refuses with %s, and writes nothing: %o', async (code, changes) => {
    await writeFile(join(folder, 'there.tfm'), 'old');
    await writeFile(join(folder, 'text.nii'), 'no image');
    const before = await readdir(folder);
    const request = {
      fixed: at('fixed' in changes ? join(folder, changes.fixed!) : fixed),
      moving: at('moving' in changes ? join(folder, changes.moving!) : moving),
      out: join(folder, changes.out),
      ...('resampled' in changes ? { resampled: join(folder, changes.resampled!) } : {}),
    };
    await expect(registerOperation(request, QUIET_JOB)).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual(before);
  });

  it('writes nothing when cancelled', async () => {
    const out = join(folder, 'cancelled.tfm');
    const request = { fixed: at(fixed), moving: at(moving), out };
    const job = { ...QUIET_JOB, signal: AbortSignal.abort() };
    await expect(registerOperation(request, job)).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(out)).toBe(false);
  });
});
