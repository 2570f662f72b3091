import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AcceptanceReport } from '../../../src/core/contract/acceptance.ts';
import { operations, type RequestInput, type Result } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { AuditFile } from '../../../src/main/audit/auditFile.ts';
import { auditShowOperation, auditVerifyOperation } from '../../../src/main/audit/auditOperations.ts';
import { library } from '../../../src/main/library/library.ts';
import { siteModelsFolder } from '../../../src/main/models/folders.ts';
import { acceptedFor } from '../../../src/main/models/historyRows.ts';
import { modelSlot } from '../../../src/main/models/identity.ts';
import { listModelCards } from '../../../src/main/models/listModelPackages.ts';
import { loadModelPackage } from '../../../src/main/models/loadModelPackage.ts';
import { MANIFEST_FILE } from '../../../src/main/models/packageArchive.ts';
import {
  exportPackageOperation,
  importPackageOperation,
} from '../../../src/main/models/packageOperations.ts';
import { defaultsInOrder, standingOf, stateOf } from '../../../src/main/models/standing.ts';
import {
  acceptOperation,
  reportOperation,
  retireOperation,
  rollbackOperation,
} from '../../../src/main/models/stateOperations.ts';
import { tarHeader, tarPadding } from '../../../src/main/models/tar.ts';
import { shippedModelsFolder } from '../../../src/main/paths.ts';
import { testReport } from '../../helpers/acceptance.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let root: string;
const before = process.env.TANDEM_HOME;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tandem-states-'));
  process.env.TANDEM_HOME = join(root, 'home');
});
afterEach(() => {
  vi.restoreAllMocks();
  if (before !== undefined) process.env.TANDEM_HOME = before;
  rmSync(root, { recursive: true, force: true });
});

type Name =
  | 'modelsAccept'
  | 'modelsRetire'
  | 'modelsRollback'
  | 'modelsReport'
  | 'modelsExportPackage'
  | 'modelsImportPackage';
const handlers = {
  modelsAccept: acceptOperation,
  modelsRetire: retireOperation,
  modelsRollback: rollbackOperation,
  modelsReport: reportOperation,
  modelsExportPackage: exportPackageOperation,
  modelsImportPackage: importPackageOperation,
};
async function ask<N extends Name>(name: N, request: RequestInput<N>): Promise<Result<N>> {
  const handler = handlers[name] as (request: unknown, job: unknown) => Promise<unknown>;
  return (await handler(operations[name].request.parse(request), QUIET_JOB)) as Result<N>;
}

/** A package with a report, its weights its own. @param report what differs of one that passed; null for none */
async function tuned(id: string, size = 8, report: Partial<AcceptanceReport> | null = {}): Promise<string> {
  const folder = join(root, 'trained', id);
  const card = await writeTestPackage(
    folder,
    id,
    testModel('srcnn-guided', 2, { correction: true, features: [size, 4] }),
  );
  if (report !== null) {
    writeFileSync(join(folder, 'acceptance.json'), JSON.stringify(testReport(card.weights.sha256, report)));
  }
  return folder;
}
const by = 'Dr A';
async function summaryOf(id: string) {
  return { standing: await standingOf(await loadModelPackage(id), await listModelCards()) };
}
async function defaultOfPair(): Promise<string[]> {
  const scans = { contrasts: { target: 't2', reference: 't1' }, scale: 2 } as const;
  const accepted = library().use((database) => acceptedFor(database, modelSlot(scans)));
  const order = defaultsInOrder(scans, await listModelCards(), accepted);
  return order.slice(0, 1).map(({ id }) => id);
}
async function logged(): Promise<string[]> {
  const { ok } = await auditVerifyOperation({}, QUIET_JOB);
  expect(ok).toBe(true);
  const { entries } = await auditShowOperation({ last: 100 }, QUIET_JOB);
  return entries.map(({ user, event }) => `${event.kind} ${event.model?.id} ${user}`);
}

