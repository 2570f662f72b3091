import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { AuditFile } from '../../../src/main/audit/auditFile.ts';
import { auditShowOperation, auditVerifyOperation } from '../../../src/main/audit/auditOperations.ts';
import {
  acceptOperation,
  retireOperation,
  rollbackOperation,
} from '../../../src/main/models/stateOperations.ts';
import { shippedModelsFolder } from '../../../src/main/paths.ts';
import { segmentationModelsOperation } from '../../../src/main/segmentation/modelsOperation.ts';
import type { SegmentationCard } from '../../../src/main/segmentation/packages/card.ts';
import { siteSegmentationFolder } from '../../../src/main/segmentation/packages/folders.ts';
import { shipsWithProgram } from '../../../src/main/segmentation/packages/listPackages.ts';
import {
  loadSegmentationCard,
  loadSegmentationPackage,
} from '../../../src/main/segmentation/packages/loadPackage.ts';
import { unseenMeasurements } from '../../../src/main/segmentation/packages/unseenMeasurements.ts';
import { rewriteSegmentationCard } from '../../../src/main/segmentation/packages/writePackage.ts';
import { stateOfSegmentation } from '../../../src/main/segmentation/stateOfPackage.ts';
import { writeTiny } from './models.ts';

vi.mock('../../../src/main/segmentation/packages/listPackages.ts', async (original) => {
  const own = await original<typeof import('../../../src/main/segmentation/packages/listPackages.ts')>();
  return { ...own, shipsWithProgram: vi.fn(own.shipsWithProgram) };
});
vi.setConfig({ testTimeout: 60_000 });

let root: string;
const before = process.env.TANDEM_HOME;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tandem-segmentation-states-'));
  process.env.TANDEM_HOME = join(root, 'home');
});
afterEach(() => {
  vi.restoreAllMocks();
  if (before !== undefined) process.env.TANDEM_HOME = before;
  rmSync(root, { recursive: true, force: true });
});

type Measured = SegmentationCard['measured'][number];
const found = (name: string, dice = 0.8, more: Partial<Measured> = {}): Measured => ({
  ...{ case: name, trainedOn: false, image: 'original', dice, diceSlices: dice, hd95Mm: 3, ...more },
});
const THREE = [found('p1'), found('p2'), found('p3')];

/** A package outside of the site's, with numbers on its card as `evaluate-segmentation --onto-cards` writes them. */
async function measured(id: string, numbers: readonly Measured[], more: Partial<SegmentationCard> = {}) {
  const folder = join(root, 'trained', id);
  const card = await writeTiny(folder, id);
  await rewriteSegmentationCard(folder, { ...card, measured: [...numbers], ...more });
  return folder;
}

const by = 'Dr A';
const accept = (model: string, notes?: string) =>
  acceptOperation(operations.modelsAccept.request.parse({ model, by, notes }), QUIET_JOB);
const retire = (model: string) =>
  retireOperation(operations.modelsRetire.request.parse({ model, by }), QUIET_JOB);
const stateOf = async (named: string) => stateOfSegmentation(await loadSegmentationPackage(named));
async function listed(id: string) {
  const { models } = await segmentationModelsOperation({}, QUIET_JOB);
  return models.find((one) => one.id === id)?.state;
}

