import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobOrder, QueuedJob } from '../../../src/core/contract/jobs.ts';
import { operations } from '../../../src/core/contract/operations.ts';
import { DeskWorkstation } from '../../../src/main/desk/deskWorkstation.ts';
import { startNodeHost } from '../../../src/main/host/nodeHost.ts';
import { Library } from '../../../src/main/library/library.ts';

const project = join(import.meta.dirname, '../../..');
let root: string;
let study: string;
let homeBefore: string | undefined;
let runs = 0;

/** Long enough to be met in the middle. */
function order(model = 'edsr-guided-folded-x2'): JobOrder {
  return {
    kind: 'enhance',
    request: operations.enhance.request.parse({
      target: { paths: [study], series: '1' },
      reference: { paths: [study], series: '2' },
      scale: 2,
      model,
      device: 'cpu',
      registration: 'none',
    }),
  };
}

beforeAll(async () => {
  homeBefore = process.env.TANDEM_HOME;
  root = await mkdtemp(join(tmpdir(), 'tandem-desk-'));
  study = join(root, 'study');
  const desk = open();
  try {
    await desk.call('phantom', { out: study, matrix: 96, slices: 30, sliceThicknessMm: 4 });
  } finally {
    desk.close();
  }
}, 120_000);

beforeEach(() => {
  process.env.TANDEM_HOME = join(root, `home${runs++}`);
});

afterAll(async () => {
  if (homeBefore === undefined) delete process.env.TANDEM_HOME;
  else process.env.TANDEM_HOME = homeBefore;
  await rm(root, { recursive: true, force: true });
});

let hostPids: number[] = [];

function open(): DeskWorkstation {
  hostPids = [];
  return new DeskWorkstation(() => {
    const host = startNodeHost();
    if (host.pid !== undefined) hostPids.push(host.pid);
    return host;
  }, new Library(process.env.TANDEM_HOME));
}

async function jobOf(desk: DeskWorkstation, id: string): Promise<QueuedJob> {
  const { jobs } = await desk.call('jobsList', {});
  const job = jobs.find((one) => one.id === id);
  if (job === undefined) throw new Error('the job is gone');
  return job;
}

const stageOf = async (desk: DeskWorkstation, id: string) => (await jobOf(desk, id)).progress?.stage;
const stateOf = async (desk: DeskWorkstation, id: string) => (await jobOf(desk, id)).state;

const LONG = { timeout: 120_000, interval: 100 };

describe('the workstation with its queue', () => {
  it('loses one job to a killed compute host, says so, goes on, and the retry gives the result', async () => {
    const desk = open();
    try {
      const { jobs } = await desk.call('jobsSubmit', {
        orders: [{ order: order() }, { order: { ...order('srcnn-guided-x2') } }],
      });
      const [first, second] = jobs.map(({ id }) => id) as [string, string];
      await expect.poll(() => stageOf(desk, first), LONG).toBe('enhancing');
      process.kill(hostPids[0]!, 'SIGKILL');
      await expect.poll(() => stateOf(desk, first), LONG).toBe('failed');
      const failed = await jobOf(desk, first);
      expect(failed.error).toMatchObject({ code: 'host-crashed', hint: expect.stringContaining('again') });
      await expect.poll(() => stateOf(desk, second), LONG).toBe('done');
      expect(hostPids).toHaveLength(2);
      await desk.call('jobsRetry', { id: first });
      await expect.poll(() => stateOf(desk, first), LONG).toBe('done');
      const done = await jobOf(desk, first);
      expect(done).toMatchObject({ attempt: 2, stored: true, result: { id: done.resultId } });
      await desk.jobs.idle();
      // Another program opens it: it is stored, not in memory.
      const other = open();
      try {
        const shown = await other.call('volume', { kind: 'enhanced', id: done.resultId });
        expect(shown.size).toEqual([192, 192, 30]);
      } finally {
        other.close();
      }
    } finally {
      desk.close();
    }
  }, 300_000);

  it('cancels a running job within seconds, and nothing of it is stored', async () => {
    const desk = open();
    try {
      const { jobs } = await desk.call('jobsSubmit', { orders: [{ order: order() }] });
      const id = jobs[0]!.id;
      await expect.poll(() => stageOf(desk, id), LONG).toBe('enhancing');
      await desk.call('jobsCancel', { id });
      await expect.poll(() => stateOf(desk, id), { timeout: 20_000 }).toBe('cancelled');
      expect(await jobOf(desk, id)).toMatchObject({ stored: false, result: null, error: null });
    } finally {
      desk.close();
    }
  }, 200_000);

  it('calls a job interrupted when the whole program was killed, and tandem jobs retry runs it', async () => {
    const child = run([join(import.meta.dirname, 'serving.ts'), JSON.stringify(order('srcnn-guided-x2'))]);
    const job = await new Promise<QueuedJob>((resolve, reject) => {
      child.stdout!.once('data', (data: Buffer) => resolve(JSON.parse(data.toString()) as QueuedJob));
      child.once('exit', () => reject(new Error('it ended by itself')));
    });
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;

    const list = await tandem('jobs', 'list', '--json');
    expect(JSON.parse(list.stdout)).toMatchObject({ jobs: [{ id: job.id, state: 'interrupted' }] });
    const retry = await tandem('jobs', 'retry', job.id, '--json');
    expect(JSON.parse(retry.stdout)).toMatchObject({
      job: { id: job.id, state: 'done', attempt: 2, stored: true },
    });
    expect(retry).toMatchObject({ code: 0, stderr: expect.stringContaining('enhancing') });
    expect(retry.stderr).not.toContain('Experimental');
    const known = await tandem('jobs', 'retry', 'nothing', '--json');
    expect(known.code).toBe(3);
  }, 300_000);

  it('remembers what a window asks it to, and gives back only what fits', async () => {
    const desk = open();
    try {
      expect(await desk.call('recall', {})).toEqual({
        session: null,
        view: null,
        settings: null,
      });
      await desk.call('remember', { key: 'settings', value: { theme: 'light' } });
      await desk.call('remember', { key: 'view', value: { zoom: 2 } });
      await desk.call('remember', { key: 'view', value: null });
      await expect(
        desk.call('remember', { key: 'session', value: { paths: 7 } as never }),
      ).rejects.toMatchObject({
        code: 'usage',
      });
      const other = open();
      expect(await other.call('recall', {})).toEqual({
        session: null,
        view: null,
        settings: { theme: 'light' },
      });
      other.close();
    } finally {
      desk.close();
    }
  });
});

function run(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...args], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: process.env,
  });
}

async function tandem(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = run([join(project, 'bin/tandem.mjs'), ...args]);
  const said = { stdout: '', stderr: '' };
  child.stdout!.on('data', (data: Buffer) => {
    said.stdout += data.toString();
  });
  child.stderr!.on('data', (data: Buffer) => {
    said.stderr += data.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...said };
}