describe('the states of models', () => {
  it('what ships is shipped, a copy of it too; one is the default of each contrast pair and scale', async () => {
    expect((await summaryOf('glmamba-x2')).standing).toMatchObject({ state: 'shipped', history: [] });
    const shipped = await defaultOfPair();
    expect(shipped).toHaveLength(1);
    const copy = join(root, 'srcnn-guided-x2');
    cpSync(join(shippedModelsFolder, 'srcnn-guided-x2'), copy, { recursive: true });
    expect(await stateOf(await loadModelPackage(copy))).toBe('shipped');
    await expect(ask('modelsAccept', { model: copy, by })).rejects.toMatchObject({ code: 'usage' });
    await expect(ask('modelsRetire', { model: 'glmamba-x2', by })).rejects.toMatchObject({ code: 'usage' });
  });

  it('a package is a candidate until a named user accepts it on a passing report; then it is the default', async () => {
    const shipped = await defaultOfPair();
    const folder = await tuned('site-a');
    expect(await stateOf(await loadModelPackage(folder))).toBe('candidate');
    const accepted = await ask('modelsAccept', { model: folder, by, notes: 'Agreed on Monday' });
    expect(accepted).toMatchObject({
      model: 'site-a',
      path: join(siteModelsFolder(), 'site-a'),
      standing: {
        state: 'accepted',
        isDefault: true,
        predecessor: shipped[0],
        report: { passed: true },
        history: [{ state: 'accepted', user: by, notes: 'Agreed on Monday' }],
      },
    });
    expect(await defaultOfPair()).toEqual(['site-a']);
    // By its id from now on, whatever becomes of the folder that it was trained in.
    rmSync(folder, { recursive: true });
    expect((await loadModelPackage('site-a')).weightsSha256).toBe(accepted.weightsSha256);
    expect(await logged()).toEqual(['model-accepted site-a Dr A']);
    await expect(ask('modelsAccept', { model: 'site-a', by })).rejects.toMatchObject({ code: 'usage' });
  });

  it('says what its acceptance report says, and where there is none', async () => {
    const passed = await ask('modelsReport', { model: await tuned('site-a') });
    expect(passed).toMatchObject({ model: 'site-a', passed: true });
    const file = readFileSync(join(root, 'trained', 'site-a', 'acceptance.json'));
    expect(passed.sha256).toBe(createHash('sha256').update(file).digest('hex'));
    expect(passed.sections[0]?.table?.rows).toEqual([['passed', 'The mean gain is 1.5 dB.', '']]);
    expect(JSON.stringify(passed.sections)).toContain(passed.sha256);
    const failed = await ask('modelsReport', {
      model: await tuned('site-b', 8, { passed: false, failures: ['Too few patients'] }),
    });
    expect([failed.passed, JSON.stringify(failed.sections)]).toEqual([
      false,
      expect.stringContaining('Too few patients'),
    ]);
    const none = ask('modelsReport', { model: await tuned('site-c', 8, null) });
    await expect(none).rejects.toMatchObject({ code: 'not-found' });
  });

  it('rolls back to its predecessor, again and again, down to what ships', async () => {
    const shipped = await defaultOfPair();
    await ask('modelsAccept', { model: await tuned('site-a', 8), by });
    await ask('modelsAccept', { model: await tuned('site-b', 6), by });
    expect((await summaryOf('site-b')).standing).toMatchObject({ isDefault: true, predecessor: 'site-a' });
    await expect(ask('modelsRollback', { model: 'site-a', by })).rejects.toMatchObject({ code: 'usage' });
    const first = await ask('modelsRollback', { model: 'site-b', by });
    expect([first.now, first.retired.standing.state]).toEqual(['site-a', 'retired']);
    expect(await defaultOfPair()).toEqual(['site-a']);
    expect((await ask('modelsRollback', { model: 'site-a', by })).now).toBe(shipped[0]);
    expect(await defaultOfPair()).toEqual(shipped);
    // What was rolled back can be accepted anew.
    await ask('modelsAccept', { model: 'site-a', by: 'Dr B' });
    expect(await defaultOfPair()).toEqual(['site-a']);
    expect((await ask('modelsRetire', { model: 'site-a', by })).standing.state).toBe('retired');
    expect(await defaultOfPair()).toEqual(shipped);
    expect(await logged()).toEqual([
      'model-accepted site-a Dr A',
      'model-accepted site-b Dr A',
      'model-rolled-back site-b Dr A',
      'model-rolled-back site-a Dr A',
      'model-accepted site-a Dr B',
      'model-retired site-a Dr A',
    ]);
  });

  it('is bound to what was accepted: other weights, scans or another network are a candidate again', async () => {
    await ask('modelsAccept', { model: await tuned('site-a'), by });
    const path = join(siteModelsFolder(), 'site-a', 'model.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"version": "0.0.1"', '"version": "0.0.2"'));
    expect((await summaryOf('site-a')).standing).toMatchObject({ state: 'candidate', isDefault: false });
    // What was measured later may stand on the card.
    writeFileSync(path, JSON.stringify({ ...JSON.parse(text), limits: ['Small vessels'] }));
    expect((await summaryOf('site-a')).standing.state).toBe('accepted');
  });

  it.each<[string, Partial<AcceptanceReport> | null, RegExp]>([
    ['no report', null, /no acceptance report/],
    ['one that did not pass', { passed: false, failures: ['Gains 0.2 dB.'] }, /did not pass: Gains 0.2 dB/],
    ['one of other weights', { tuned: testReport('d'.repeat(64)).tuned }, /other weights/],
    ['one that says passed and names failures', { failures: ['Gains 0.2 dB.'] }, /but Gains 0.2 dB/],
    [
      'one whose numbers fail its thresholds',
      { verdicts: testReport('d'.repeat(64)).verdicts.map((one) => ({ ...one, value: 0.4 })) },
      /says that it passed/,
    ],
    ['one that judged no threshold', { verdicts: [] }, /not every threshold/],
    [
      'too few patients',
      { testSet: { ...testReport('d'.repeat(64)).testSet, patients: 2 } },
      /too few patients/,
    ],
    [
      'one with a leaked patient',
      {
        testSet: {
          ...testReport('d'.repeat(64)).testSet,
          leaks: [
            { case: 'a', patient: 'p', trainedCase: 'b', trainedPatient: 'q', how: 'same-voxels', words: '' },
          ],
        },
      },
      /trained on/,
    ],
  ])('is not accepted on %s', async (_, report, message) => {
    const folder = await tuned('site-a', 8, report);
    await expect(ask('modelsAccept', { model: folder, by })).rejects.toMatchObject({
      code: 'bad-model',
      message: expect.stringMatching(message),
    });
    expect(await stateOf(await loadModelPackage(folder))).toBe('candidate');
    expect(await logged()).toEqual([]);
  });

  it('is not accepted unlogged', async () => {
    const folder = await tuned('site-a');
    const append = vi.spyOn(AuditFile.prototype, 'append').mockImplementation(() => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    });
    await expect(ask('modelsAccept', { model: folder, by })).rejects.toThrow('full');
    append.mockRestore();
    expect((await summaryOf('site-a')).standing).toMatchObject({ state: 'candidate', history: [] });
    await ask('modelsAccept', { model: folder, by });
    expect(await logged()).toEqual(['model-accepted site-a Dr A']);
  });

  it('asks for a name', async () => {
    const model = await tuned('site-a');
    expect(operations.modelsAccept.request.safeParse({ model, by: '  ' }).success).toBe(false);
  });

  it('an id belongs to one model', async () => {
    await ask('modelsAccept', { model: await tuned('site-a', 8), by });
    rmSync(join(root, 'trained'), { recursive: true });
    await expect(ask('modelsAccept', { model: await tuned('site-a', 6), by })).rejects.toMatchObject({
      code: 'output-exists',
    });
    await expect(ask('modelsAccept', { model: await tuned('glmamba-x2', 6), by })).rejects.toMatchObject({
      code: 'output-exists',
    });
  });
});

