import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { finetuneOperation } from '../../../src/main/finetune/finetuneOperation.ts';
import { requireDisk } from '../../../src/main/finetune/plan/disk.ts';
import { finetunePlanOperation } from '../../../src/main/finetune/plan/planOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { temporaryFolder } from '../evaluation/cases.ts';
import { writePeople } from './people.ts';

let folder = '';

beforeAll(async () => {
  folder = await temporaryFolder();
  await writePeople(join(folder, 'people'), 7);
  const spoiling = testModel('srcnn-guided', 2, { correction: true });
  await writeTestPackage(join(folder, 'base'), 'base-x2', spoiling);
}, 60_000);
afterEach(() => {
  delete process.env.TANDEM_MEMORY_MB;
});

function what(more: Partial<RequestInput<'finetune'>> = {}) {
  return {
    base: join(folder, 'base'),
    cases: [join(folder, 'people')],
    registration: 'headers-unchecked' as const,
    steps: 400,
    patch: 32,
    patience: 1000,
    ...more,
  };
}

const plan = (more: Partial<RequestInput<'finetune'>> = {}) =>
  finetunePlanOperation(operations.finetunePlan.request.parse(what(more)), QUIET_JOB);
const tune = (out: string, more: Partial<RequestInput<'finetune'>> = {}) =>
  finetuneOperation(operations.finetune.request.parse({ ...what(more), out: join(folder, out) }), QUIET_JOB);

async function bytesIn(path: string): Promise<number> {
  const { stat } = await import('node:fs/promises');
  const files = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    files.filter((one) => one.isFile()).map(async (one) => (await stat(join(one.parentPath, one.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('tandem finetune plan', () => {
  it('foretells the sides, the time and the disk that the run then has and takes', async () => {
    const planned = await plan();
    expect(planned).toMatchObject({ fits: true, refusals: [], instead: [], cases: 7, patients: 7 });
    const began = performance.now();
    const result = await tune('run');
    const seconds = (performance.now() - began) / 1000;
    const counted = Object.groupBy(result.run.cases, ({ side }) => side);
    expect(planned.sides).toEqual({
      train: counted.train!.length,
      validation: counted.validation!.length,
      test: counted.test!.length,
    });
    expect(planned.trained).toBe(result.run.trained);
    // The machine may be busy with other things in the one or the other.
    expect(planned.time.training!).toBeGreaterThan(result.seconds / 6);
    expect(planned.time.training!).toBeLessThan(6 * result.seconds);
    expect(planned.time.all!).toBeGreaterThan(seconds / 8);
    expect(planned.time.all!).toBeLessThan(8 * seconds);
    expect((await bytesIn(result.path)) / 2 ** 20).toBeLessThan(planned.disk.neededMb);
  }, 180_000);

  it('takes twice as long for twice the steps, and the hours that it is given', async () => {
    const [once, twice, hours] = [
      await plan({ validationShare: 0 }),
      await plan({ validationShare: 0, steps: 800 }),
      await plan({ steps: undefined, hours: 2 }),
    ];
    const perStep = ({ time }: typeof once) => time.training! / time.steps!;
    expect(perStep(once)).toBeCloseTo(once.time.perStep!, 10);
    expect(perStep(twice)).toBeCloseTo(twice.time.perStep!, 10);
    expect(hours.time.training).toBe(7200);
    expect(hours.time.steps!).toBeGreaterThan(1000);
    const last = await plan({ change: 'last-stages' });
    expect(last.trained).toBeLessThan(once.trained);
    expect(last.parameters).toBe(once.parameters);
  }, 120_000);

  it('refuses what the memory cannot hold, and what it suggests instead does fit', async () => {
    const roomy = await plan({ batch: 16, patch: 96 });
    process.env.TANDEM_MEMORY_MB = `${Math.round(0.8 * roomy.memory.neededMb)}`;
    const tight = await plan({ batch: 16, patch: 96 });
    expect(tight.fits).toBe(false);
    expect(tight.refusals.join()).toMatch(/memory/);
    expect(tight.time).toMatchObject({ perStep: null, all: null });
    const [first] = tight.instead;
    expect(first!.memoryMb).toBeLessThanOrEqual(0.8 * roomy.memory.neededMb);
    const { batch, patch, recompute, change } = first!;
    expect(await plan({ batch, patch, recompute, change })).toMatchObject({ fits: true });
    await expect(tune('too-large', { batch: 16, patch: 96 })).rejects.toMatchObject({
      code: 'out-of-memory',
      hint: expect.stringContaining(first!.words),
    });
    await expect(readdir(join(folder, 'too-large'))).rejects.toMatchObject({ code: 'ENOENT' });
  }, 120_000);

  it('tells a case that cannot be used, and that none can', async () => {
    const bad = join(await temporaryFolder(), 'bad');
    await mkdir(bad, { recursive: true });
    await writePeople(bad, 2);
    await rm(join(bad, 'p1', 't1.nii'));
    const one = await plan({ cases: [bad] });
    expect(one.notes.join()).toContain('p1 would be left out');
    expect(one.notes.join()).toContain('no test set');
    await rm(join(bad, 'p2', 't1.nii'));
    expect(await plan({ cases: [bad] })).toMatchObject({ fits: false });
  }, 60_000);

  it('knows a disk without room', async () => {
    await expect(requireDisk(join(folder, 'not', 'there'), 1e12)).rejects.toMatchObject({
      code: 'write-failed',
      message: expect.stringContaining('MB are free'),
    });
    await requireDisk(join(folder, 'not', 'there'), 0.001);
  });
});
