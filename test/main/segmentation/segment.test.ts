import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { slicesOntoGrid } from '../../../src/core/segmentation/labelVolume.ts';
import { chooseSliceAxis, stackToVolume, volumeToStack } from '../../../src/core/volume/convert.ts';
import { gridFromAffine, indexToLps } from '../../../src/core/volume/grid.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { segmentationImportOperation } from '../../../src/main/segmentation/importOperation.ts';
import { segmentOperation } from '../../../src/main/segmentation/segmentOperation.ts';
import { readNiftiFile, readNiftiHeader } from '../../../src/main/studies/niftiFile.ts';
import { volumeOperation } from '../../../src/main/superres/volumeOperation.ts';
import { hasPydicom, pydicomSays } from '../../helpers/pydicom.ts';
import { type PhantomSource, phantomSources } from '../export/companionSeries.ts';
import { items, numbers } from '../export/readBack.ts';
import { brightFiles, brightModel, SPEC, writeTiny } from './models.ts';

let root: string;
let flair: PhantomSource;
let t1: PhantomSource;
let bright: string;
let tiny: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-segment-'));
  [flair, t1] = (await phantomSources(join(root, 'study'), {
    contrasts: ['flair', 't1'],
    orientation: 'oblique',
    matrix: 40,
    slices: 6,
  })) as [PhantomSource, PhantomSource];
  bright = join(root, 'bright');
  tiny = join(root, 'tiny');
  // The phantom's brightest tissue: some of it, but not all.
  const files = brightFiles(join(root, 'elsewhere'), { model: brightModel({ above: 1 }) });
  await segmentationImportOperation({ ...files, id: 'bright', out: bright }, QUIET_JOB);
  await writeTiny(tiny);
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const at = (series: string) => ({ kind: 'series' as const, series: { paths: [], series } });
const run = (request: RequestInput<'segment'>) =>
  segmentOperation(operations.segment.request.parse(request), QUIET_JOB);
const bytesOf = async (folder: string, name: string) => readFile(join(folder, name));
let outs = 0;
const newOut = () => join(root, `out-${outs++}`);

/** A volume with a bright box, of 16-bit numbers, on a grid that is as oblique as a NIfTI can be. */
function boxVolume(axes: readonly [number, number, number] = [0, 1, 2]): Volume {
  const turn = [0.1, -0.25, 0.2].map((angle) => [Math.cos(angle), Math.sin(angle)] as const);
  const [[ca, sa], [cb, sb], [cc, sc]] = turn as [
    readonly [number, number],
    readonly [number, number],
    readonly [number, number],
  ];
  const rotation = [
    [cb * cc, sa * sb * cc - ca * sc, ca * sb * cc + sa * sc],
    [cb * sc, sa * sb * sc + ca * cc, ca * sb * sc - sa * cc],
    [-sb, sa * cb, ca * cb],
  ];
  const [sizes, spacings] = [
    [44, 40, 7],
    [3.1, 2.9, 9],
  ];
  const column = (n: number) =>
    rotation.map((row) => Math.fround(row[axes[n]!]! * spacings[axes[n]!]! * (axes[n] === 1 ? -1 : 1)));
  const [a, b, c] = [column(0), column(1), column(2)];
  const size = axes.map((axis) => sizes[axis]!) as [number, number, number];
  const grid = gridFromAffine(
    size,
    [0, 1, 2].map((r) => [a[r]!, b[r]!, c[r]!, [-61.5, 40.25, -17][r]!]) as never,
  );
  const voxels = new Float32Array(size[0] * size[1] * size[2]);
  for (let n = 0; n < voxels.length; n++) {
    const index = [n % size[0], Math.floor(n / size[0]) % size[1], Math.floor(n / (size[0] * size[1]))];
    const own = [0, 1, 2].map((axis) => index[axes.indexOf(axis)]!);
    const [x, y, z] = [own[0]! - 21.5, own[1]! - 19.5, own[2]! - 3];
    if ((x / 20) ** 2 + (y / 18) ** 2 > 1) continue;
    voxels[n] = 300 + ((7 * n) % 41);
    if (x > 2 && x < 9 && y > -8 && y < -1 && Math.abs(z) < 2) voxels[n] = 800;
  }
  return { grid, voxels };
}

