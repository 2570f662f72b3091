import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type Result } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import { enhancedSoFarOperation } from '../../../src/main/superres/enhancedSoFarOperation.ts';
import { enhanceOperation } from '../../../src/main/superres/enhanceOperation.ts';
import { RunningResult } from '../../../src/main/superres/runningResult.ts';
import { volumeOperation } from '../../../src/main/superres/volumeOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { makeStack, noise } from './stacks.ts';

let root: string;
const before = process.env.TANDEM_HOME;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-sofar-'));
  process.env.TANDEM_HOME = join(root, 'data');
  const request = { out: join(root, 'study'), matrix: 48, slices: 7, sliceThicknessMm: 20, gapAfter: 3 };
  await phantomOperation(operations.phantom.request.parse(request), QUIET_JOB);
  await mkdir(join(root, 'single'));
  await writeTestPackage(join(root, 'single'), 'single', testModel('srcnn', 2));
}, 120_000);
afterAll(async () => {
  if (before === undefined) delete process.env.TANDEM_HOME;
  else process.env.TANDEM_HOME = before;
  await rm(root, { recursive: true, force: true });
});

const soFar = (id: string, from: number, waitMs = 0) =>
  enhancedSoFarOperation({ id, from, waitMs }, QUIET_JOB);

describe('slices so far', () => {
  it('come one after another while it runs, each once, and are those of the result to the bit', async () => {
    const id = randomUUID();
    const request = operations.enhance.request.parse({
      target: { paths: [join(root, 'study')], series: '1' },
      scale: 2,
      model: join(root, 'single'),
      device: 'cpu',
      keepAs: id,
    });
    expect(await soFar(id, 0)).toMatchObject({ running: false, slices: [], done: 0 });
    const seen: Result<'enhancedSoFar'>[] = [];
    const watched: Promise<void>[] = [];
    // Asked at every slice, within the run: what is there then is what has been computed.
    const progress = ({ stage, done }: { stage: string; done: number }): void => {
      if (stage === 'enhancing' && done > 0) {
        watched.push(soFar(id, done - 1).then((found) => void seen.push(found)));
      }
    };
    const result = await enhanceOperation(request, { ...QUIET_JOB, progress });
    await Promise.all(watched);
    const whole = await volumeOperation({ kind: 'enhanced', id: result.id }, QUIET_JOB);
    const inPlane = 96 * 96 * 4;
    const running = seen.filter((one) => one.running);
    expect(running.length).toBeGreaterThan(2);
    for (const one of running) {
      expect(operations.enhancedSoFar.result.parse(one)).toMatchObject({
        size: whole.size,
        spacingMm: whole.spacingMm,
        originLps: whole.originLps,
        inventedSlices: whole.inventedSlices,
        total: 6,
      });
      expect(one.voxels.byteLength).toBe(inPlane * one.slices.length);
      for (const [n, k] of one.slices.entries()) {
        expect(whole.inventedSlices).not.toContain(k);
        const given = one.voxels.subarray(n * inPlane, (n + 1) * inPlane);
        expect(Buffer.compare(given, whole.voxels.subarray(k * inPlane, (k + 1) * inPlane))).toBe(0);
      }
    }
    expect(new Set(running.flatMap(({ slices }) => slices)).size).toBeGreaterThan(2);
    expect(await soFar(id, 0)).toMatchObject({ running: false });
  }, 60_000);

  it('are waited for, until there is one more, the run is over, or the time', async () => {
    const stack = makeStack(noise(1), { slices: 4 });
    const run = new RunningResult('waited', stack, 2);
    const slices = stack.slices.map((slice) => ({
      ...slice,
      pixels: new Float32Array(4 * slice.pixels.length),
    }));
    const first = soFar('waited', 0, 10_000);
    run.take(slices.slice(0, 2));
    expect(await first).toMatchObject({ running: true, done: 2, slices: [0, 1], total: 4 });
    const start = performance.now();
    expect(await soFar('waited', 2, 60)).toMatchObject({ running: true, slices: [] });
    expect(performance.now() - start).toBeGreaterThan(50);
    const last = soFar('waited', 2, 10_000);
    run.end();
    expect(await last).toMatchObject({ running: false });
  });
});
