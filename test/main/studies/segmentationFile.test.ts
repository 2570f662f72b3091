import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { cieLab, rgbOfCieLab } from '../../../src/core/dicom/derived/cieLab.ts';
import { planesOfStack } from '../../../src/core/dicom/derived/planes.ts';
import { type Segment, segmentationDataSet } from '../../../src/core/dicom/derived/segmentation.ts';
import { SEGMENT_MEANINGS } from '../../../src/core/dicom/derived/segmentCodes.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { createRandom } from '../../../src/core/random.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import { indexToLps, lpsToIndex } from '../../../src/core/volume/grid.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import { companionOperation } from '../../../src/main/export/companionOperation.ts';
import { labelmapOperation } from '../../../src/main/studies/labelmapOperation.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { readSegmentationFile } from '../../../src/main/studies/segmentationFile.ts';
import { hasPydicom } from '../../helpers/pydicom.ts';
import { type ForeignSegmentation, writeForeignSegmentation } from '../../helpers/pydicomSegmentation.ts';
import { zipOf } from '../../helpers/zipBuilder.ts';
import {
  FACTS,
  ORIENTATIONS,
  type PhantomSource,
  phantomSources,
  writeDicom,
} from '../export/companionSeries.ts';

let root: string;
const sources = new Map<string, PhantomSource>();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-seg-'));
  for (const orientation of ORIENTATIONS) {
    const [made] = await phantomSources(join(root, orientation), {
      contrasts: ['t2'],
      orientation,
      sliceGapMm: 0.7,
    });
    sources.set(orientation, made!);
  }
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const read = (path: string) => readSegmentationFile(path, QUIET_JOB.signal);
const ask = (request: RequestInput<'labelmap'>) =>
  labelmapOperation(operations.labelmap.request.parse(request), QUIET_JOB);

const algorithm = { type: 'AUTOMATIC', name: 'Network', version: '1.2.0' } as const;
const SEGMENTS: readonly Segment[] = [
  { value: 1, label: 'Necrosis', ...SEGMENT_MEANINGS.necrosis!, algorithm, colorRgb: [200, 30, 10] },
  { value: 2, label: 'Nowhere', ...SEGMENT_MEANINGS.brain!, algorithm },
  {
    value: 3,
    label: 'Ödem',
    ...SEGMENT_MEANINGS.edema!,
    algorithm: { type: 'MANUAL', name: '' },
    colorRgb: [0, 128, 255],
    tracking: { id: 'lesion 1', uid: '2.25.901' },
  },
];

/** Labels 1 and 3 in voxels chosen by chance, none on the first and the last but one slice. */
function labelsOn({ stack }: PhantomSource): Uint8Array[] {
  const random = createRandom(7);
  return stack.slices.map((_, k) =>
    Uint8Array.from({ length: stack.columns * stack.rows }, () => {
      const value = random.uniform();
      if (k === 0 || k === stack.slices.length - 2) return 0;
      return value < 0.1 ? 1 : value < 0.3 ? 3 : 0;
    }),
  );
}

async function ownSegmentation(source: PhantomSource, labels: readonly Uint8Array[]): Promise<string> {
  return writeDicom(
    join(root, 'own'),
    `${sources.size}-${source.entry.summary.uid}.dcm`,
    segmentationDataSet(
      source.source,
      { planes: planesOfStack(source.stack), slices: labels },
      SEGMENTS,
      FACTS,
    ),
  );
}

