import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { parseNifti } from '../../../src/core/nifti/read.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { indexToLps } from '../../../src/core/volume/grid.ts';
import { slicePositionsMm } from '../../../src/core/volume/sliceStack.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { findTool } from '../../helpers/tools.ts';
import { rewriteFiles } from './changeFiles.ts';
import { PROVENANCE } from './enhancedSeries.ts';
import { phantomSeries } from './phantomSeries.ts';
import { bytesOf, codes, exportDicom as exportTo, items, NOW, numbers, storedOf } from './readBack.ts';

let root: string;
let series: EnhancedSeries;
let count = 0;
const fresh = () => join(root, `out${count++}`);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-export-'));
  series = await phantomSeries(join(root, 'study'), {
    contrasts: ['t2', 't1'],
    gapAfter: 3,
    referenceOrientation: 'sagittal',
    referenceSlices: 24,
    referenceSliceThicknessMm: 10,
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const exportDicom = (what: EnhancedSeries) => exportTo(what, fresh());

describe('an enhanced series as DICOM', () => {
  it("has the contract's attributes", async () => {
    const { written, sets } = await exportDicom(series);
    const source = await Promise.all(
      series.target.files.map(async (path) => dicomParser.parseDicom(await readFile(path))),
    );
    expect(written.files.map((path) => path.slice(written.folder.length + 1))).toEqual([
      '0001.dcm',
      '0002.dcm',
      '0003.dcm',
      '0004.dcm',
      '0005.dcm',
    ]);
    expect(written).toMatchObject({ size: [64, 64, 5], clipped: 0, seriesUid: sets[0]!.string('x0020000e') });
    for (const [n, set] of sets.entries()) {
      const from = source[n]!;
      const kept = [
        'x00080020',
        'x00080022',
        'x00080030',
        'x00080032',
        'x00080050',
        'x00080090',
        'x00100010',
        'x00100020',
        'x00180020',
        'x00180021',
        'x00180023',
        'x00180050',
        'x00180080',
        'x00180081',
        'x00180083',
        'x00180087',
        'x00180088',
        'x00180091',
        'x00180093',
        'x00180095',
        'x00181030',
        'x00181314',
        'x00185100',
        'x00180015',
        'x0020000d',
        'x00200010',
        'x00200032',
        'x00200037',
        'x00200052',
        'x00280300',
      ];
      for (const tag of kept) expect(set.string(tag), tag).toBe(from.string(tag));
      expect(bytesOf(set, 'x00181310')).toEqual(bytesOf(from, 'x00181310'));
      const fixed: Record<string, string> = {
        x00080008: 'DERIVED\\SECONDARY\\OTHER\\ENHANCED',
        x00080016: '1.2.840.10008.5.1.4.1.1.4',
        x00080012: '20261122',
        x00080021: '20261122',
        x00080023: '20261122',
        x00080060: 'MR',
        x00080070: 'Tandem MR',
        x00081090: 'Tandem MR',
        x00181020: '0.1.0',
        x00189004: 'RESEARCH',
        x00200011: '9001',
        x0008103e: 'T2 SE [enhanced x2 srcnn-guided-x2 RUO]',
        x00200013: String(n + 1),
        x00280004: 'MONOCHROME2',
        x00280301: 'NO',
        x00280302: 'NO',
      };
      for (const [tag, value] of Object.entries(fixed)) expect(set.string(tag), tag).toBe(value);
      for (const tag of ['x00080018', 'x0020000e']) {
        expect(set.string(tag)).toMatch(/^2\.25\.[1-9]\d{30,38}$/);
        expect(set.string(tag)).not.toBe(from.string(tag));
      }
      // Not of classic MR images, or true of the source's pixels alone.
      for (const tag of ['x00281052', 'x00281053', 'x00080068', 'x00280120', 'x00281055', 'x00282110']) {
        expect(set.elements[tag], tag).toBeUndefined();
      }
      expect([set.uint16('x00280010'), set.uint16('x00280011'), set.uint16('x00280002')]).toEqual([
        64, 64, 1,
      ]);
      expect([set.uint16('x00280100'), set.uint16('x00280101'), set.uint16('x00280102')]).toEqual([
        16, 16, 15,
      ]);
      expect(numbers(set, 'x00280030')).toEqual([3.75, 3.75]);
      expect(set.string('x00080031')).toMatch(/^\d{6}\.500$/);
    }
  });

  it('keeps every position, so that the gap stays a gap, and numbers along the normal', async () => {
    const { sets } = await exportDicom(series);
    const along = sets.map((set) => numbers(set, 'x00200032')[2]!);
    expect(along.slice(1).map((z, n) => z - along[n]!)).toEqual([5, 5, 10, 5]);
    expect(sets.map((set) => set.floatString('x00201041'))).toEqual(slicePositionsMm(series.stack));
  });

  it('stores the rounded values, with extremes and window of these', async () => {
    const { sets } = await exportDicom(series);
    const all: number[] = [];
    for (const [n, set] of sets.entries()) {
      const stored = storedOf(set);
      expect([...stored]).toEqual(Array.from(series.stack.slices[n]!.pixels, (v) => Math.round(v) + 0));
      const extremes = ['x00280106', 'x00280107'].map((tag) =>
        set.uint16('x00280103') === 1 ? set.int16(tag) : set.uint16(tag),
      );
      expect(extremes).toEqual([Math.min(...stored), Math.max(...stored)]);
      all.push(...stored);
    }
    all.sort((a, b) => a - b);
    const [center, width] = [sets[0]!.floatString('x00281050')!, sets[0]!.floatString('x00281051')!];
    const share = (value: number) => all.filter((one) => one <= value).length / all.length;
    expect(share(center - width / 2)).toBeGreaterThanOrEqual(0.005);
    expect(share(center + width / 2)).toBeCloseTo(0.995, 2);
  });

  it('counts what 16 bits cannot hold', async () => {
    const slices = series.stack.slices.map((slice) => ({ ...slice, pixels: slice.pixels.map(Math.abs) }));
    slices[0]!.pixels[0] = 70_000;
    slices[0]!.pixels[1] = 65_535;
    const { written, sets } = await exportDicom({ ...series, stack: { ...series.stack, slices } });
    expect(written.clipped).toBe(1);
    expect([...storedOf(sets[0]!).subarray(0, 2)]).toEqual([65_535, 65_535]);
    expect(sets[0]!.string('x00082111')).toContain('clipped=1');
  });

  it('says how it was derived and from what', async () => {
    const { sets } = await exportDicom(series);
    const set = sets[2]!;
    expect(codes(set, 'x00089215')).toEqual(['113085', 'SR-REF']);
    const [scheme] = items(set, 'x00080110');
    expect(scheme!.string('x00080102')).toBe('99TANDEM');
    expect(scheme!.string('x0008010c')).toMatch(/^2\.25\./);
    expect(set.string('x00082111')).toContain('ref=');
    expect(set.string('x00082111')!.length).toBeLessThanOrEqual(1024);

    const images = items(set, 'x00082112');
    expect(images[0]!.string('x00081155')).toBe(series.targetStack.slices[2]!.source!.sopInstanceUid);
    expect(images.every((image) => image.string('x0028135a') === 'NO')).toBe(true);
    expect(images.map((image) => codes(image, 'x0040a170')[0])).toEqual([
      '121322',
      ...Array(23).fill('128250'),
    ]);

    const related = items(set, 'x00081250');
    expect(related.map((one) => one.string('x0020000e'))).toEqual([
      series.target.summary.uid,
      series.reference!.summary.uid,
    ]);
    expect(related.map((one) => codes(one, 'x0040a170'))).toEqual([['121323'], ['122401', '121323']]);

    const referenced = items(set, 'x00081115');
    const listed = referenced.flatMap((one) =>
      items(one, 'x0008114a').map((instance) => instance.string('x00081155')),
    );
    expect(new Set(listed)).toEqual(new Set(images.map((image) => image.string('x00081155'))));

    const equipment = items(set, 'x0018a001');
    expect(equipment.map((one) => codes(one, 'x0040a170')[0])).toEqual([
      '109101',
      '109102',
      '109102',
      '109102',
    ]);
    expect(equipment.map((one) => one.string('x00081090'))).toEqual([
      'Digital phantom',
      'Tandem MR',
      'Rigid registration',
      'srcnn-guided-x2',
    ]);
    expect(equipment.every((one) => (one.string('x00080070') ?? '') !== '')).toBe(true);
    expect(equipment[3]!.string('x0018a003')).toContain(PROVENANCE.model.weightsSha256);
  });

  it('names only the reference slices that overlap, where registration put them', async () => {
    // Axial reference like the target: slice n overlaps slice n, or slice n + 1 once moved by one slice.
    const made = await phantomSeries(join(root, 'axial'), { contrasts: ['t2', 't1'], sliceGapMm: 1 });
    const named = async (what: EnhancedSeries) => {
      const { sets } = await exportDicom(what);
      return items(sets[1]!, 'x00082112')
        .slice(1)
        .map((image) => image.string('x00081155'));
    };
    const uidOf = async (n: number) =>
      dicomParser.parseDicom(await readFile(made.reference!.files[n]!)).string('x00080018');
    expect(await named(made)).toEqual([await uidOf(1)]);
    const moved = { ...made, fixedToMoving: rigidMotion([0, 0, 0], [0, 0, 6]) };
    expect(await named(moved)).toEqual([await uidOf(2)]);
  });

  it('without a reference names none', async () => {
    const single = { ...series, reference: undefined };
    const { sets } = await exportDicom(single);
    expect(codes(sets[0]!, 'x00089215')).toEqual(['113085', 'SR-SINGLE']);
    expect(items(sets[0]!, 'x00082112').length).toBe(1);
    expect(items(sets[0]!, 'x00081250').length).toBe(1);
    expect(items(sets[0]!, 'x0018a001').length).toBe(3);
    expect(sets[0]!.string('x00082111')).toContain('ref=none');
  });

  it('is the same exported again, and another with another pixel or other weights', async () => {
    const first = await exportDicom(series);
    const again = await exportDicom(series);
    for (const [n, path] of first.written.files.entries()) {
      expect((await readFile(path)).equals(await readFile(again.written.files[n]!))).toBe(true);
    }
    const slices = series.stack.slices.map((slice) => ({
      ...slice,
      pixels: Float32Array.from(slice.pixels),
    }));
    slices[1]!.pixels[100]! += 1;
    const pixel = await exportDicom({ ...series, stack: { ...series.stack, slices } });
    const model = { ...PROVENANCE.model, weightsSha256: 'f'.repeat(64) };
    const weights = await exportDicom({ ...series, provenance: { ...PROVENANCE, model } });
    const uids = ({ sets }: typeof first) => sets.map((set) => set.string('x00080018'));
    const same = uids(pixel).map((uid, n) => uid === uids(first)[n]);
    expect(same).toEqual([true, false, true, true, true]);
    expect(uids(weights).some((uid) => uids(first).includes(uid))).toBe(false);
    expect(new Set([first, pixel, weights].map(({ written }) => written.seriesUid)).size).toBe(3);
  });

  it('has the same UIDs when it is exported another day', async () => {
    const [first, later] = await Promise.all(
      [NOW, new Date(NOW.getTime() + 40 * 86_400_000)].map((now) => exportTo(series, fresh(), { now })),
    );
    expect(later!.written.seriesUid).toBe(first!.written.seriesUid);
    const uids = ({ sets }: NonNullable<typeof first>) => sets.map((set) => set.string('x00080018'));
    expect(uids(later!)).toEqual(uids(first!));
    expect(later!.sets[0]!.string('x00080021')).not.toBe(first!.sets[0]!.string('x00080021'));
  });

  it('refuses a source that changed meanwhile, that is no classic MR image, or that is gone', async () => {
    const cases = [
      [{ x00080018: ['UI', '1.2.3.4'] }, 'bad-header'],
      [{ x00080016: ['UI', '1.2.840.10008.5.1.4.1.1.2'] }, 'unsupported-format'],
    ] as const;
    for (const [change, code] of cases) {
      const made = await phantomSeries(join(root, `changed${count++}`), { contrasts: ['t2'], slices: 2 });
      await rewriteFiles(made.target.files, change);
      const out = fresh();
      await expect(exportEnhanced(made, out, 'dicom', QUIET_JOB)).rejects.toMatchObject({ code });
      await expect(readdir(out)).rejects.toThrow();
    }
    const gone = await phantomSeries(join(root, `changed${count++}`), { contrasts: ['t2'], slices: 2 });
    await rm(gone.target.files[1]!);
    await expect(exportEnhanced(gone, fresh(), 'dicom', QUIET_JOB)).rejects.toMatchObject({
      code: 'not-found',
      path: gone.target.files[1],
    });
  });
});

describe('NIfTI', () => {
  it('has the enhanced grid; a gap is empty slices, and said to be', async () => {
    const written = await exportEnhanced(series, fresh(), 'nifti', QUIET_JOB);
    expect(written.files.map((path) => path.slice(written.folder.length + 1))).toEqual([
      '1-T2-SE_enhanced-x2-srcnn-guided-x2.nii.gz',
    ]);
    expect(written.warnings).toMatchObject([{ code: 'gap' }]);
    const bytes = gunzipSync(await readFile(written.files[0]!));
    expect(bytes.subarray(148, 228).toString()).toMatch(
      /^RUO enhanced x2 srcnn-guided-x2, 1 empty, Tandem MR 0\.1\.0/,
    );
    const { volume } = parseNifti(bytes, '');
    expect(volume.grid.size).toEqual([64, 64, 6]);
    const slice = (k: number) => volume.voxels.subarray(k * 4096, (k + 1) * 4096);
    expect(slice(3).every((value) => value === 0)).toBe(true);
    expect([...slice(4)]).toEqual(Array.from(series.stack.slices[3]!.pixels, (v) => Math.round(v) + 0));
    const position = indexToLps(volume.grid, [0, 0, 4]);
    series.stack.slices[3]!.positionLps.forEach((value, n) => {
      expect(position[n]).toBeCloseTo(value, 4);
    });
  });

  it('keeps fractions where the target has them', async () => {
    const fraction = (stack: EnhancedSeries['stack']) => ({
      ...stack,
      slices: stack.slices
        .slice(0, 3)
        .map((slice) => ({ ...slice, pixels: slice.pixels.map((v) => v / 1000) })),
    });
    const small = { ...series, stack: fraction(series.stack), targetStack: fraction(series.targetStack) };
    const written = await exportEnhanced(small, fresh(), 'nifti', QUIET_JOB);
    const { volume } = parseNifti(gunzipSync(await readFile(written.files[0]!)), '');
    expect(volume.voxels[2080]).toBeCloseTo(series.stack.slices[0]!.pixels[2080]! / 1000, 5);
    expect(written.warnings).toEqual([]);
  });

  it('is the only format for a target that came as NIfTI', async () => {
    const target = { ...series.target, summary: { ...series.target.summary, format: 'nifti' as const } };
    await expect(exportEnhanced({ ...series, target }, fresh(), 'dicom', QUIET_JOB)).rejects.toMatchObject({
      code: 'unsupported-format',
    });
  });
});

describe('whole or not at all', () => {
  it('writes nothing into a folder that is not empty', async () => {
    await expect(exportEnhanced(series, dirname(root), 'dicom', QUIET_JOB)).rejects.toMatchObject({
      code: 'output-exists',
    });
  });

  it.each([
    'dicom',
    'nifti',
  ] as const)('%s: cancelled at any step of progress leaves nothing', async (format) => {
    for (let step = 0; step < 7; step++) {
      const stop = new AbortController();
      let steps = 0;
      const parent = fresh();
      await mkdir(parent);
      const job = {
        signal: stop.signal,
        progress: () => {
          if (steps++ === step) stop.abort();
        },
      };
      const attempt = exportEnhanced(series, join(parent, 'out'), format, job);
      if (format === 'nifti' && step > 2) await attempt;
      else {
        await expect(attempt).rejects.toMatchObject({ code: 'cancelled' });
        expect(await readdir(parent)).toEqual([]);
      }
    }
  });

  it('removes everything when writing fails midway', async () => {
    const parent = fresh();
    await mkdir(parent);
    let done = 0;
    const job = {
      signal: QUIET_JOB.signal,
      progress: () => {
        if (++done === 4) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      },
    };
    await expect(exportEnhanced(series, join(parent, 'out'), 'dicom', job)).rejects.toMatchObject({
      code: 'write-failed',
      path: join(parent, 'out'),
    });
    expect(await readdir(parent)).toEqual([]);
  });
});

const dciodvfy = findTool('dciodvfy');
describe.skipIf(dciodvfy === undefined)('the judges [needs dciodvfy]', () => {
  it('find no error in any orientation', async () => {
    for (const orientation of ['axial', 'sagittal', 'coronal', 'oblique'] as const) {
      const made = await phantomSeries(join(root, `judged-${orientation}`), {
        contrasts: ['t2', 'flair'],
        orientation,
      });
      const { written } = await exportDicom(made);
      for (const path of written.files) {
        expect(spawnSync(dciodvfy!, [path], { encoding: 'utf8' }).stderr).not.toMatch(/Error/);
      }
      const dcentvfy = findTool('dcentvfy');
      const all = [...written.files, ...made.target.files, ...made.reference!.files];
      if (dcentvfy !== undefined) expect(spawnSync(dcentvfy, all, { encoding: 'utf8' }).stderr).toBe('');
    }
  });

  it.skipIf(findTool('dcmdump') === undefined)('dcmtk reads the same pixels [needs dcmdump]', async () => {
    const { written, sets } = await exportDicom(series);
    const folder = fresh();
    await mkdir(folder);
    spawnSync(findTool('dcmdump')!, ['+W', folder, written.files[2]!], { encoding: 'utf8' });
    const [raw] = await readdir(folder);
    expect((await readFile(join(folder, raw!))).equals(bytesOf(sets[2]!, 'x7fe00010'))).toBe(true);
    await writeFile(join(folder, 'done'), '');
  });
});