async function niftiOf(volume: Volume, name: string): Promise<string> {
  const path = join(root, name);
  await writeFile(path, encodeNifti(volume));
  return path;
}

describe('a labelmap', () => {
  it('goes back onto the grid that its slices were taken from, along any axis', () => {
    for (const axes of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
      [2, 1, 0],
    ] as const) {
      const volume = boxVolume(axes);
      for (const axis of [0, 1, 2] as const) {
        const slices = volumeToStack(volume, axis).slices.map(({ pixels }) => pixels);
        expect(slicesOntoGrid(slices, volume.grid, axis).voxels).toEqual(volume.voxels);
      }
    }
  });
});

describe('segmenting a NIfTI', () => {
  it('marks the bright box and nothing else, on the very grid of the file, whatever the order of its axes', async () => {
    for (const axes of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 0, 2],
    ] as const) {
      const volume = boxVolume(axes);
      const path = await niftiOf(volume, `box-${axes.join('')}.nii`);
      const out = newOut();
      const found = await run({ image: at(path), model: bright, out });
      const written = await readNiftiFile(join(out, 'segmentation.nii.gz'));
      const [source, labels] = [
        await readNiftiHeader(path),
        await readNiftiHeader(join(out, 'segmentation.nii.gz')),
      ];
      expect(labels.size).toEqual(source.size);
      expect(labels.affineLps).toEqual(source.affineLps);
      const wrong = written.voxels.filter((value, n) => (value === 1) !== (volume.voxels[n] === 800));
      // The canvas has larger pixels than the file: the rim is blurred.
      expect(wrong.length).toBeLessThan(0.35 * volume.voxels.filter((value) => value === 800).length);
      const count = written.voxels.reduce((sum, value) => sum + value, 0);
      expect(found.labels).toMatchObject([{ value: 1, name: 'Whole tumour', parts: 1 }]);
      expect(found.labels[0]!.ml).toBeCloseTo((count * 3.1 * 2.9 * 9) / 1000, 3);
      expect(found.contrasts).toEqual({ given: ['flair'], missing: ['t1'] });
      expect(found.warnings.map(({ code }) => code)).toContain('contrast-missing');
      expect(found).toMatchObject({ nothingFound: false, modelState: 'candidate', validation: null });
      const json = JSON.parse(await readFile(join(out, 'segmentation.json'), 'utf8'));
      expect(json).toMatchObject({
        labels: found.labels,
        labelsSha256: found.labelsSha256,
        image: 'acquired',
      });
      expect(json.notice).toMatch(/not for diagnosis/);
    }
  }, 60_000);

  it('gives the same bytes again, with one worker and with two', async () => {
    const path = await niftiOf(boxVolume(), 'again.nii');
    const hashes = [];
    const before = process.env.TANDEM_WORKERS;
    for (const workers of ['1', '2', '2']) {
      process.env.TANDEM_WORKERS = workers;
      const out = newOut();
      const { labelsSha256, highestProbability } = await run({ image: at(path), model: tiny, out });
      const files = await Promise.all(
        (await readdir(out)).sort().map(async (name) =>
          createHash('sha256')
            .update(await bytesOf(out, name))
            .digest('hex'),
        ),
      );
      hashes.push([labelsSha256, highestProbability, ...files]);
    }
    if (before === undefined) delete process.env.TANDEM_WORKERS;
    else process.env.TANDEM_WORKERS = before;
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
    expect(hashes[0]![1]).toBeGreaterThan(0);
  }, 60_000);

  it('finds nothing where there is nothing, and says so in a labelmap of zeros', async () => {
    const volume = boxVolume();
    const voxels = volume.voxels.map((value) => (value === 800 ? 300 : value));
    const path = await niftiOf({ ...volume, voxels }, 'nothing.nii');
    const out = newOut();
    const found = await run({ image: at(path), model: bright, out });
    expect(found).toMatchObject({
      nothingFound: true,
      parts: [],
      labels: [{ ml: 0, parts: 0, confidence: null }],
    });
    expect(found.highestProbability).toBeLessThan(0.5);
    const written = await readNiftiFile(join(out, 'segmentation.nii.gz'));
    expect(written.voxels.every((value) => value === 0)).toBe(true);
  });

  it('cannot be a DICOM segmentation', async () => {
    const path = await niftiOf(boxVolume(), 'refused.nii');
    await expect(
      run({ image: at(path), model: bright, out: newOut(), format: 'dicom-seg' }),
    ).rejects.toMatchObject({
      code: 'unsupported-format',
    });
  });
});

