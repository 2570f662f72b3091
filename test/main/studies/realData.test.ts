import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import dicomParser from 'dicom-parser';
import { describe, expect, it } from 'vitest';
import { parseDataSet } from '../../../src/core/dicom/dataSet.ts';
import { formatTag } from '../../../src/core/dicom/tags.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { parseNifti } from '../../../src/core/nifti/read.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import { indexToLps, lpsToIndex } from '../../../src/core/volume/grid.ts';
import { slicePositionsMm } from '../../../src/core/volume/sliceStack.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { resolveSeries } from '../../../src/main/studies/resolve.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { dataRoot } from '../../helpers/data.ts';

const root = dataRoot() ?? '';
const scan = (path: string) => scanPaths([join(root, path)], QUIET_JOB);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

describe.skipIf(root === '')('the T1/T2 study [needs shared data]', () => {
  it('has two series with their sizes, spacing, contrasts and one gap each', async () => {
    const { studies, refused } = await scan('dicom/t1-t2-study');
    expect(refused).toEqual([]);
    expect(studies).toHaveLength(1);
    const [t1, t2] = studies[0]!.summary.series;
    expect(t1).toMatchObject({
      number: 5,
      size: [192, 192, 175],
      orientation: 'sagittal',
      contrast: { name: 't1' },
    });
    expect(t2).toMatchObject({
      number: 6,
      size: [384, 512, 55],
      orientation: 'axial',
      contrast: { name: 't2' },
    });
    expect(t1!.spacingMm.map((mm) => mm.toFixed(2))).toEqual(['1.15', '1.15', '1.00']);
    expect(t2!.spacingMm.map((mm) => mm.toFixed(2))).toEqual(['0.43', '0.43', '2.50']);
    expect(t1!.warnings.map(({ code, afterSlice }) => [code, afterSlice])).toEqual([['gap', 114]]);
    expect(t2!.warnings.map(({ code, afterSlice }) => [code, afterSlice])).toEqual([
      ['gap', 34],
      ['zero-filled', undefined],
    ]);
    expect(t2!.warnings[1]!.message).toMatch(/384 columns from 269/);
  });

  it('suggests T2 ← T1 first, and says that the reference is coarser and the target interpolated', async () => {
    const { studies } = await scan('dicom/t1-t2-study');
    const { series, pairs } = studies[0]!.summary;
    expect(pairs[0]).toMatchObject({ target: series[1]!.uid, reference: series[0]!.uid });
    expect(pairs[0]!.warnings.map(({ code }) => code)).toEqual([
      'reference-coarser-than-target',
      'target-zero-filled',
    ]);
    expect(pairs[0]!.warnings[0]!.message).toMatch(/1\.15 mm against 0\.43 mm/);
    expect(pairs[0]!.reasons.length).toBeGreaterThan(2);
  });

  it('keeps the true position of every slice of the T2, the gap included', async () => {
    const entry = await resolveSeries({ paths: [join(root, 'dicom/t1-t2-study')], series: '6' }, QUIET_JOB);
    const { stack } = await loadSeries(entry, QUIET_JOB);
    const positions = slicePositionsMm(stack);
    const steps = positions.slice(1).map((at, n) => at - positions[n]!);
    for (const [n, step] of steps.entries()) expect(step).toBeCloseTo(n === 33 ? 5 : 2.5, 4);
    expect(entry.summary.warnings[0]!.positionMm).toBeCloseTo(positions[33]!, 6);
    const volume = stackToVolume(stack);
    expect([...volume.inventedSlices!].indexOf(1)).toBe(34);
    expect(stack.slices.every(({ source }) => source !== undefined)).toBe(true);
  });
});

