import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { zeroFillStack } from '../../../src/core/volume/kspace.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import { checkDicomForm } from '../../../src/main/export/mrFrameOf.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { resolveSeries } from '../../../src/main/studies/resolve.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { allSeries } from '../../../src/main/studies/select.ts';
import type { SeriesEntry } from '../../../src/main/studies/types.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { dataRoot } from '../../helpers/data.ts';
import { hasPydicom, pydicomSays } from '../../helpers/pydicom.ts';
import { findTool } from '../../helpers/tools.ts';
import { rewriteFiles } from './changeFiles.ts';
import { PROVENANCE } from './enhancedSeries.ts';
import { phantomSeries } from './phantomSeries.ts';
import { codes, exportDicom, items, NOW, numbers, storedOf } from './readBack.ts';

const ENHANCED_MR = '1.2.840.10008.5.1.4.1.1.4.1';
let root: string;
let count = 0;
const fresh = () => join(root, `out${count++}`);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-enhanced-mr-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The target zero-filled, with itself as the reference. */
async function zeroFilled(entry: SeriesEntry, scale: 2 | 4 = 2): Promise<EnhancedSeries> {
  const { stack } = await loadSeries(entry, QUIET_JOB);
  return {
    stack: zeroFillStack(stack, scale),
    target: entry,
    targetStack: stack,
    reference: entry,
    provenance: { ...PROVENANCE, scale },
  };
}

/** A phantom written as Enhanced MR, enhanced once more: a source that is Enhanced MR. */
async function ofEnhancedMr(): Promise<EnhancedSeries> {
  const phantom = await phantomSeries(fresh(), { contrasts: ['t2', 't1'], matrix: 16, slices: 4 });
  const { folder } = await exportEnhanced(phantom, fresh(), 'dicom', QUIET_JOB, { as: 'enhanced' });
  return zeroFilled(await resolveSeries({ paths: [], series: folder }, QUIET_JOB));
}

const PER_FRAME = 'x52009230';
const SHARED = 'x52009229';
type Parsed = Awaited<ReturnType<typeof exportDicom>>['sets'][number];
/** The item of a functional group of frame n, its own or the shared one. */
const group = (set: Parsed, n: number, tag: string) =>
  (items(items(set, PER_FRAME)[n]!, tag)[0] ?? items(items(set, SHARED)[0]!, tag)[0])!;

