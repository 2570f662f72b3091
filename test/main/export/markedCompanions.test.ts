import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelState } from '../../../src/core/contract/modelStates.ts';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { companionOperation } from '../../../src/main/export/companionOperation.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import { writeTransform } from '../../../src/main/registration/transformFile.ts';
import { type PhantomSource, phantomSources } from './companionSeries.ts';
import { PROVENANCE, zeroFilledSeries } from './enhancedSeries.ts';
import { items } from './readBack.ts';

let root: string;
let target: PhantomSource;
let reference: PhantomSource;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-marked-'));
  [target, reference] = (await phantomSources(join(root, 'study'), { contrasts: ['t2', 't1'] })) as [
    PhantomSource,
    PhantomSource,
  ];
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

let exported = 0;
/** An enhanced series of a model in a state, on disk, with its registration beside it. */
async function enhancedBy(state: ModelState, as: 'source' | 'enhanced' = 'source') {
  const series = {
    ...(await zeroFilledSeries(target.folder, reference.folder)),
    fixedToMoving: IDENTITY_AFFINE,
    provenance: { ...PROVENANCE, model: { ...PROVENANCE.model, state } },
  };
  const folder = join(root, `enhanced-${++exported}`);
  await exportEnhanced(series, folder, 'dicom', QUIET_JOB, { as, companions: ['registration'] });
  const registration = join(folder, 'registration.dcm');
  const bytes = await readFile(registration);
  // What is made of the series is made of its images alone.
  await rm(registration);
  return { folder, stack: series.stack, registration: dicomParser.parseDicom(bytes) };
}

const run = async (request: RequestInput<'exportCompanion'>) => {
  const made = await companionOperation(operations.exportCompanion.request.parse(request), QUIET_JOB);
  expect(made.validation).toMatchObject({ errors: 0 });
  return { ...made, set: dicomParser.parseDicom(await readFile(made.path)) };
};

/** The four kinds of companions of an enhanced series on disk. */
async function companionsOf({ folder, stack }: { folder: string; stack: SliceStack }) {
  const volume = stackToVolume(stack);
  const name = (what: string): string => join(root, `${exported}-${what}`);
  await writeFile(
    name('labels.nii'),
    encodeNifti({ ...volume, voxels: volume.voxels.map((_, n) => (n % 7 === 0 ? 1 : 0)) }),
  );
  await writeFile(name('values.nii'), encodeNifti(volume));
  await writeTransform(name('moved.tfm'), IDENTITY_AFFINE);
  await writeFile(
    name('measured.json'),
    JSON.stringify({
      groups: [{ trackingId: 'l1', measurements: [{ name: 'volume', value: 1, units: 'ml' }] }],
    }),
  );
  const series = { paths: [], series: folder };
  return Promise.all([
    run({
      ...{ kind: 'segmentation', series, labels: name('labels.nii'), out: name('seg.dcm') },
      segments: [{ value: 1, meaning: 'edema' }],
    }),
    run({
      ...{ kind: 'parametric-map', series, values: name('values.nii'), out: name('map.dcm') },
      ...{ quantity: 'uncertainty', units: '1' },
    }),
    run({
      ...{ kind: 'spatial-registration', target: series, transform: name('moved.tfm') },
      ...{ reference: { paths: [], series: reference.folder }, out: name('reg.dcm') },
    }),
    run({
      ...{ kind: 'measurement-report', series, measurements: name('measured.json'), out: name('sr.dcm') },
    }),
  ]);
}

const description = (set: dicomParser.DataSet): string => set.string('x0008103e') ?? '';
const contributions = (set: dicomParser.DataSet): string[] =>
  items(set, 'x0018a001').map((item) => item.string('x0018a003') ?? '');

describe('companions of an image of a model that no one has accepted', () => {
  it.each([
    ['candidate', 'CANDIDATE', 'source'],
    ['retired', 'RETIRED', 'enhanced'],
  ] as const)(
    'carry its mark, as the image does: %s',
    async (state, mark, as) => {
      const enhanced = await enhancedBy(state, as);
      const { registration } = enhanced;
      const made = await companionsOf(enhanced);
      for (const set of [registration, ...made.map((one) => one.set)]) {
        expect(description(set)).toMatch(new RegExp(`^Tandem MR [a-z]+ ${mark} RUO$`));
        expect(contributions(set).filter((words) => words.startsWith(`${mark}: `))).toHaveLength(1);
      }
    },
    60_000,
  );

  it('and those of accepted models’ images do not, under other UIDs', async () => {
    const marked = await enhancedBy('candidate');
    const accepted = await enhancedBy('accepted');
    const { registration } = accepted;
    for (const set of [registration, ...(await companionsOf(accepted)).map((one) => one.set)]) {
      expect(description(set)).toMatch(/^Tandem MR [a-z]+ RUO$/);
      expect(contributions(set).join()).not.toMatch(/CANDIDATE|not accepted/);
    }
    expect(registration.string('x00080018')).not.toBe(marked.registration.string('x00080018'));
  }, 60_000);
});