describe('the states of segmentation models', () => {
  it('a package is a candidate until a named user accepts it on patients it never saw; then it is the site’s', async () => {
    const folder = await measured('ours', THREE);
    expect(await stateOf(folder)).toBe('candidate');
    const accepted = await accept(folder, 'seen by two readers');
    expect(accepted).toMatchObject({
      ...{ model: 'ours', path: join(siteSegmentationFolder(), 'ours') },
      standing: {
        ...{ state: 'accepted', isDefault: false, report: { passed: true } },
        history: [{ state: 'accepted', user: by, notes: 'seen by two readers' }],
      },
    });
    // What was accepted neither changes nor vanishes with the folder that it was trained in.
    rmSync(folder, { recursive: true });
    expect(await stateOf('ours')).toBe('accepted');
    expect(await listed('ours')).toBe('accepted');
    await expect(accept('ours')).rejects.toMatchObject({ code: 'usage' });

    expect((await retire('ours')).standing).toMatchObject({ state: 'retired', history: [{}, { user: by }] });
    expect(await listed('ours')).toBe('retired');
    await expect(retire('ours')).rejects.toMatchObject({ code: 'usage' });
    expect((await accept('ours')).standing.state).toBe('accepted');

    const { entries } = await auditShowOperation({ last: 10 }, QUIET_JOB);
    expect(entries.map(({ user, event }) => `${event.kind} ${event.model?.state} ${user}`)).toEqual([
      'model-accepted accepted Dr A',
      'model-retired retired Dr A',
      'model-accepted accepted Dr A',
    ]);
    const { report } = accepted.standing;
    expect(entries[0]!.event).toMatchObject({
      model: { id: 'ours', weightsSha256: accepted.weightsSha256 },
      outputs: { report: report!.sha256 },
    });
    expect((await auditVerifyOperation({}, QUIET_JOB)).ok).toBe(true);
  });

  it.each([
    ['no numbers', [], /0 patients/],
    ['too few patients', [found('p1'), found('p2')], /2 patients/],
    ['several scans of few patients', [found('p1-v1'), found('p1-v2'), found('p2')], /2 patients/],
    [
      'patients that it was trained on',
      [...THREE.slice(1), found('p4', 0.9, { trainedOn: true })],
      /2 patients/,
    ],
    [
      'other images than the original',
      THREE.map((one) => ({ ...one, image: 'zero-filled x2' })),
      /0 patients/,
    ],
    [
      'numbers that are too low',
      [found('p1', 0.9), found('p2', 0.2), found('p3', 0.3)],
      /Dice on them is 0\.467/,
    ],
  ] as const)('is not accepted on %s', async (_, numbers, words) => {
    const folder = await measured('ours', numbers);
    await expect(accept(folder)).rejects.toMatchObject({
      code: 'bad-model',
      message: expect.stringMatching(words),
      hint: expect.stringContaining('--onto-cards'),
    });
    expect(existsSync(join(siteSegmentationFolder(), 'ours'))).toBe(false);
    expect(await stateOf(folder)).toBe('candidate');
    expect((await auditShowOperation({ last: 10 }, QUIET_JOB)).entries).toEqual([]);
  });

  it('does not count whom its weights were chosen by', async () => {
    const card = await writeTiny(join(root, 'x'), 'x');
    const scan = { slices: 1, marked: 1, files: [] };
    const training = {
      ...{
        cases: [{ name: 'p9-v1', patient: 'p9', ...scan }],
        validation: [{ name: 'p1', patient: 'p1', ...scan }],
      },
      ...{ settings: {}, steps: 1, keptStep: 1, validationDice: null, firstLoss: 1, lastLoss: 1, seconds: 1 },
      software: 'test',
    };
    expect(unseenMeasurements({ ...card, training, measured: THREE })).toMatchObject({ patients: 2 });
    const others = [...THREE, found('p9-v2'), found('p4')];
    expect(unseenMeasurements({ ...card, training, measured: others })).toMatchObject({
      patients: 3,
      failures: [],
    });
  });

  it('keeps its state while numbers are added, and is another model once anything else is changed', async () => {
    await accept(await measured('ours', THREE));
    const folder = join(siteSegmentationFolder(), 'ours');
    const card = await loadSegmentationCard(folder);
    await rewriteSegmentationCard(folder, { ...card, measured: [...card.measured, found('p4', 0.1)] });
    expect(await stateOf('ours')).toBe('accepted');
    await rewriteSegmentationCard(folder, { ...card, spec: { ...card.spec, threshold: 0.4 } });
    expect(await stateOf('ours')).toBe('candidate');
  });

  it('has an id for good, and what ships is not for the site to accept or retire', async () => {
    await accept(await measured('ours', THREE));
    const folder = join(root, 'trained', 'other');
    const card = await writeTiny(folder, 'ours', { threshold: 0.3 });
    await rewriteSegmentationCard(folder, { ...card, measured: THREE });
    await expect(accept(folder)).rejects.toMatchObject({ code: 'output-exists' });
    await expect(retire(folder)).rejects.toMatchObject({ code: 'usage' });

    // As if it were one of those that ship.
    for (const change of [accept, retire]) {
      vi.mocked(shipsWithProgram).mockResolvedValueOnce(true);
      await expect(change('ours')).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining('ships'),
      });
    }
    const rollback = operations.modelsRollback.request.parse({ model: 'ours', by });
    await expect(rollbackOperation(rollback, QUIET_JOB)).rejects.toMatchObject({ code: 'usage' });
  });

  it('is not confused with a model that enhances of the same id', async () => {
    const folder = await measured('glmamba-x2', THREE);
    await accept(folder);
    await expect(retire('glmamba-x2')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('Both'),
    });
    const enhancing = join(root, 'glmamba-x2');
    cpSync(join(shippedModelsFolder, 'glmamba-x2'), enhancing, { recursive: true });
    await expect(accept(enhancing)).rejects.toMatchObject({ message: expect.stringContaining('ships') });
    expect((await retire(join(siteSegmentationFolder(), 'glmamba-x2'))).standing.state).toBe('retired');
  });

  it('does not change where the log cannot be written', async () => {
    const folder = await measured('ours', THREE);
    vi.spyOn(AuditFile.prototype, 'append').mockImplementation(() => {
      throw new Error('no room');
    });
    await expect(accept(folder)).rejects.toThrow('no room');
    vi.restoreAllMocks();
    expect(await stateOf('ours')).toBe('candidate');
  });
});