describe('a segmentation of our own', () => {
  it.each(ORIENTATIONS)('is read back bit for bit, where it was (%s)', async (orientation) => {
    const source = sources.get(orientation)!;
    const labels = labelsOn(source);
    const { header, grid, voxels, overlapping } = await read(await ownSegmentation(source, labels));
    expect(overlapping).toBe(0);
    const { stack } = source;
    const size = stack.columns * stack.rows;
    // Of the empty slices, the one at the end is not part of it, and the one between is.
    expect(grid.size).toEqual([stack.columns, stack.rows, stack.slices.length - 1]);
    for (let k = 1; k < stack.slices.length; k++) {
      expect(voxels.slice((k - 1) * size, k * size)).toEqual(Uint16Array.from(labels[k]!));
      indexToLps(grid, [0, 0, k - 1]).forEach((value, axis) => {
        expect(value).toBeCloseTo(stack.slices[k]!.positionLps[axis]!, 6);
      });
    }
    expect(header.segments).toMatchObject(
      SEGMENTS.map(({ value, label, category, type }) => ({ number: value, label, category, type })),
    );
    expect(header.segments[0]!.algorithm).toMatchObject(algorithm);
    expect(header.segments[2]!.tracking).toEqual(SEGMENTS[2]!.tracking);
    expect(header.segments.map(({ colorRgb }) => colorRgb)).toEqual([
      [200, 30, 10],
      undefined,
      [0, 128, 255],
    ]);
  });

  it('goes to the window with the labels it has, their names and colours', async () => {
    const source = sources.get('oblique')!;
    const path = await ownSegmentation(source, labelsOn(source));
    const frameOfReferenceUid = source.entry.frameOfReferenceUid!;
    const shown = await ask({ path, frameOfReferenceUid });
    expect(shown).toMatchObject({
      format: 'dicom',
      dataType: 'int16',
      labels: [
        { value: 1, name: 'Necrosis', colorRgb: [200, 30, 10] },
        { value: 3, name: 'Ödem', colorRgb: [0, 128, 255] },
      ],
      warnings: [],
    });
    expect(shown.voxels.byteLength).toBe(shown.size[0] * shown.size[1] * shown.size[2] * 2);
    await expect(ask({ path, frameOfReferenceUid: '1.2.3' })).rejects.toMatchObject({
      code: 'bad-geometry',
      path,
    });
  });

  it('is named with its study, also in an archive, and is no image nor a refused file', async () => {
    const source = sources.get('axial')!;
    const path = await ownSegmentation(source, labelsOn(source));
    const { studies, refused } = await scanPaths([source.folder, path], QUIET_JOB);
    expect(refused).toEqual([]);
    expect(studies[0]!.summary.segmentations).toMatchObject([
      {
        path,
        labels: ['Necrosis', 'Nowhere', 'Ödem'],
        frameOfReferenceUid: source.entry.frameOfReferenceUid,
      },
    ]);
    expect(studies[0]!.series).toHaveLength(1);
    // By itself it is nothing that can be opened.
    await expect(scanPaths([path], QUIET_JOB)).rejects.toMatchObject({ code: 'unsupported-format' });

    const archive = join(root, 'study.zip');
    const images = await Promise.all(
      source.entry.files.map(async (file, n) => ({ name: `s/${n}.dcm`, bytes: await readFile(file) })),
    );
    await writeFile(archive, zipOf([...images, { name: 's/seg.dcm', bytes: await readFile(path) }]));
    const [zipped] = (await scanPaths([archive], QUIET_JOB)).studies;
    const listed = zipped!.summary.segmentations![0]!.path;
    expect(listed.startsWith(archive)).toBe(true);
    expect((await ask({ path: listed, within: [archive] })).labels).toHaveLength(2);
    await expect(ask({ path: listed })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is written anew on a series from the segmentation alone, and of another series only where it fits', async () => {
    const source = sources.get('oblique')!;
    const labels = await ownSegmentation(source, labelsOn(source));
    const request = {
      kind: 'segmentation' as const,
      series: { paths: [], series: source.folder },
      labels,
      out: join(root, 'again.dcm'),
    };
    const run = (change: Partial<RequestInput<'exportCompanion'>> = {}) =>
      companionOperation(operations.exportCompanion.request.parse({ ...request, ...change }), QUIET_JOB);
    const made = await run();
    expect(made.validation).toMatchObject({ errors: 0, warnings: 0 });
    const [before, after] = [await read(labels), await read(made.path)];
    expect(after.voxels).toEqual(before.voxels);
    expect(after.grid.size).toEqual(before.grid.size);
    for (const index of [[0, 0, 0], before.grid.size] as const) {
      indexToLps(after.grid, index).forEach((value, axis) => {
        expect(value).toBeCloseTo(indexToLps(before.grid, index)[axis]!, 6);
      });
    }
    expect(after.header.segments.map(({ label, type }) => [label, type])).toEqual(
      before.header.segments.map(({ label, type }) => [label, type]),
    );
    const other = sources.get('axial')!;
    await expect(run({ series: { paths: [], series: other.folder } })).rejects.toMatchObject({
      code: 'bad-geometry',
      path: labels,
    });
    const nifti = join(root, 'plain.nii');
    await writeFile(nifti, encodeNifti(stackToVolume(source.stack)));
    await expect(run({ labels: nifti })).rejects.toMatchObject({ code: 'usage', path: nifti });
  });
});

it('a colour comes back from CIELab as it was', () => {
  const random = createRandom(3);
  const byte = (): number => Math.floor(random.uniform() * 256);
  for (let n = 0; n < 200; n++) {
    const rgb: [number, number, number] = [byte(), byte(), byte()];
    rgbOfCieLab(cieLab(rgb)).forEach((value, channel) => {
      expect(Math.abs(value - rgb[channel]!)).toBeLessThanOrEqual(1);
    });
  }
  expect(rgbOfCieLab([65535, 32896, 32896])).toEqual([255, 255, 255]);
});

const ROWS = 5;
const COLUMNS = 7;
const I: Vec3 = [Math.cos(0.3), Math.sin(0.3), 0];
const J: Vec3 = [-Math.sin(0.3) * Math.cos(0.2), Math.cos(0.3) * Math.cos(0.2), Math.sin(0.2)];
const NORMAL: Vec3 = [I[1] * J[2] - I[2] * J[1], I[2] * J[0] - I[0] * J[2], I[0] * J[1] - I[1] * J[0]];
const at = (k: number, stepMm = 3): Vec3 => [
  10 + k * stepMm * NORMAL[0],
  -20 + k * stepMm * NORMAL[1],
  5 + k * stepMm * NORMAL[2],
];
/** Pixels where `which` says so, by column and row. */
const painted = (value: number, which: (column: number, row: number) => boolean): number[] =>
  Array.from({ length: ROWS * COLUMNS }, (_, n) => (which(n % COLUMNS, Math.floor(n / COLUMNS)) ? value : 0));

const BASE = {
  rows: ROWS,
  columns: COLUMNS,
  spacingMm: [0.8, 1.25] as const,
  thicknessMm: 3,
  iAxisLps: I,
  jAxisLps: J,
  studyUid: '1.2.826.1',
  frameOfReferenceUid: '1.2.826.2',
  segments: [
    { number: 1, label: 'One', lab: cieLab([10, 200, 30]) },
    { number: 5, label: 'Five' },
  ],
};

describe.skipIf(!hasPydicom)('a segmentation that another tool made [needs pydicom]', () => {
  let count = 0;
  const made = (
    change: Partial<ForeignSegmentation> & Pick<ForeignSegmentation, 'type' | 'frames'>,
  ): string => {
    const path = join(root, `foreign-${++count}.dcm`);
    writeForeignSegmentation(path, { ...BASE, ...change });
    return path;
  };
  /** The label at a place of the patient. */
  const labelAt = ({ grid, voxels }: Awaited<ReturnType<typeof read>>, lps: Vec3): number => {
    const [i, j, k] = lpsToIndex(grid, lps).map(Math.round) as [number, number, number];
    return voxels[i + grid.size[0] * (j + grid.size[1] * k)]!;
  };
  const place = (k: number, column: number, row: number): Vec3 => {
    const start = at(k);
    return [0, 1, 2].map(
      (axis) => start[axis]! + column * 0.8 * I[axis]! + row * 1.25 * J[axis]!,
    ) as unknown as Vec3;
  };

  it.each([
    'explicit',
    'implicit',
    'deflated',
  ] as const)('binary (%s): frames in any order, odd numbers of bits, on an oblique grid', async (syntax) => {
    const path = made({
      type: 'BINARY',
      syntax,
      frames: [
        { segment: 5, positionLps: at(4), pixels: painted(1, (column) => column === 6) },
        { segment: 1, positionLps: at(2), pixels: painted(1, (column, row) => column === 2 && row === 1) },
        { segment: 5, positionLps: at(0), pixels: painted(1, (_, row) => row === 4) },
        { segment: 1, positionLps: at(0), pixels: painted(1, (_, row) => row === 0) },
      ],
    });
    const loaded = await read(path);
    expect(loaded.grid.size).toEqual([COLUMNS, ROWS, 5]);
    expect(loaded.grid.spacingMm[2]).toBeCloseTo(3, 6);
    const expected = (column: number, row: number, k: number): number => {
      if (k === 0) return row === 0 ? 1 : row === 4 ? 5 : 0;
      if (k === 2) return column === 2 && row === 1 ? 1 : 0;
      return k === 4 && column === 6 ? 5 : 0;
    };
    for (let k = 0; k < 5; k++)
      for (let row = 0; row < ROWS; row++)
        for (let column = 0; column < COLUMNS; column++)
          expect(labelAt(loaded, place(k, column, row))).toBe(expected(column, row, k));
    const shown = await ask({ path, frameOfReferenceUid: BASE.frameOfReferenceUid });
    expect(shown.labels).toEqual([
      { value: 1, name: 'One', colorRgb: [10, 200, 30] },
      { value: 5, name: 'Five', colorRgb: null },
    ]);
  });

  it('fractional: half and more counts, the greater share wins, and what overlaps is told', async () => {
    const path = made({
      type: 'FRACTIONAL',
      maximum: 200,
      frames: [
        { segment: 1, positionLps: at(0), pixels: painted(100, (column) => column < 3) },
        { segment: 5, positionLps: at(0), pixels: painted(99, (column) => column === 5) },
        { segment: 5, positionLps: at(1), pixels: painted(120, () => true) },
        { segment: 1, positionLps: at(1), pixels: painted(200, (column) => column === 1) },
      ],
    });
    const loaded = await read(path);
    expect(labelAt(loaded, place(0, 2, 2))).toBe(1);
    expect(labelAt(loaded, place(0, 5, 2))).toBe(0);
    expect(labelAt(loaded, place(1, 1, 2))).toBe(1);
    expect(labelAt(loaded, place(1, 4, 2))).toBe(5);
    expect(loaded.overlapping).toBe(ROWS);
    expect((await ask({ path })).warnings).toMatchObject([{ code: 'overlapping-segments' }]);
  });

  it.each([
    ['8 bits', { bits: 8, syntax: 'explicit' }],
    ['16 bits', { bits: 16, syntax: 'explicit' }],
    ['8 bits, RLE', { bits: 8, syntax: 'rle' }],
    ['a palette', { bits: 8, photometric: 'PALETTE COLOR' }],
  ] as const)('label map, %s', async (_, change) => {
    const loaded = await read(
      made({
        type: 'LABELMAP',
        ...change,
        segments: [{ number: 0, label: 'Background' }, ...BASE.segments],
        frames: [
          { positionLps: at(1), pixels: painted(5, (column) => column > 3) },
          { positionLps: at(0), pixels: painted(1, (column) => column === 0) },
        ],
      }),
    );
    expect(labelAt(loaded, place(0, 0, 3))).toBe(1);
    expect(labelAt(loaded, place(1, 4, 0))).toBe(5);
    expect(labelAt(loaded, place(1, 3, 0))).toBe(0);
    expect(loaded.header.segments.map(({ number }) => number)).toEqual([1, 5]);
  });

  it('two lesions far apart keep their own thickness', async () => {
    const frames = [at(20), at(0)].map((positionLps) => ({
      segment: 1,
      positionLps,
      pixels: painted(1, () => true),
    }));
    const { grid, voxels } = await read(made({ type: 'BINARY', frames }));
    expect(grid.size[2]).toBe(21);
    expect(voxels.filter((value) => value !== 0)).toHaveLength(2 * ROWS * COLUMNS);
  });

  it.each([
    [
      'no place in the patient',
      { type: 'BINARY', frames: [{ segment: 1, pixels: painted(1, () => true) }] },
      'bad-geometry',
      /no usable Image Position/,
    ],
    [
      'planes that are shifted sideways',
      {
        type: 'BINARY',
        frames: [0, 1].map((k) => ({
          segment: 1,
          positionLps: at(k).map((value, axis) => value + 4 * k * I[axis]!) as unknown as Vec3,
          pixels: painted(1, () => true),
        })),
      },
      'bad-geometry',
      /sideways/,
    ],
    [
      'planes at no regular distance',
      {
        type: 'BINARY',
        thicknessMm: 2.9,
        frames: [0, 1, 1.43, 3.9].map((k) => ({
          segment: 1,
          positionLps: at(k),
          pixels: painted(1, () => true),
        })),
      },
      'bad-geometry',
      /unevenly/,
    ],
    [
      'a segment that is not described',
      { type: 'BINARY', frames: [{ segment: 9, positionLps: at(0), pixels: painted(1, () => true) }] },
      'bad-header',
      /segment 9/,
    ],
    [
      'fractions of nothing',
      { type: 'FRACTIONAL', frames: [{ segment: 1, positionLps: at(0), pixels: painted(1, () => true) }] },
      'bad-header',
      /whole of a pixel/,
    ],
  ] as const)('with %s is refused in words, with its path', async (_, change, code, words) => {
    const path = made(change as never);
    const refused = await read(path).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, path, message: expect.stringMatching(words) });
  });

  it('without a frame of reference is shown, and that is said; cut short it is refused', async () => {
    const { frameOfReferenceUid: _, ...rest } = BASE;
    const path = join(root, 'nowhere.dcm');
    writeForeignSegmentation(path, {
      ...rest,
      type: 'BINARY',
      frames: [0, 1, 2].map((k) => ({ segment: 1, positionLps: at(k), pixels: painted(1, () => true) })),
    });
    expect((await ask({ path, frameOfReferenceUid: '1.2.3' })).warnings).toMatchObject([
      { code: 'no-frame-of-reference' },
    ]);
    const cut = join(root, 'cut.dcm');
    await writeFile(cut, (await readFile(path)).subarray(0, -6));
    await expect(read(cut)).rejects.toMatchObject({ code: 'truncated', path: cut });
  });
});

describe('other files', () => {
  it('an image is no segmentation, and real values are no labels', async () => {
    const { entry, stack } = sources.get('axial')!;
    await expect(ask({ path: entry.files[0]! })).rejects.toMatchObject({ code: 'not-an-image' });
    const volume = stackToVolume(stack);
    const path = join(root, 'values.nii');
    await writeFile(path, encodeNifti({ ...volume, voxels: volume.voxels.map((value) => value + 0.5) }));
    await expect(ask({ path })).rejects.toMatchObject({ code: 'usage', path });
    await writeFile(
      path,
      encodeNifti({ ...volume, voxels: volume.voxels.map((_, n) => (n % 3 === 0 ? -2 : 7)) }),
    );
    expect((await ask({ path })).labels).toEqual([
      { value: -2, name: '-2', colorRgb: null },
      { value: 7, name: '7', colorRgb: null },
    ]);
  });
});