describe('a package as one file', () => {
  const elsewhere = (): void => {
    process.env.TANDEM_HOME = join(root, 'elsewhere');
  };

  it('holds all of it with its report, the same bytes each time, and is a candidate where it comes to', async () => {
    await ask('modelsAccept', { model: await tuned('site-a'), by });
    const out = join(root, 'site-a.tar');
    const written = await ask('modelsExportPackage', { model: 'site-a', out, by });
    const bytes = readFileSync(out);
    expect(written.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(written.files).toEqual(['model.json', 'weights.safetensors', 'card.md', 'acceptance.json']);
    const again = join(root, 'again.tar');
    await ask('modelsExportPackage', { model: 'site-a', out: again });
    expect(readFileSync(again).equals(bytes)).toBe(true);
    await expect(ask('modelsExportPackage', { model: 'site-a', out })).rejects.toMatchObject({
      code: 'output-exists',
    });
    const original = join(siteModelsFolder(), 'site-a');

    elsewhere();
    const taken = await ask('modelsImportPackage', { path: out, by: 'Dr B' });
    expect(taken.standing).toMatchObject({ state: 'candidate', isDefault: false, report: { passed: true } });
    for (const name of written.files) {
      expect(readFileSync(join(taken.path, name)).equals(readFileSync(join(original, name)))).toBe(true);
    }
    expect(readdirSync(taken.path).sort()).toEqual([...written.files].sort());
    expect(await logged()).toEqual(['package-imported site-a Dr B']);
    await expect(ask('modelsImportPackage', { path: out })).rejects.toMatchObject({ code: 'output-exists' });
    expect((await ask('modelsAccept', { model: 'site-a', by })).standing.isDefault).toBe(true);
  });

  it('is not written unlogged', async () => {
    const model = await tuned('site-a');
    vi.spyOn(AuditFile.prototype, 'append').mockImplementation(() => {
      throw new Error('full');
    });
    const out = join(root, 'a.tar');
    await expect(ask('modelsExportPackage', { model, out })).rejects.toThrow('full');
    expect(existsSync(out)).toBe(false);
  });

  const BLOCK = 512;
  /** Offsets of the headers of an archive. */
  function headers(bytes: Uint8Array): number[] {
    const found: number[] = [];
    for (let at = 0; bytes[at] !== 0; ) {
      found.push(at);
      const size = Number.parseInt(Buffer.from(bytes.subarray(at + 124, at + 135)).toString('latin1'), 8);
      at += BLOCK + size + tarPadding(size);
    }
    return found;
  }
  const member = (name: string, content: string): Buffer =>
    Buffer.concat([
      tarHeader({ name, bytes: content.length }),
      Buffer.from(content),
      new Uint8Array(tarPadding(content.length)),
    ]);
  const withManifest = (
    bytes: Buffer,
    change: (manifest: { id: string; files: { name: string; bytes: number }[] }) => void,
  ): Buffer => {
    const [, second] = headers(bytes) as [number, number];
    const size = Number.parseInt(bytes.subarray(124, 135).toString('latin1'), 8);
    const manifest = JSON.parse(bytes.subarray(BLOCK, BLOCK + size).toString());
    change(manifest);
    return Buffer.concat([member(MANIFEST_FILE, JSON.stringify(manifest)), bytes.subarray(second)]);
  };

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut', (bytes) => bytes.subarray(0, bytes.length - 3 * BLOCK)],
    ['cut in a header', (bytes) => bytes.subarray(0, headers(bytes)[2]! + 100)],
    ['empty', () => Buffer.alloc(0)],
    ['no archive', () => Buffer.from('x'.repeat(4096))],
    [
      'with a bit of the weights turned',
      (bytes) => {
        const copy = Buffer.from(bytes);
        copy[headers(bytes)[2]! + BLOCK + 2000]! ^= 1;
        return copy;
      },
    ],
    [
      'with a path for a name',
      (bytes) =>
        withManifest(bytes, (manifest) => {
          manifest.files[2]!.name = '../card.md';
        }),
    ],
    [
      'with an absolute path for an id',
      (bytes) =>
        withManifest(bytes, (manifest) => {
          manifest.id = '/tmp/evil';
        }),
    ],
    [
      'whose member leads out of the folder',
      (bytes) => {
        const at = headers(bytes)[3]!;
        const size = Number.parseInt(bytes.subarray(at + 124, at + 135).toString('latin1'), 8);
        return Buffer.concat([
          bytes.subarray(0, at),
          tarHeader({ name: '../../card.md', bytes: size }),
          bytes.subarray(at + BLOCK),
        ]);
      },
    ],
    [
      'with a link',
      (bytes) => {
        const copy = Buffer.from(bytes);
        const at = headers(bytes)[3]!;
        copy[at + 156] = 0x32;
        const sum = [...copy.subarray(at, at + BLOCK)].reduce(
          (all, byte, n) => all + (n >= 148 && n < 156 ? 0x20 : byte),
          0,
        );
        copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
        return copy;
      },
    ],
    [
      'of a size beyond all bounds',
      (bytes) =>
        withManifest(bytes, (manifest) => {
          manifest.files[1]!.bytes = 2 ** 33;
        }),
    ],
    [
      'with a file listed twice',
      (bytes) =>
        withManifest(bytes, (manifest) => {
          manifest.files.push({ ...manifest.files[2]!, name: 'CARD.md' });
        }),
    ],
    [
      'under the name of another model',
      (bytes) =>
        withManifest(bytes, (manifest) => {
          manifest.id = 'site-z';
        }),
    ],
    [
      'with more than it lists',
      (bytes) =>
        Buffer.concat([
          bytes.subarray(0, bytes.length - 2 * BLOCK),
          member('more.txt', 'more'),
          new Uint8Array(2 * BLOCK),
        ]),
    ],
  ])('%s is refused and leaves nothing', async (_, spoil) => {
    const out = join(root, 'site-a.tar');
    await ask('modelsExportPackage', { model: await tuned('site-a'), out });
    elsewhere();
    const spoilt = join(root, 'spoilt.tar');
    writeFileSync(spoilt, spoil(readFileSync(out)));
    await expect(ask('modelsImportPackage', { path: spoilt })).rejects.toMatchObject({ code: 'bad-model' });
    const left = existsSync(siteModelsFolder()) ? readdirSync(siteModelsFolder()) : [];
    expect(left).toEqual([]);
    expect(await logged()).toEqual([]);
    expect((await ask('modelsImportPackage', { path: out })).model).toBe('site-a');
  });

  it('takes along no file that belongs to no package, and none that is not what the card lists', async () => {
    const model = await tuned('site-a');
    appendFileSync(join(model, 'checkpoint.bin'), 'x');
    const out = join(root, 'a.tar');
    expect((await ask('modelsExportPackage', { model, out })).files).not.toContain('checkpoint.bin');
  });
});
