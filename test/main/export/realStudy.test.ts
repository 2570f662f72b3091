import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import type { WrittenSeries } from '../../../src/main/export/types.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { dataRoot } from '../../helpers/data.ts';
import { findTool } from '../../helpers/tools.ts';
import { zeroFilledSeries } from './enhancedSeries.ts';

describe.skipIf(!dataRoot())('the T2 of a real study, exported [needs shared data]', () => {
  const study = join(dataRoot() ?? '', 'dicom/t1-t2-study');
  let root: string;
  let series: EnhancedSeries;
  let written: WrittenSeries;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tandem-real-'));
    series = await zeroFilledSeries(join(study, 'series-6'), join(study, 'series-5'));
    written = await exportEnhanced(series, join(root, 'out'), 'dicom', QUIET_JOB);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const parse = async (path: string) => dicomParser.parseDicom(await readFile(path));

  it('has 55 slices of 1024 × 768 at the positions of the source, gap included', async () => {
    expect(written.size).toEqual([768, 1024, 55]);
    const along: number[] = [];
    for (const [n, path] of written.files.entries()) {
      const [set, source] = [await parse(path), await parse(series.target.files[n]!)];
      for (const tag of ['x00200032', 'x00200037', 'x00200052', 'x0020000d', 'x00100010', 'x00180081']) {
        expect(set.string(tag)).toBe(source.string(tag));
      }
      expect([set.uint16('x00280010'), set.uint16('x00280011')]).toEqual([1024, 768]);
      const images = set.elements.x00082112!.items!.map((item) => item.dataSet!);
      expect(images[0]!.string('x00081155')).toBe(source.string('x00080018'));
      expect(images.length).toBeGreaterThan(100);
      along.push(set.floatString('x00201041')!);
    }
    const steps = along.slice(1).map((position, n) => position - along[n]!);
    expect(steps.filter((step) => Math.abs(step - 2.5) < 0.01).length).toBe(53);
    expect(steps.filter((step) => Math.abs(step - 5) < 0.01).length).toBe(1);
  });

  const dciodvfy = findTool('dciodvfy');
  it.skipIf(dciodvfy === undefined)('has no error that the source does not have [needs dciodvfy]', () => {
    const errors = (path: string) =>
      (spawnSync(dciodvfy!, [path], { encoding: 'utf8' }).stderr.match(/^Error.*$/gm) ?? []).map((line) =>
        line.trim(),
      );
    for (const [n, path] of written.files.entries()) {
      // Every sixth slice: the judge takes its time, and slices of a series differ in pixels and position.
      if (n % 6 !== 0) continue;
      const known = new Set(errors(series.target.files[n]!));
      expect(errors(path).filter((line) => !known.has(line))).toEqual([]);
    }
  });

  const dcentvfy = findTool('dcentvfy');
  it.skipIf(dcentvfy === undefined)('is consistent with its study [needs dcentvfy]', () => {
    const judge = (files: readonly string[]) => spawnSync(dcentvfy!, files, { encoding: 'utf8' }).stderr;
    expect(judge(written.files)).toBe('');
    expect(judge([...written.files, ...series.target.files])).toBe('');
  });

  const dcm2pnm = findTool('dcm2pnm');
  it.skipIf(dcm2pnm === undefined)('shows the same picture in dcmtk [needs dcm2pnm]', async () => {
    const path = written.files[27]!;
    const set = await parse(path);
    const center = set.floatString('x00281050')!;
    const width = set.floatString('x00281051')!;
    const out = join(root, 'slice.pgm');
    spawnSync(dcm2pnm!, ['+Wi', '1', '+op', path, out]);
    const picture = await readFile(out);
    const pixels = picture.subarray(picture.length - 1024 * 768);
    const values = series.stack.slices[27]!.pixels;
    let worst = 0;
    for (let n = 0; n < values.length; n++) {
      // VOI LUT function LINEAR, PS3.3 C.11.2.1.2.
      const share = (Math.round(values[n]!) - (center - 0.5)) / (width - 1) + 0.5;
      worst = Math.max(worst, Math.abs(pixels[n]! - Math.max(0, Math.min(1, share)) * 255));
    }
    expect(worst).toBeLessThan(1.5);
  });
});