describe('an enhanced series of a classic source, as Enhanced MR', () => {
  it('is one object with a frame a slice, in place, with what was acquired and how it was derived', async () => {
    const series = await phantomSeries(fresh(), {
      contrasts: ['t2', 't1'],
      gapAfter: 2,
      orientation: 'oblique',
    });
    const summary = { ...series.target.summary, contrast: { name: 't2' as const, why: '' } };
    const known = { ...series, target: { ...series.target, summary } };
    const { written, sets } = await exportDicom(known, fresh(), { as: 'enhanced' });
    const [set] = sets as [Parsed];
    expect(sets).toHaveLength(1);
    expect(written.size).toEqual([64, 64, 5]);
    const fixed: Record<string, string> = {
      x00080016: ENHANCED_MR,
      x00080008: 'DERIVED\\PRIMARY\\OTHER\\RESAMPLED',
      x00089205: 'MONOCHROME',
      x00089208: 'MAGNITUDE',
      x00089209: 'T2',
      x00189004: 'RESEARCH',
      x00280008: '5',
      x00280301: 'NO',
      x00282110: '00',
      x20500020: 'IDENTITY',
      x00200011: '9001',
      x0008103e: 'T2 SE [enhanced x2 srcnn-guided-x2 RUO]',
    };
    for (const [tag, value] of Object.entries(fixed)) expect(set.string(tag), tag).toBe(value);
    const pointers = items(set, 'x00209222').map((item) => item.attributeTag('x00209165'));
    expect(pointers).toEqual(['x00209056', 'x00209057']);
    const source = series.targetStack.slices;
    for (const [n, { positionLps }] of series.stack.slices.entries()) {
      numbers(group(set, n, 'x00209113'), 'x00200032').forEach((value, axis) => {
        expect(Math.abs(value - positionLps[axis]!)).toBeLessThan(1e-6);
      });
      const content = group(set, n, 'x00209111');
      expect(content.uint32('x00209057')).toBe(n + 1);
      expect([content.uint32('x00209157', 0), content.uint32('x00209157', 1)]).toEqual([1, n + 1]);
      const derivation = group(set, n, 'x00089124');
      expect(codes(derivation, 'x00089215')).toEqual(['113085', 'SR-REF']);
      const images = items(derivation, 'x00082112');
      expect(images[0]!.string('x00081155')).toBe(source[n]!.source!.sopInstanceUid);
      expect(images.map((image) => codes(image, 'x0040a170')[0])).toEqual(
        images.map((_, at) => (at === 0 ? '121322' : '128250')),
      );
      expect(images.length).toBeGreaterThan(1);
    }
    expect(numbers(group(set, 0, 'x00289110'), 'x00280030')).toEqual([3.75, 3.75]);
    expect(items(items(set, SHARED)[0]!, 'x00289110')).toHaveLength(1);
    expect(items(set, 'x0018a001').map((one) => codes(one, 'x0040a170')[0])).toEqual([
      ...['109101', '109102', '109102', '109102', '109106'],
    ]);
    const stored = [...storedOf(set)];
    expect(stored).toEqual(
      series.stack.slices.flatMap(({ pixels }) => Array.from(pixels, (v) => Math.round(v) + 0)),
    );
    const extremes = ['x00280106', 'x00280107'].map((tag) =>
      set.uint16('x00280103') === 1 ? set.int16(tag) : set.uint16(tag),
    );
    expect(extremes).toEqual([Math.min(...stored), Math.max(...stored)]);
  });

  it.each([
    ['the body part is not said', { x00180015: ['CS', 'PHANTOM'] }, 'Body Part Examined'],
    ['a knee has no side', { x00180015: ['CS', 'KNEE'] }, 'Laterality'],
    ['a contrast agent has no code', { x00180010: ['LO', 'Gadolinium'] }, 'contrast agent'],
    ['it is shown inverted', { x00280004: ['CS', 'MONOCHROME1'] }, 'MONOCHROME1'],
  ] as const)('is refused where %s, and nothing stays', async (_, change, words) => {
    const series = await phantomSeries(fresh(), { contrasts: ['t2'], slices: 2, matrix: 16 });
    await rewriteFiles(series.target.files, change);
    const out = fresh();
    const attempt = exportEnhanced(series, out, 'dicom', QUIET_JOB, { as: 'enhanced' });
    await expect(attempt).rejects.toMatchObject({
      code: 'unsupported-format',
      message: expect.stringContaining(words),
      path: series.target.files[0],
      hint: expect.stringContaining('--as classic'),
    });
    await expect(readdir(out)).rejects.toThrow();
    await expect(checkDicomForm(series.target, 'enhanced')).rejects.toMatchObject({
      message: expect.stringContaining(words),
    });
    await checkDicomForm(series.target, 'source');
    const classic = await exportEnhanced(series, out, 'dicom', QUIET_JOB);
    expect(classic.files).toHaveLength(2);
  });

  it('says which side, where the source does', async () => {
    const series = await phantomSeries(fresh(), { contrasts: ['t2'], slices: 2, matrix: 16 });
    await rewriteFiles(series.target.files, { x00180015: ['CS', 'KNEE'], x00200060: ['CS', 'L'] });
    const { sets } = await exportDicom(series, fresh(), { as: 'enhanced' });
    const anatomy = group(sets[0]!, 0, 'x00209071');
    expect(anatomy.string('x00209072')).toBe('L');
    expect(codes(anatomy, 'x00082218')).toEqual(['72696002']);
    expect(sets[0]!.elements.x00200060).toBeUndefined();
  });
});

