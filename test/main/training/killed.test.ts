import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { readSafetensors } from '../../../src/core/graph/safetensors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { makePhantom } from '../../../src/core/phantom/makePhantom.ts';
import { createRandom } from '../../../src/core/random.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import { loadModelPackage } from '../../../src/main/models/loadModelPackage.ts';
import { parseLogCsv } from '../../../src/main/training/trainingLog.ts';
import { trainHere } from '../../../src/main/training/trainOperation.ts';
import { writeCase } from '../evaluation/cases.ts';

const command = resolve(import.meta.dirname, '../../../bin/tandem.mjs');
const KILLS = 3;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-killed-'));
  for (const [name, seed] of [
    ['one', 1],
    ['two', 2],
  ] as const) {
    const head = (contrast: 't1' | 't2') =>
      stackToVolume(
        makePhantom({
          ...{ contrast, seed, rows: 48, columns: 48, slices: 3, sliceThicknessMm: 8 },
          ...{ orientation: 'axial', noise: 0.02, lesions: 1, samplesInPlane: 1, samplesThrough: 2 },
        }),
      );
    await writeCase({ t2: head('t2'), t1: head('t1') }, join(folder, name));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function request(out: string): RequestInput<'train'> {
  return {
    ...{ network: 'srcnn-guided', options: { features: [6, 4], kernels: [5, 3, 3] }, scale: 2 },
    ...{ cases: [join(folder, 'one')], validation: [join(folder, 'two')], steps: 400, validateEvery: 20 },
    ...{ batch: 2, patch: 32, shards: 1, checkpointSeconds: 0.02, out: join(folder, out) },
  };
}

/** `tandem train` of the request, in a process of its own that ends with it. */
function start(asked: RequestInput<'train'>, resume: boolean) {
  const { network, options, cases = [], validation = [], ...numbers } = asked;
  const child = spawn(
    process.execPath,
    [
      ...[command, 'train', '--network', network, '--options', JSON.stringify(options)],
      ...cases.flatMap((path) => ['--case', path]),
      ...validation.flatMap((path) => ['--validation', path]),
      ...Object.entries(numbers).flatMap(([name, value]) => [
        `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
        `${value}`,
      ]),
      ...(resume ? ['--resume'] : []),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  return { child, ended, said: () => said };
}

async function until(holds: () => boolean, said: () => string): Promise<void> {
  for (let waited = 0; waited < 40_000; waited += 10) {
    if (holds()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`It did not happen within 40 s: ${said()}`);
}

describe('a training that is killed', () => {
  it('again and again, at any moment, ends with the weights of one that was not', {
    timeout: 240_000,
  }, async () => {
    const whole = operations.train.request.parse(request('whole'));
    await trainHere({ request: whole, device: { kind: 'cpu', reason: 'the CPU was asked for' } }, QUIET_JOB);
    const out = join(folder, 'killed');
    const checkpoint = join(out, 'checkpoint.safetensors');
    const random = createRandom(6);
    let killed = 0;
    const steps: number[] = [];
    for (let n = 0; n < KILLS; n++) {
      const { child, ended, said } = start(request('killed'), n > 0);
      await until(() => /training \d/.test(said()) || child.exitCode !== null, said);
      await until(() => existsSync(checkpoint) || child.exitCode !== null, said);
      await new Promise((done) => setTimeout(done, random.integer(250)));
      child.kill('SIGKILL');
      await ended;
      if (!existsSync(checkpoint)) break;
      killed++;
      // Whole, and no package yet.
      const { metadata } = readSafetensors(await readFile(checkpoint), checkpoint);
      steps.push(JSON.parse(metadata.get('training')!).step);
      await expect(loadModelPackage(out)).rejects.toMatchObject({ code: 'model-not-found' });
    }
    expect(killed).toBeGreaterThan(1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    const { ended, said } = start(request('killed'), true);
    expect(await ended, said()).toBe(0);
    const [a, b] = [await loadModelPackage(join(folder, 'whole')), await loadModelPackage(out)];
    expect(b.weights).toEqual(a.weights);
    const log = async (path: string) =>
      parseLogCsv(await readFile(join(path, 'training.csv'), 'utf8')).map(({ seconds: _, ...line }) => line);
    expect(await log(out)).toEqual(await log(join(folder, 'whole')));
    // What the killed ones were writing is gone as well.
    expect(readdirSync(out).sort()).toEqual(readdirSync(join(folder, 'whole')).sort());
  });
});
