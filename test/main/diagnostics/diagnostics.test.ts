import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operations, type Result } from '../../../src/core/contract/operations.ts';
import type { Workstation } from '../../../src/core/contract/workstation.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { diagnose } from '../../../src/main/diagnostics/diagnosticsOperation.ts';
import { ErrorLog } from '../../../src/main/diagnostics/errorLog.ts';
import { Library } from '../../../src/main/library/library.ts';
import { change } from '../../../src/main/library/sqlite.ts';
import { modelsOperation } from '../../../src/main/models/modelsOperation.ts';
import { appVersion } from '../../../src/main/version.ts';

let folder: string;
let kept: Library;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-diagnostics-'));
  kept = new Library(folder);
});
afterEach(async () => {
  kept.close();
  await rm(folder, { recursive: true, force: true });
});

const devices: Result<'devices'> = {
  devices: [{ device: 'cpu', name: 'CPU', available: true, reason: '2 threads' }],
  automatic: { device: 'cpu', reason: 'WebGPU cannot be used here: no adapter in /usr/lib/dri' },
};

/** A host that answers as the test says. */
function hostOf(answers: Record<string, () => Promise<unknown>>): Workstation {
  return { call: async (name) => (await answers[name]?.()) as never };
}

const noJobs = { list: async () => ({ revision: 0, jobs: [] }) };

describe('diagnostics', () => {
  it('tell versions, machine, devices and models with their hashes', async () => {
    const models = await modelsOperation({}, QUIET_JOB);
    const host = hostOf({ devices: async () => devices, models: async () => models });
    const found = operations.diagnostics.result.parse(await diagnose(host, kept, noJobs, new ErrorLog()));
    expect(found.program.version).toBe(appVersion);
    expect(found.versions.node).toBe(process.versions.node);
    expect(found.versions.onnxruntime).toMatch(/^\d+\.\d+\.\d+$/);
    expect(found.models.length).toBeGreaterThan(0);
    expect(found.models.every(({ weightsSha256 }) => /^[0-9a-f]{64}$/.test(weightsSha256))).toBe(true);
    expect(found.system.cores).toBeGreaterThan(0);
    expect(found.automatic).toContain('cannot be used');
    expect(found.automatic).not.toContain('/usr');
  });

  it('never hold a patient’s name or number, a folder, the user or the machine', async () => {
    kept.change((database) =>
      change(
        database,
        `INSERT INTO studies (uid, description, date, patient_name, patient_id, words, added_at, opened_at)
         VALUES ('1.2', 'Head', '20240131', 'ROSENQVIST^ANNE', 'MRN-77', '', 0, 0)`,
      ),
    );
    const log = new ErrorLog();
    log.note(
      'list',
      new TandemError('bad-header', 'Anne Rosenqvist (mrn 77): /data/Rosenqvist A/x.dcm', {
        path: '/data/Rosenqvist A',
      }),
    );
    log.note(
      'enhance',
      new TandemError('failed', `open '${folder}' by ${userInfo().username} on ${hostname()}`),
    );
    const refused = [{ path: '/models/rosenqvist', code: 'bad-model', message: 'for “Rosenqvist”' }];
    const host = hostOf({
      devices: async () => devices,
      models: async () => ({ models: [], refused }),
    });
    const failed = {
      error: { code: 'failed', message: 'rosenqvist’s scan in C:\\scans\\rosenqvist\\1' },
      endedAtMs: 5,
      order: { kind: 'enhance' },
      state: 'failed',
    };
    const jobs = { list: async () => ({ revision: 0, jobs: [failed] }) as never };
    const found = await diagnose(host, kept, jobs, log);
    const told = JSON.stringify(found);
    expect(told).not.toMatch(/rosenqvist|anne|mrn|\/data|C:|scans/i);
    expect(told).not.toContain(folder);
    for (const own of [userInfo().username, hostname()]) {
      expect(JSON.stringify(found.errors)).not.toContain(own);
    }
    expect(found.errors.map(({ code }) => code).sort()).toEqual(['bad-header', 'failed', 'failed']);
    expect(found.library).toMatchObject({ studies: 1, jobs: { failed: 1 }, state: 'ok' });
  });

  it('answer although the compute host and the queue do not', async () => {
    const dead = async () => {
      throw new TandemError('host-crashed', 'The compute process ended unexpectedly');
    };
    const jobs = { list: dead };
    const found = await diagnose(hostOf({ devices: dead, models: dead }), kept, jobs, new ErrorLog());
    expect(found.devices).toEqual([]);
    expect(found.automatic).toBeNull();
    expect(found.refusedModels.join()).toContain('ended unexpectedly');
  });
});

describe('the log of errors', () => {
  it('keeps the latest first, a bounded number, and nothing that was cancelled', () => {
    const log = new ErrorLog(3);
    for (const n of [1, 2, 3, 4]) log.note('list', { code: 'failed', message: String(n) });
    log.note('list', { code: 'cancelled', message: 'Cancelled' });
    expect(log.errors.map(({ message }) => message)).toEqual(['4', '3', '2']);
  });
});