describe('an enhanced series of an Enhanced MR source', () => {
  it('is Enhanced MR by default, the same twice, and read again as the same volume', async () => {
    const series = await ofEnhancedMr();
    const first = await exportDicom(series, fresh());
    const again = await exportDicom(series, fresh());
    const [set] = first.sets as [Parsed];
    expect(set.string('x00080016')).toBe(ENHANCED_MR);
    const bytes = await Promise.all([first, again].map(({ written }) => readFile(written.files[0]!)));
    expect(bytes[0]!.equals(bytes[1]!)).toBe(true);
    const purposes = items(set, 'x0018a001').map((one) => codes(one, 'x0040a170')[0]);
    expect(purposes).not.toContain('109105');
    for (const [n] of series.stack.slices.entries()) {
      const [image] = items(group(set, n, 'x00089124'), 'x00082112');
      expect(image!.intString('x00081160')).toBe(n + 1);
    }
    const entry = await resolveSeries({ paths: [], series: first.written.folder }, QUIET_JOB);
    const { stack } = await loadSeries(entry, QUIET_JOB);
    expect(stack.spacingMm).toEqual(series.stack.spacingMm);
    for (const [n, { positionLps, pixels }] of stack.slices.entries()) {
      positionLps.forEach((value, axis) => {
        expect(Math.abs(value - series.stack.slices[n]!.positionLps[axis]!)).toBeLessThan(1e-6);
      });
      expect([...pixels]).toEqual(Array.from(series.stack.slices[n]!.pixels, (v) => Math.round(v) + 0));
    }
  });

  it('has the same UIDs another day, and others than the classic form, which says that frames were extracted', async () => {
    const series = await ofEnhancedMr();
    const enhanced = await exportDicom(series, fresh());
    const later = await exportDicom(series, fresh(), { now: new Date(NOW.getTime() + 86_400_000) });
    for (const uid of ['x0020000e', 'x00080018'] as const) {
      expect(later.sets[0]!.string(uid)).toBe(enhanced.sets[0]!.string(uid));
    }
    const classic = await exportDicom(series, fresh(), { as: 'classic' });
    expect(classic.sets).toHaveLength(4);
    expect(classic.written.seriesUid).not.toBe(enhanced.written.seriesUid);
    for (const set of classic.sets) {
      expect(set.string('x00080016')).toBe('1.2.840.10008.5.1.4.1.1.4');
      const equipment = items(set, 'x0018a001').map((one) => codes(one, 'x0040a170')[0]);
      expect(equipment.at(-1)).toBe('109105');
      for (const tag of ['x00209161', 'x00209162', 'x00209228', 'x00200242', PER_FRAME]) {
        expect(set.elements[tag]).toBeUndefined();
      }
    }
  });

  it('leads back to the units of a source whose steps are finer than 1, the window in them too', async () => {
    const phantom = await phantomSeries(fresh(), { contrasts: ['t2'], matrix: 16, slices: 3 });
    await rewriteFiles(phantom.target.files, { x00281052: ['DS', '10'], x00281053: ['DS', '0.25'] });
    const folder = phantom.target.summary.path;
    const series = await zeroFilled(await resolveSeries({ paths: [], series: folder }, QUIET_JOB));
    const { written, sets } = await exportDicom(series, fresh(), { as: 'enhanced' });
    expect(numbers(group(sets[0]!, 0, 'x00289145'), 'x00281053')).toEqual([0.25]);
    const entry = await resolveSeries({ paths: [], series: written.folder }, QUIET_JOB);
    const { stack } = await loadSeries(entry, QUIET_JOB);
    const values: number[] = [];
    for (const [n, { pixels }] of stack.slices.entries()) {
      for (const [at, value] of pixels.entries()) {
        expect(Math.abs(value - series.stack.slices[n]!.pixels[at]!)).toBeLessThanOrEqual(0.125);
        values.push(value);
      }
    }
    values.sort((one, other) => one - other);
    const shown = group(sets[0]!, 0, 'x00289132');
    const top = shown.floatString('x00281050')! + shown.floatString('x00281051')! / 2;
    expect(top).toBeCloseTo(values[Math.floor(0.995 * values.length)]!, 0);
  });
});

const dciodvfy = findTool('dciodvfy');
const dcmdump = findTool('dcmdump');
const data = join(dataRoot() ?? '', 'dicom');

