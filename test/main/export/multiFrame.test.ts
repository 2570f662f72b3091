import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { zeroFillStack } from '../../../src/core/volume/kspace.ts';
import { slicePositionsMm } from '../../../src/core/volume/sliceStack.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { resolveSeries } from '../../../src/main/studies/resolve.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { allSeries } from '../../../src/main/studies/select.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { dataRoot } from '../../helpers/data.ts';
import { findTool } from '../../helpers/tools.ts';
import { PROVENANCE } from './enhancedSeries.ts';
import { codes, exportDicom, items, numbers } from './readBack.ts';

const data = join(dataRoot() ?? '', 'dicom');

describe.skipIf(dataRoot() === undefined)('a target of many frames, exported [needs shared data]', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tandem-frames-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const exported = async (folder: string, series: string) => {
    const catalogue = await scanPaths([join(data, folder)], QUIET_JOB);
    const entry = allSeries(catalogue).find(({ summary }) => String(summary.number) === series)!;
    const { stack } = await loadSeries(entry, QUIET_JOB);
    const enhanced: EnhancedSeries = {
      stack: zeroFillStack(stack, 2),
      target: entry,
      targetStack: stack,
      reference: entry,
      provenance: PROVENANCE,
    };
    const { written, sets } = await exportDicom(enhanced, join(root, series), { as: 'classic' });
    return { entry, stack, written, sets, folder: written.folder! };
  };

  it.each([
    ['Siemens XA, one file', 'dcm_qa_xa30/In', '9', 12.46, 33],
    ['Philips, one of two volumes, with a rescale', 'dcm_qa_enh/In', '801', 1.52, 32],
    ['a Siemens mosaic', 'transfer-syntaxes/In', '1', 30, 35],
  ] as const)('%s is classic MR in the same place', async (_, folder, series, echoTimeMs, slices) => {
    const { stack, sets, folder: out } = await exported(folder, series);
    expect(sets).toHaveLength(slices);
    const uids = new Set<string>();
    for (const [n, set] of sets.entries()) {
      expect(set.string('x00080016')).toBe('1.2.840.10008.5.1.4.1.1.4');
      for (const [axis, value] of numbers(set, 'x00200032').entries()) {
        expect(value).toBeCloseTo(stack.slices[n]!.positionLps[axis]!, 3);
      }
      expect([set.uint16('x00280010'), set.uint16('x00280011')]).toEqual([2 * stack.rows, 2 * stack.columns]);
      expect(Number(set.string('x00180081'))).toBeCloseTo(echoTimeMs, 2);
      expect(set.string('x00180020')).toBeTruthy();
      expect(set.elements.x52009230).toBeUndefined();
      const [source] = items(set, 'x00082112');
      expect(source!.string('x00081155')).toBe(stack.slices[n]!.source!.sopInstanceUid);
      const frame = stack.slices[n]!.source!.frame;
      expect(source!.intString('x00081160')).toBe(frame === undefined ? undefined : frame + 1);
      expect(codes(source!, 'x0040a170')).toEqual(['121322']);
      uids.add(set.string('x00080018')!);
    }
    expect(uids.size).toBe(slices);
    const back = await loadSeries(await resolveSeries({ paths: [], series: out }, QUIET_JOB), QUIET_JOB);
    const [was, is] = [slicePositionsMm(stack), slicePositionsMm(back.stack)];
    for (const [n, at] of is.entries()) expect(at).toBeCloseTo(was[n]!, 3);
  });

  const dciodvfy = findTool('dciodvfy');
  it.skipIf(dciodvfy === undefined)('passes dciodvfy [needs dciodvfy]', async () => {
    const { written } = await exported('dcm_qa_xa30/In', '5');
    for (const path of [written.files[0]!, written.files.at(-1)!]) {
      const { stderr } = spawnSync(dciodvfy!, [path], { encoding: 'utf8' });
      expect(stderr.match(/^Error.*$/gm) ?? []).toEqual([]);
    }
  });
});
