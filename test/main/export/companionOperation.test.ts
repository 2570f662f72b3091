import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { applyAffine } from '../../../src/core/volume/affine.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import { companionOperation } from '../../../src/main/export/companionOperation.ts';
import { readTransform } from '../../../src/main/registration/readTransform.ts';
import { writeTransform } from '../../../src/main/registration/transformFile.ts';
import { findTool } from '../../helpers/tools.ts';
import { type PhantomSource, phantomSources } from './companionSeries.ts';
import { items, numbers } from './readBack.ts';

let root: string;
let target: PhantomSource;
let reference: PhantomSource;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-companion-files-'));
  [target, reference] = (await phantomSources(join(root, 'study'), {
    contrasts: ['t2', 't1'],
    orientation: 'oblique',
  })) as [PhantomSource, PhantomSource];
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const run = (request: RequestInput<'exportCompanion'>) =>
  companionOperation(operations.exportCompanion.request.parse(request), QUIET_JOB);
const at = (folder: string) => ({ paths: [], series: folder });

async function labelsFile(name: string, value: number): Promise<string> {
  const volume = stackToVolume(target.stack);
  const voxels = volume.voxels.map((_, n) => (n % 11 === 3 && n > 500 ? value : 0));
  const path = join(root, name);
  await writeFile(path, encodeNifti({ ...volume, voxels }));
  return path;
}

describe('companions from files', () => {
  it('a labelmap that lies on the series gets the series’ own places, not those of single precision', async () => {
    const labels = await labelsFile('labels.nii', 7);
    const request = {
      kind: 'segmentation' as const,
      series: at(target.folder),
      labels,
      segments: [{ value: 7, meaning: 'edema' }],
      out: join(root, 'seg.dcm'),
    };
    const made = await run(request);
    const bytes = await readFile(made.path);
    const set = dicomParser.parseDicom(bytes);
    expect(made).toMatchObject({ frames: 4, sopInstanceUid: set.string('x00080018') });
    // Its references resolve: the series was given to the check.
    expect(made.validation).toMatchObject({ files: 1, errors: 0, warnings: 0, findings: [] });
    const places = items(set, 'x52009230').map((frame) =>
      numbers(items(frame, 'x00209113')[0]!, 'x00200032'),
    );
    const sources = await Promise.all(
      target.entry.files.map(async (path) =>
        numbers(dicomParser.parseDicom(await readFile(path)), 'x00200032'),
      ),
    );
    for (const place of places) expect(sources).toContainEqual(place);
    const again = await run({ ...request, out: join(root, 'again.dcm') });
    expect(again.sopInstanceUid).toBe(made.sopInstanceUid);
    const other = await run({
      ...request,
      labels: await labelsFile('other.nii', 7),
      segments: [{ value: 7, meaning: 'necrosis' }],
    });
    expect(other.sopInstanceUid).not.toBe(made.sopInstanceUid);
  });

  it('what is not described, not there or not known is refused in words', async () => {
    const labels = await labelsFile('nine.nii', 9);
    const base = {
      kind: 'segmentation' as const,
      series: at(target.folder),
      labels,
      out: join(root, 'no.dcm'),
    };
    await expect(run({ ...base, segments: [{ value: 1, meaning: 'edema' }] })).rejects.toThrow(/value 9/);
    await expect(run({ ...base, segments: [{ value: 9, meaning: 'cheese' }] })).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('edema'),
    });
    await expect(
      run({ ...base, series: at(labels), segments: [{ value: 9, meaning: 'edema' }] }),
    ).rejects.toMatchObject({
      code: 'unsupported-format',
    });
  });

  it('reads the transforms that registration writes', async () => {
    const motion = rigidMotion([4, -3, 12], [7, 0.5, -2]);
    const path = join(root, 'x.tfm');
    await writeTransform(path, motion);
    const read = await readTransform(path);
    for (const point of [
      [0, 0, 0],
      [50, -20, 80],
    ] as const) {
      applyAffine(motion, point).forEach((value, n) => {
        expect(applyAffine(read, point)[n]).toBeCloseTo(value, 9);
      });
    }
    await writeFile(
      path,
      '#Insight Transform File V1.0\nTransform: BSplineTransform_double_3_3\nParameters: 1 2\n',
    );
    await expect(readTransform(path)).rejects.toMatchObject({ code: 'bad-header', path });
  });

  const dciodvfy = findTool('dciodvfy');
  it.skipIf(dciodvfy === undefined)(
    'every kind passes dciodvfy [needs dciodvfy]',
    { timeout: 60_000 },
    async () => {
      const labels = await labelsFile('judged.nii', 1);
      const transform = join(root, 'judged.tfm');
      await writeTransform(transform, rigidMotion([1, 2, 3], [4, 5, 6]));
      const segmentation = join(root, 'judged-seg.dcm');
      const measurements = join(root, 'm.json');
      await run({
        kind: 'segmentation',
        series: at(target.folder),
        labels,
        segments: [{ value: 1, meaning: 'lesion' }],
        out: segmentation,
      });
      await writeFile(
        measurements,
        JSON.stringify({
          person: 'Doe^Jane',
          groups: [
            {
              trackingId: 'lesion 1',
              finding: 'lesion',
              segment: { file: segmentation, number: 1 },
              measurements: [{ name: 'volume', value: 3.2, units: 'ml' }],
            },
          ],
        }),
      );
      const series = at(target.folder);
      const paths = [
        segmentation,
        (
          await run({
            kind: 'parametric-map',
            series,
            values: labels,
            quantity: 'probability',
            out: join(root, 'map.dcm'),
          })
        ).path,
        (
          await run({
            kind: 'spatial-registration',
            target: series,
            reference: at(reference.folder),
            transform,
            out: join(root, 'reg.dcm'),
          })
        ).path,
        (await run({ kind: 'measurement-report', series, measurements, out: join(root, 'sr.dcm') })).path,
      ];
      for (const path of paths) {
        expect(spawnSync(dciodvfy!, [path], { encoding: 'utf8' }).stderr, path).not.toMatch(/Error/);
      }
    },
  );
});