describe('segmenting a DICOM series', () => {
  it('writes a segmentation on the series’ own planes and a report with its volume, without an error', async () => {
    const out = newOut();
    const found = await run({
      image: at(flair.folder),
      reference: { paths: [], series: t1.folder },
      model: bright,
      out,
    });
    expect((await readdir(out)).sort()).toEqual(['report.dcm', 'segmentation.dcm']);
    expect(found.validation).toMatchObject({ files: 2, errors: 0 });
    expect(found.contrasts).toEqual({ given: ['flair', 't1'], missing: [] });
    // One frame of reference: the headers say where the T1 lies.
    expect(found.registration).toMatchObject({ verdict: 'none' });
    const set = dicomParser.parseDicom(await bytesOf(out, 'segmentation.dcm'));
    const frames = items(set, 'x52009230');
    const places = frames.map((frame) => numbers(items(frame, 'x00209113')[0]!, 'x00200032'));
    const known = flair.stack.slices.map(({ positionLps }) => [...positionLps]);
    expect(places.length).toBeGreaterThan(1);
    for (const place of places) expect(known).toContainEqual(place);
    const segment = items(set, 'x00620002')[0]!;
    expect(segment.string('x00620005')).toBe('Whole tumour (preview, RUO)');
    expect(segment.string('x00620008')).toBe('AUTOMATIC');
    expect(segment.string('x00620009')).toBe('CANDIDATE bright');
    expect(items(segment, 'x0062000f')[0]!.string('x00080100')).toBe('108369006');
    // Bits, frame after frame: the voxels that the volume is made of.
    const pixels = set.elements.x7fe00010!;
    let marked = 0;
    for (let n = 0; n < pixels.length; n++) {
      for (let bits = set.byteArray[pixels.dataOffset + n]!; bits > 0; bits >>= 1) marked += bits & 1;
    }
    expect(found.labels[0]!.ml).toBeCloseTo(marked * found.voxelMl, 6);
    const report = (await bytesOf(out, 'report.dcm')).toString('latin1');
    expect(report).toContain('research use only');
    expect(report).toContain(set.string('x00080018')!);
  });

  it.runIf(hasPydicom)(
    'is read by pydicom voxel for voxel where the labelmap for viewing has it',
    async () => {
      const out = newOut();
      const found = await run({ image: at(flair.folder), model: bright, out });
      const view = await volumeOperation({ kind: 'segmentation', id: found.id, what: 'labels' }, QUIET_JOB);
      const grid = {
        size: view.size,
        spacingMm: view.spacingMm,
        originLps: view.originLps,
        axesLps: view.axesLps,
      };
      const labels = new Int16Array(view.voxels.buffer, view.voxels.byteOffset, view.voxels.byteLength / 2);
      const expected: number[][] = [];
      for (const [n, value] of labels.entries()) {
        const [nx, ny] = [grid.size[0], grid.size[1]];
        if (value !== 0)
          expected.push([...indexToLps(grid, [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))])]);
      }
      const read = pydicomSays<{ points: number[][]; volume: number }>(
        `seg = pydicom.dcmread(sys.argv[1])
sr = pydicom.dcmread(sys.argv[2])
plane = seg.SharedFunctionalGroupsSequence[0]
spacing = [float(v) for v in plane.PixelMeasuresSequence[0].PixelSpacing]
o = [float(v) for v in plane.PlaneOrientationSequence[0].ImageOrientationPatient]
points = []
for frame, group in zip(seg.pixel_array.reshape(-1, seg.Rows, seg.Columns), seg.PerFrameFunctionalGroupsSequence):
    p = [float(v) for v in group.PlanePositionSequence[0].ImagePositionPatient]
    for row, column in np.argwhere(frame):
        points.append([p[a] + column * spacing[1] * o[a] + row * spacing[0] * o[3 + a] for a in range(3)])
def numbers(item):
    for one in item.get('ContentSequence', []):
        if one.ValueType == 'NUM': yield float(one.MeasuredValueSequence[0].NumericValue)
        yield from numbers(one)
print(json.dumps({'points': points, 'volume': list(numbers(sr))[0]}))`,
        join(out, 'segmentation.dcm'),
        join(out, 'report.dcm'),
      );
      const inOrder = (points: number[][]) =>
        points
          .map((point) => point.map((mm) => (Math.round(mm * 500) / 500 + 0).toFixed(3)).join(' '))
          .sort();
      expect(expected.length).toBeGreaterThan(20);
      expect(inOrder(read.points)).toEqual(inOrder(expected));
      expect(read.volume).toBeCloseTo(found.labels[0]!.ml, 9);
    },
  );

  it('keeps probability and agreement for viewing, and says when they are gone', async () => {
    const found = await run({ image: at(flair.folder), model: bright });
    expect(found.output).toBeNull();
    const grid = stackToVolume(flair.stack).grid;
    for (const what of ['labels', 'probability', 'agreement'] as const) {
      const view = await volumeOperation({ kind: 'segmentation', id: found.id, what }, QUIET_JOB);
      expect(view.size).toEqual([...grid.size]);
      expect(view.label).toMatch(/segmented by CANDIDATE bright: research-use preview/);
    }
    await expect(
      volumeOperation({ kind: 'segmentation', id: 'gone', what: 'labels' }, QUIET_JOB),
    ).rejects.toMatchObject({ code: 'series-not-found' });
  });

  it('that shows nothing to be found leaves a report of 0 ml, and says why there is no segmentation', async () => {
    const never = join(root, 'never');
    const files = brightFiles(join(root, 'never-files'), { model: brightModel({ above: 50 }) });
    await segmentationImportOperation({ ...files, id: 'never', out: never }, QUIET_JOB);
    const out = newOut();
    const found = await run({ image: at(flair.folder), model: never, out });
    expect(found.nothingFound).toBe(true);
    expect(await readdir(out)).toEqual(['report.dcm']);
    expect(found.validation).toMatchObject({ errors: 0 });
    expect(found.warnings.map(({ code }) => code)).toContain('nothing-found');
  });
});

