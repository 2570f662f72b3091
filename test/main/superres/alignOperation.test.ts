import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alignment } from '../../../src/core/contract/aligning.ts';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { applyAffine } from '../../../src/core/volume/affine.ts';
import { fixedToMovingOf } from '../../../src/core/volume/sixDegrees.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import { affineGiven, matrixOf } from '../../../src/main/registration/givenTransform.ts';
import { writeTransform } from '../../../src/main/registration/transformFile.ts';
import { alignOperation, judgeAlignmentOperation } from '../../../src/main/superres/alignOperation.ts';
import { enhanceOperation } from '../../../src/main/superres/enhanceOperation.ts';
import { volumeOperation } from '../../../src/main/superres/volumeOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';

let root: string;
let study: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-align-'));
  study = join(root, 'study');
  const request = operations.phantom.request.parse({
    out: study,
    matrix: 64,
    referenceMatrix: 96,
    slices: 14,
    sliceThicknessMm: 8,
    referenceSlices: 40,
    referenceSliceThicknessMm: 3,
    motionDeg: [3, -2, 4],
    motionMm: [5, -4, 3],
  });
  await phantomOperation(request, QUIET_JOB);
  await mkdir(join(root, 'guided'));
  await mkdir(join(root, 'single'));
  await writeTestPackage(join(root, 'guided'), 'guided', testModel('srcnn-guided', 2, { correction: true }));
  await writeTestPackage(join(root, 'single'), 'single', testModel('srcnn', 2));
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const pair = () => ({
  target: { paths: [study], series: '1' },
  reference: { paths: [study], series: '2' },
});

function enhance(options: Partial<RequestInput<'enhance'>>) {
  const request = {
    ...pair(),
    scale: 2,
    model: join(root, 'guided'),
    device: 'cpu',
    acceptRegistration: true,
    ...options,
  } satisfies RequestInput<'enhance'>;
  return enhanceOperation(operations.enhance.request.parse(request), QUIET_JOB);
}

async function voxelsOf(result: Awaited<ReturnType<typeof enhance>>): Promise<Buffer> {
  return Buffer.from((await volumeOperation({ kind: 'enhanced', id: result.id }, QUIET_JOB)).voxels);
}

const mean = ({ slices }: Alignment) =>
  slices.reduce((sum, { agreement }) => sum + (agreement ?? 0), 0) / slices.length;