describe.skipIf(dataRoot() === undefined)('Enhanced MR of scanners [needs shared data]', () => {
  const SERIES = [
    ['dcm_qa_enh/In/Philips', '801#c1', 2],
    ['dcm_qa_enh/In/Philips', '801#c2', 4],
    ['dcm_qa_enh/In/Siemens', '6#t2', 4],
    ['dcm_qa_xa30/In/8_gre_field_mapping', '8#e2', 2],
    ['dcm_qa_xa30/In/28_asl_2d_tra', '28', 4],
    ['dcm_qa_xa30/In/25_asl_2d_tra', '25#t3', 2],
  ] as const;
  const exported = async (folder: string, name: string, scale: 2 | 4) => {
    const catalogue = await scanPaths([join(data, folder)], QUIET_JOB);
    const [number, part = ''] = name.split('#');
    const entry = allSeries(catalogue).find(
      ({ summary }) => String(summary.number) === number && (part === '' || summary.uid.endsWith(`#${part}`)),
    )!;
    const series = await zeroFilled(entry, scale);
    return { series, ...(await exportDicom(series, fresh())) };
  };
  const errorsOf = (path: string): Set<string> =>
    new Set(
      (spawnSync(dciodvfy!, [path], { encoding: 'latin1' }).stderr.match(/^Error.*$/gm) ?? []).map((line) =>
        line.replaceAll(/[\d.]+/g, '#'),
      ),
    );

  it.skipIf(dciodvfy === undefined).each(SERIES)(
    '%s %s ×%i has no error of its own to dciodvfy [needs dciodvfy]',
    { timeout: 120_000 },
    async (folder, name, scale) => {
      const { series, written } = await exported(folder, name, scale);
      const source = errorsOf(series.target.files[0]!);
      const found = [...errorsOf(written.files[0]!)].filter((error) => !source.has(error));
      expect(found).toEqual([]);
      const { stderr } = spawnSync(dciodvfy!, [written.files[0]!], { encoding: 'latin1' });
      expect(stderr).toContain('EnhancedMRImage');
    },
  );

  it.skipIf(!hasPydicom || dcmdump === undefined).each(SERIES)(
    '%s %s ×%i: pydicom and dcmtk read the same voxels and places [needs pydicom, dcmdump]',
    { timeout: 120_000 },
    async (folder, name, scale) => {
      const { series, written, sets } = await exported(folder, name, scale);
      const [read] = pydicomSays<readonly { places: number[][]; spacing: number[][]; pixels: number[] }[]>(
        `d = pydicom.dcmread(sys.argv[1])
s = d.SharedFunctionalGroupsSequence[0]
def of(f, name):
    return (getattr(f, name, None) or getattr(s, name))[0]
fs = d.PerFrameFunctionalGroupsSequence
slope = [float(of(f, 'PixelValueTransformationSequence').RescaleSlope) for f in fs]
print(json.dumps([dict(
    places=[[float(v) for v in of(f, 'PlanePositionSequence').ImagePositionPatient] for f in fs],
    spacing=[[float(v) for v in of(f, 'PixelMeasuresSequence').PixelSpacing] for f in fs],
    pixels=[float(v) for n, a in enumerate(d.pixel_array) for v in a[::7, ::5].ravel() * slope[n]])]))`,
        written.files[0]!,
      );
      const { stack } = series;
      expect(read!.places).toHaveLength(stack.slices.length);
      read!.places.forEach((place, n) => {
        place.forEach((value, axis) => {
          expect(Math.abs(value - stack.slices[n]!.positionLps[axis]!)).toBeLessThan(1e-6);
        });
        expect(Math.abs(read!.spacing[n]![0]! - stack.spacingMm[1])).toBeLessThan(1e-6);
      });
      const slope = group(sets[0]!, 0, 'x00289145').floatString('x00281053')!;
      let at = 0;
      for (const { pixels } of stack.slices) {
        for (let row = 0; row < stack.rows; row += 7) {
          for (let column = 0; column < stack.columns; column += 5) {
            const value = read!.pixels[at++]!;
            expect(Math.abs(value - pixels[row * stack.columns + column]!)).toBeLessThanOrEqual(
              slope / 2 + 1e-3,
            );
          }
        }
      }
      expect(at).toBe(read!.pixels.length);
      const dump = spawnSync(dcmdump!, ['+P', '0020,0032', written.files[0]!], { encoding: 'latin1' });
      expect(dump.status).toBe(0);
      expect(dump.stdout.match(/^\(0020,0032\)/gm)).toHaveLength(stack.slices.length);
    },
  );

  it('keeps what the frames say of the acquisition, and what kind of map they are', async () => {
    const { sets } = await exported('dcm_qa_enh/In/Philips', '801#c2', 2);
    const frame = (tag: string) => group(sets[0]!, 3, tag);
    expect(frame('x00189226').string('x00089007')).toBe('DERIVED\\PRIMARY\\T1\\FIELD_MAP');
    expect(sets[0]!.string('x00089208')).toBe('REAL');
    expect(frame('x00189112').string('x00180080')).toBe('3.80450010299682');
    expect(frame('x00189125').uint16('x00189058')).toBe(64);
    expect(sets[0]!.string('x00180087')).toBe('3');
    // Philips' mapping has no explanation, so that it is incomplete; and no pulse sequence in a derived image.
    expect(items(items(sets[0]!, SHARED)[0]!, 'x00409096')).toEqual([]);
    expect(sets[0]!.elements.x00189008).toBeUndefined();
    expect(sets[0]!.string('x00180020')).toBe('GR');
  });
});