describe('what a model is given', () => {
  it('must hold the contrasts that it cannot do without', async () => {
    const needs = join(root, 'needs');
    const contrasts = SPEC.contrasts.map((one) => ({ ...one, required: true }));
    const files = brightFiles(join(root, 'needs-files'), { spec: { contrasts } });
    await segmentationImportOperation({ ...files, id: 'needs', out: needs }, QUIET_JOB);
    await expect(run({ image: at(flair.folder), model: needs })).rejects.toMatchObject({
      code: 'no-reference',
      message: expect.stringContaining('T1'),
    });
    const found = await run({
      image: at(flair.folder),
      reference: { paths: [], series: t1.folder },
      model: needs,
    });
    expect(found.contrasts.missing).toEqual([]);
  });

  it('may be another contrast than it knows, which is told', async () => {
    const found = await run({ image: at(t1.folder), model: tiny });
    expect(found.warnings).toContainEqual({
      code: 'outside-model-envelope',
      message: expect.stringMatching(/looks like T1; the model knows FLAIR/),
    });
    expect(found.warnings.map(({ code }) => code)).toContain('model-not-accepted');
  });

  it('is never the series twice', async () => {
    const reference = { paths: [], series: flair.folder };
    await expect(run({ image: at(flair.folder), reference, model: tiny })).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it('is not looked at where the folder to write to is taken', async () => {
    await expect(run({ image: at('/nowhere'), model: tiny, out: root })).rejects.toMatchObject({
      code: 'output-exists',
    });
  });

  it('comes from a slice axis that the file’s own rule chooses', () => {
    expect(chooseSliceAxis(boxVolume([2, 0, 1]).grid)).toBe(0);
  });
});