describe.skipIf(root === '')('other DICOM series [needs shared data]', () => {
  it('splits a dual echo into PD and T2 with the voxels and places of an independent conversion', async () => {
    const { studies } = await scan('dicom/dcm_qa_pdt2/In');
    const { series } = studies[0]!;
    expect(series.map(({ summary }) => summary.contrast.name)).toEqual(['pd', 't2']);
    for (const [n, entry] of series.entries()) {
      expect(entry.summary.uid).toBe(`${entry.seriesInstanceUid}#e${n + 1}`);
      const { stack } = await loadSeries(entry, QUIET_JOB);
      const reference = filesBelow(join(root, 'dicom/dcm_qa_pdt2/Ref')).find((path) =>
        path.endsWith(`_e${n + 1}.nii`),
      )!;
      const { grid, voxels } = parseNifti(readFileSync(reference)).volume;
      const volume = stackToVolume(stack);
      let worst = 0;
      for (let k = 0; k < volume.grid.size[2]; k++) {
        for (let j = 0; j < volume.grid.size[1]; j++) {
          for (let i = 0; i < volume.grid.size[0]; i++) {
            const at = lpsToIndex(grid, indexToLps(volume.grid, [i, j, k]));
            const [x, y, z] = at.map(Math.round) as [number, number, number];
            worst = Math.max(worst, Math.hypot(at[0] - x, at[1] - y, at[2] - z));
            const value = voxels[x + grid.size[0] * (y + grid.size[1] * z)];
            if (value !== volume.voxels[i + volume.grid.size[0] * (j + volume.grid.size[1] * k)]) {
              throw new Error(`voxel ${i}, ${j}, ${k} differs`);
            }
          }
        }
      }
      expect(worst).toBeLessThan(1e-3);
    }
  });

  it('reads the same CT from every syntax, and lossy ones within the steps they were cut to', async () => {
    const folder = join(root, 'dicom/one-slice-many-syntaxes');
    const read = async (name: string) => {
      const entry = await resolveSeries({ paths: [], series: join(folder, name) }, QUIET_JOB);
      const isLossy = entry.summary.warnings.some(({ code }) => code === 'lossy-compressed');
      return { isLossy, pixels: (await loadSeries(entry, QUIET_JOB)).stack.slices[0]!.pixels };
    };
    const reference = (await read('CTImage.dcm')).pixels;
    const identical: string[] = [];
    const near: [string, number, boolean][] = [];
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.dcm'))) {
      const { pixels, isLossy } = await read(name);
      const worst = pixels.reduce((most, value, n) => Math.max(most, Math.abs(value - reference[n]!)), 0);
      const uid = /_1\.2\.840\.10008\.1\.2\.?([\d.]*)\.dcm$/.exec(name)?.[1] ?? '';
      if (worst === 0) identical.push(uid);
      else near.push([uid, worst, isLossy]);
      expect(isLossy).toBe(worst > 0);
    }
    expect(identical.sort()).toEqual(['', '', '1', '1.99', '2', '4.57', '4.70', '4.80', '4.90', '5']);
    // Steps of 32 and 2 units where the encoder went to 8 and 12 bits, then the codec's own error.
    const bounds: Record<string, number> = {
      '4.50': 80,
      '4.51': 40,
      '4.53': 40,
      '4.55': 40,
      '4.81': 1,
      '4.91': 5,
    };
    expect(near.map(([uid]) => uid).sort()).toEqual(Object.keys(bounds));
    for (const [uid, worst] of near) expect([uid, worst <= bounds[uid]!]).toEqual([uid, true]);
  }, 60_000);

  it('reads the voxels of an independent conversion from all nine encodings of a mosaic', async () => {
    const { studies } = await scan('dicom/transfer-syntaxes/In');
    for (const entry of studies[0]!.series) {
      const volume = stackToVolume((await loadSeries(entry, QUIET_JOB)).stack);
      const number = basename(entry.files[0]!, '.dcm');
      const { grid, voxels } = parseNifti(
        readFileSync(join(root, `dicom/transfer-syntaxes/Ref/${number}.nii`)),
      ).volume;
      const [columns, rows, count] = volume.grid.size;
      let different = 0;
      let worst = 0;
      for (let k = 0; k < count; k++) {
        for (let j = 0; j < rows; j++) {
          for (let i = 0; i < columns; i++) {
            const at = lpsToIndex(grid, indexToLps(volume.grid, [i, j, k]));
            const [x, y, z] = at.map(Math.round) as [number, number, number];
            worst = Math.max(worst, Math.hypot(at[0] - x, at[1] - y, at[2] - z));
            const value = voxels[x + grid.size[0] * (y + grid.size[1] * z)];
            if (value !== volume.voxels[i + columns * (j + rows * k)]) different++;
          }
        }
      }
      expect([number, different]).toEqual([number, 0]);
      expect(worst).toBeLessThan(1e-2);
    }
  }, 60_000);

  it('reads enhanced multi-frame images of Siemens and Philips, and names the volumes of a series', async () => {
    const named = async (path: string) => {
      const { studies, refused } = await scan(path);
      expect(refused.filter(({ code }) => code !== 'not-an-image')).toEqual([]);
      return studies
        .flatMap(({ series }) => series)
        .map(({ summary }) => `${summary.number} ${summary.size.join('×')} ${summary.description}`);
    };
    const xa30 = await named('dicom/dcm_qa_xa30');
    expect(xa30).toHaveLength(14);
    expect(xa30).toContain('5 128×128×96 anat-T1w_acq-tfl');
    expect(xa30).toContain('8 64×64×33 gre_field_mapping (echo 2)');
    expect(xa30).toContain('25 64×64×12 asl_2d_tra (temporal position 7)');
    expect(await named('dicom/dcm_qa_enh/In')).toEqual([
      '801 64×64×32 B0 NS (magnitude)',
      '801 64×64×32 B0 NS (field map)',
      ...[1, 2, 3, 4].map((n) => `6 64×64×6 REST1 w SMS PF7-8 (temporal position ${n})`),
    ]);
  });

  it('takes mosaics apart, with series numbers that differ under one UID told apart', async () => {
    const { studies } = await scan('dicom/transfer-syntaxes/In');
    const { series } = studies[0]!;
    expect(series).toHaveLength(9);
    for (const { summary } of series) expect(summary.size).toEqual([64, 64, 35]);
    expect(series[3]!.summary.description).toBe('ax_asc_35sl (series number 4)');
  });

  it('passes over DICOMDIRs and reads the files beside them', async () => {
    const { studies, refused } = await scan('dicom/dicomdir');
    expect(refused.filter(({ path }) => basename(path).startsWith('DICOMDIR'))).toEqual([]);
    // One of Archibald's is a radiograph in MONOCHROME1.
    expect(studies.map(({ summary }) => summary.patientName).sort()).toEqual([
      'Doe^Archibald',
      'Doe^Archibald',
      'Doe^Peter',
      'Doe^Peter',
      'Doe^Peter',
      'Doe^Peter',
    ]);
  });

  it('finds every top-level value where dicom-parser finds it', () => {
    let compared = 0;
    const files = filesBelow(join(root, 'dicom')).filter((_, n) => n % 7 === 0);
    for (const path of files) {
      const bytes = readFileSync(path);
      if (String.fromCharCode(...bytes.subarray(128, 132)) !== 'DICM') continue;
      const judge = dicomParser.parseDicom(bytes, { untilTag: 'x7fe00010' });
      if (judge.string('x00020010') === '1.2.840.10008.1.2.1.99') continue;
      const result = parseDataSet(bytes, { fileBytes: bytes.length });
      if ('more' in result) throw new Error('more wanted of a whole file');
      for (const tag of result.dataSet.tags()) {
        const element = judge.elements[`x${tag.toString(16).padStart(8, '0')}`];
        const place = `${path} ${formatTag(tag)}`;
        if (element === undefined) throw new Error(`${place} is not there`);
        const value = result.dataSet.strings(tag)[0] ?? '';
        if (value !== firstValue(bytes, element)) throw new Error(`${place} differs`);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });
});

function firstValue(bytes: Uint8Array, element: { dataOffset: number; length: number }): string {
  const { dataOffset, length } = element;
  if (length > 65_536) return '';
  const value = bytes.subarray(dataOffset, dataOffset + Math.min(length, 8192));
  const text = String.fromCharCode(...value).replace(/[\0 ]+$/, '');
  return text.split('\\')[0]!.replaceAll(/^[\0 ]+|[\0 ]+$/g, '');
}

describe.skipIf(root === '')('orientation [needs shared data]', () => {
  it('reads all 48 orders of one image as the same voxels at the same places', async () => {
    const { studies } = await scan('orientation');
    const series = studies.flatMap((study) => study.series);
    expect(series).toHaveLength(48);
    const { stack } = await loadSeries(series[0]!, QUIET_JOB);
    const first = stackToVolume(stack);
    for (const entry of series.slice(1)) {
      const other = stackToVolume((await loadSeries(entry, QUIET_JOB)).stack);
      expect(other.voxels.length).toBe(first.voxels.length);
      const [nx, ny] = other.grid.size;
      let differing = 0;
      // Every third voxel along each axis.
      for (let k = 0; k < first.grid.size[2]; k += 3) {
        for (let j = 0; j < first.grid.size[1]; j += 3) {
          for (let i = 0; i < first.grid.size[0]; i += 3) {
            const at = lpsToIndex(other.grid, indexToLps(first.grid, [i, j, k]));
            const [x, y, z] = at.map(Math.round) as [number, number, number];
            if (Math.hypot(at[0] - x, at[1] - y, at[2] - z) > 1e-3) differing++;
            const value = first.voxels[i + first.grid.size[0] * (j + first.grid.size[1] * k)];
            if (other.voxels[x + nx * (y + ny * z)] !== value) differing++;
          }
        }
      }
      expect(differing, entry.summary.path).toBe(0);
    }
  }, 120_000);
});

describe.skipIf(root === '')('hostile files [needs shared data]', () => {
  const files = root === '' ? [] : filesBelow(join(root, 'hostile'));

  it.each(
    files.map((path) => [basename(path), path]),
  )('%s is read right or refused with a code, quickly', async (_, path) => {
    const before = performance.now();
    try {
      const { studies } = await scanPaths([path], QUIET_JOB);
      for (const entry of studies.flatMap(({ series }) => series)) {
        if (entry.geometry === undefined) continue;
        const { stack } = await loadSeries(entry, QUIET_JOB);
        expect(stack.slices[0]!.pixels.length).toBe(stack.rows * stack.columns);
        expect(stack.slices.every(({ positionLps }) => positionLps.every(Number.isFinite))).toBe(true);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(TandemError);
      expect((error as TandemError).code).not.toBe('failed');
      expect((error as TandemError).hint).toBeTruthy();
    }
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('can be listed all at once', async () => {
    const { studies, refused } = await scan('hostile');
    expect(studies.length).toBeGreaterThan(0);
    expect(refused.every(({ code }) => code !== 'failed')).toBe(true);
  });
});
