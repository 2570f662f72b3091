import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { auditShowOperation } from '../../../src/main/audit/auditOperations.ts';
import { recorded } from '../../../src/main/audit/recorded.ts';
import { finetuneOperation } from '../../../src/main/finetune/finetuneOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { temporaryFolder } from '../evaluation/cases.ts';
import { writePeople } from './people.ts';

describe('the audit log of a fine-tuning', () => {
  it('has its beginning and its end: base, data, test set, thresholds and report by hashes, no path and no name', async () => {
    const folder = await temporaryFolder();
    await writePeople(join(folder, 'people'), 6);
    const spoiling = testModel('srcnn-guided', 2, { correction: true });
    const base = await writeTestPackage(join(folder, 'base'), 'base-x2', spoiling);
    const run = (out: string, more: Partial<RequestInput<'finetune'>> = {}) => {
      const request = operations.finetune.request.parse({
        ...{ base: join(folder, 'base'), cases: [join(folder, 'people')], out: join(folder, out) },
        ...{ registration: 'headers-unchecked', steps: 10, patch: 32, learningRate: 0.004 },
        ...more,
      });
      return recorded('finetune', request, QUIET_JOB, (job) => finetuneOperation(request, job));
    };
    const result = await run('audited');
    expect(result.warnings).toBeUndefined();
    await expect(run('useless', { learningRate: 1e30, testShare: 0 })).rejects.toThrow();

    const { entries } = await auditShowOperation({ last: 4 }, QUIET_JOB);
    const events = entries.map(({ event }) => event);
    expect(events.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'training-started started',
      'training done',
      'training-started started',
      'training failed',
    ]);
    const { run: told, acceptance } = result;
    expect(events[1]).toMatchObject({
      model: {
        id: 'audited',
        weightsSha256: result.weightsSha256,
        parent: 'base-x2',
        parentSha256: base.weights.sha256,
      },
      settings: {
        what: 'fine-tuning',
        change: 'all',
        ended: 'planned',
        stepsDone: 10,
        acceptance: acceptance!.passed ? 'passed' : 'failed',
      },
      outputs: {
        acceptance: acceptance!.sha256,
        lockedTestSet: told.lockedSha256,
        thresholds: told.thresholdsSha256,
      },
    });
    expect(events[1]!.inputs).toContainEqual({ role: 'training data', sha256: told.dataSha256 });
    // What was begun is known of a run that came to nothing, too.
    expect(events[3]).toMatchObject({ error: 'diverged', model: { id: 'useless', parent: 'base-x2' } });
    const text = JSON.stringify(events);
    expect(text).not.toContain(folder);
    expect(text).not.toMatch(/"p\d"|people/);
  }, 120_000);
});