describe('align', () => {
  it('finds how the reference moved, in numbers that a reader checks, and the slices agree', async () => {
    const found = await alignOperation(pair(), QUIET_JOB);
    expect(operations.align.result.parse(found)).toEqual(found);
    expect(found.registration).toMatchObject({ verdict: 'trusted', by: 'elastix' });
    expect(found.slices).toHaveLength(14);
    expect(found.outOfLine).toEqual([]);
    // The phantom's references were moved by this; undone, it lays them on the target again.
    for (const [axis, angle] of [-3, 2, -4].entries()) {
      expect(Math.abs(found.motion.rotationDeg[axis]! - angle)).toBeLessThan(0.6);
    }
    const headers = await judgeAlignmentOperation(pair(), QUIET_JOB);
    expect(headers.registration.by).toBeUndefined();
    expect(headers.motion).toEqual({ rotationDeg: [0, 0, 0], translationMm: [0, 0, 0] });
    expect(headers.registration.miAfter!).toBeLessThan(found.registration.miAfter!);
    expect(mean(headers)).toBeLessThan(0.85 * mean(found));
  }, 120_000);

  it('refines a position that is given, and judges one as it is', async () => {
    const free = await alignOperation(pair(), QUIET_JOB);
    const near = {
      rotationDeg: free.motion.rotationDeg.map((angle) => angle + 2) as [number, number, number],
      translationMm: free.motion.translationMm.map((mm) => mm - 3) as [number, number, number],
    };
    const matrix = matrixOf(fixedToMovingOf(near, free.centreLps));
    const judged = await judgeAlignmentOperation({ ...pair(), position: { matrix } }, QUIET_JOB);
    expect(judged.matrix).toEqual(matrix);
    for (const axis of [0, 1, 2]) {
      expect(judged.motion.rotationDeg[axis]).toBeCloseTo(near.rotationDeg[axis]!, 8);
      expect(judged.motion.translationMm[axis]).toBeCloseTo(near.translationMm[axis]!, 7);
    }
    expect(judged.registration).toMatchObject({ by: 'manual' });
    expect(judged.registration.reasons[0]).toContain('given by the user');
    expect(judged.registration.miAfter!).toBeLessThan(free.registration.miAfter!);

    const refined = await alignOperation({ ...pair(), start: { matrix } }, QUIET_JOB);
    expect(refined.registration.by).toBe('elastix');
    const [a, b] = [await affineGiven(refined), await affineGiven(free)];
    for (const point of [free.centreLps, [60, 0, 0], [0, 60, 40]] as [number, number, number][]) {
      for (const [axis, value] of applyAffine(a, point).entries()) {
        expect(Math.abs(value - applyAffine(b, point)[axis]!)).toBeLessThan(0.3);
      }
    }
  }, 120_000);

  it('refuses what is not a rigid motion, and a target that is its own reference', async () => {
    const matrix = [
      [2, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    await expect(
      judgeAlignmentOperation({ ...pair(), position: { matrix } }, QUIET_JOB),
    ).rejects.toMatchObject({ code: 'bad-geometry' });
    await expect(alignOperation({ ...pair(), reference: pair().target }, QUIET_JOB)).rejects.toMatchObject({
      code: 'usage',
    });
  });
});

describe('enhancing with a given position', () => {
  it('gives the same bytes as registering, for the matrix that registration found and for its file', async () => {
    const found = await alignOperation(pair(), QUIET_JOB);
    const file = join(root, 'found.tfm');
    await writeTransform(file, await affineGiven(found));
    const registered = await voxelsOf(await enhance({}));
    const given = await enhance({ alignment: { matrix: found.matrix, by: 'elastix' } });
    expect(Buffer.compare(registered, await voxelsOf(given))).toBe(0);
    expect(given.registration).toEqual(found.registration);
    const fromFile = await enhance({ alignment: { file } });
    expect(Buffer.compare(registered, await voxelsOf(fromFile))).toBe(0);
    expect(fromFile.registration).toMatchObject({ by: 'manual', miAfter: found.registration.miAfter });
  }, 120_000);

  it('uses the matrix that was given and says in the DICOM that it was set by hand', async () => {
    const motion = { rotationDeg: [-3, 2, -3], translationMm: [-5, 4, -3.5] } as const;
    const matrix = matrixOf(fixedToMovingOf(motion, [0, 0, 0]));
    const out = join(root, 'by-hand');
    const result = await enhance({ alignment: { matrix }, out, companions: ['registration'] });
    const other = await enhance({ registration: 'none' });
    expect(Buffer.compare(await voxelsOf(result), await voxelsOf(other))).not.toBe(0);
    const text = (await readFile(result.output.files[0]!)).toString('latin1');
    expect(text).toMatch(/reg=manual (un)?trusted mi/);
    expect(text).toContain('Manual alignment');
    expect(text).not.toContain('Mattes');
    expect(text).toContain('"by":"manual"');
    const registration = (await readFile(result.output.companions[0]!)).toString('latin1');
    expect(registration).toContain('Visual Alignment');
    expect(registration).not.toContain('Content-based');
    expect(result.output.seriesUid).not.toBe(
      (await enhance({ out: join(root, 'none'), registration: 'none' })).output.seriesUid,
    );
  }, 120_000);

  it('holds the door where the position is not to be trusted', async () => {
    const matrix = matrixOf(
      fixedToMovingOf({ rotationDeg: [0, 0, 40], translationMm: [30, 0, 0] }, [0, 0, 0]),
    );
    await expect(enhance({ alignment: { matrix }, acceptRegistration: false })).rejects.toMatchObject({
      code: 'registration-untrusted',
    });
  }, 60_000);

  it('refuses a position beside the headers’ own, or for a model without a reference, and a bad file', async () => {
    const file = join(root, 'bad.tfm');
    await writeFile(file, 'no transform');
    const matrix = matrixOf(fixedToMovingOf({ rotationDeg: [1, 0, 0], translationMm: [0, 0, 0] }, [0, 0, 0]));
    await expect(enhance({ alignment: { matrix }, registration: 'none' })).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(enhance({ alignment: { matrix }, model: join(root, 'single') })).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(enhance({ alignment: { file } })).rejects.toMatchObject({ code: 'bad-header', path: file });
  });
});
