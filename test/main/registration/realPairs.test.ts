import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import { gridCentre } from '../../../src/core/volume/grid.ts';
import { composeAffine, meanDistanceMm, moveGrid } from '../../../src/core/volume/rigid.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { registerRigid } from '../../../src/main/registration/registerRigid.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { readNiftiFile } from '../../../src/main/studies/niftiFile.ts';
import { resolveSeries } from '../../../src/main/studies/resolve.ts';
import { dataRoot } from '../../helpers/data.ts';
import { headPoints } from './heads.ts';

/** Real heads, good pairs and bad ones: the verdict has to be right on both. About 6 s each. */

const timeout = 300_000;

function nifti(path: string): Promise<Volume> {
  return readNiftiFile(join(dataRoot() ?? '', `${path}.nii.gz`));
}

function mirrored(volume: Volume): Volume {
  const nx = volume.grid.size[0];
  const voxels = volume.voxels.map((_, n) => volume.voxels[n - (n % nx) + nx - 1 - (n % nx)]!);
  return { grid: volume.grid, voxels };
}

describe.skipIf(!dataRoot())('registration of real heads [needs shared data]', () => {
  it('lines up and trusts scans 19 mm and 15° apart, and finds 30° and 60 mm more', { timeout }, async () => {
    const target = await nifti('registration/tcga-fg-6692-native/t2');
    const reference = await nifti('registration/tcga-fg-6692-native/t1');
    const first = await registerRigid(target, reference, QUIET_JOB);
    expect(first.report.verdict).toBe('trusted');
    expect(first.report.miAfter!).toBeGreaterThan(4 * first.report.miBefore!);

    const further = rigidMotion([18, -16, 18], [35, -40, 28]);
    const moved: Volume = { grid: moveGrid(reference.grid, further), voxels: reference.voxels };
    const second = await registerRigid(target, moved, QUIET_JOB);
    const expected = composeAffine(further, first.fixedToMoving);
    const points = headPoints(gridCentre(target.grid));
    expect(meanDistanceMm(second.fixedToMoving, expected, points)).toBeLessThan(0.3);
  });

  it('trusts the DICOM study with a missing slice in each series', { timeout }, async () => {
    const paths = [join(dataRoot() ?? '', 'dicom/t1-t2-study')];
    const load = async (series: string): Promise<Volume> =>
      stackToVolume((await loadSeries(await resolveSeries({ paths, series }, QUIET_JOB), QUIET_JOB)).stack);
    const { report } = await registerRigid(await load('6'), await load('5'), QUIET_JOB);
    expect(report.verdict).toBe('trusted');
    expect(report.translationMm).toBeLessThan(5);
    expect(report.reasons.filter((reason) => reason.includes('1 missing slice was'))).toHaveLength(2);
  });

  it('does not trust another patient', { timeout }, async () => {
    const { report } = await registerRigid(
      await nifti('pairs/ms-cross-07/t2'),
      await nifti('pairs/ms-cross-19/t1'),
      QUIET_JOB,
    );
    expect(report.verdict).toBe('untrusted');
  });

  it('does not trust the patient’s own mirrored image', { timeout }, async () => {
    const { report } = await registerRigid(
      await nifti('pairs/ms-cross-07/t2'),
      mirrored(await nifti('pairs/ms-cross-07/t1')),
      QUIET_JOB,
    );
    expect(report.verdict).toBe('untrusted');
    expect(report.reasons.join(' ')).toContain('mirrored left to right');
  });
});
