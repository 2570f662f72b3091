import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import {
  initialValues,
  type ShardedStep,
  STEP_GRADIENT_NORM,
  STEP_LOSS,
  type StepDescription,
} from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { createRandom } from '../../../src/core/random.ts';
import { threadsEnded } from '../../../src/main/runtime/workerPool.ts';
import { openSteps } from '../../../src/main/training/openSteps.ts';
import { type ParallelOptions, ParallelStepSession } from '../../../src/main/training/parallelStepSession.ts';
import { initialState, type TrainingState } from '../../../src/main/training/state.ts';
import type { StepRunner } from '../../../src/main/training/stepRunner.ts';
import { StepSession } from '../../../src/main/training/stepSession.ts';
import { meanProblem, networkProblem } from './shardedProblems.ts';

const SMALL_EDSR = { features: 8, blocks: 2 };
const begin = (step: StepDescription) => initialState(step.state, initialValues(step.parameters, 1));

/** The start with what is zero in it drawn at random: last layers that are zero let no gradient through. */
function roughStart(step: StepDescription): TrainingState {
  const random = createRandom(9);
  const values = [...initialValues(step.parameters, 1)].map(
    ([path, data]) => [path, data.map((value) => value || 0.05 * random.normal())] as const,
  );
  return initialState(step.state, new Map(values));
}

interface Course {
  readonly told: readonly ReadonlyMap<string, number>[];
  readonly state: TrainingState;
}

/** Some steps, and the end of it. */
async function course(runner: StepRunner, steps: number): Promise<Course> {
  const told = [];
  for (let n = 0; n < steps; n++) told.push(await runner.run(2e-3));
  const state = await runner.state();
  await runner.release();
  return { told, state };
}

function open(
  step: ShardedStep,
  data: ReadonlyMap<string, NamedTensor>,
  options: ParallelOptions = { workers: 2 },
  [state, done]: readonly [TrainingState, number] = [begin(step), 0],
): Promise<ParallelStepSession> {
  return ParallelStepSession.open(step, data, state, done, options);
}

/** Makes the n-th thread end itself before it reads anything else. */
function kill(session: ParallelStepSession, n: number): void {
  const { threads } = session as unknown as { threads: readonly { worker: Worker }[] };
  threads[n]!.worker.postMessage({ type: 'end' });
}

describe('a batch in shards', () => {
  it.each([
    ['edsr-guided', SMALL_EDSR],
    ['glmamba', { channels: 8, N: 4 }],
  ])('in one is the whole batch, bit for bit: %s', { timeout: 60_000 }, async (network, options) => {
    const { whole, sharded, data } = await networkProblem(network, options, 2, 16);
    const one = sharded(1);
    expect(one.state.map(({ name }) => name)).toEqual(whole.state.map(({ name }) => name));
    expect(one.data).toEqual(whole.data);
    const expected = await course(await StepSession.open(whole, data, begin(whole), 0), 3);
    expect(expected.told[0]!.get(STEP_GRADIENT_NORM)).toBeGreaterThan(0.05);
    expect(await course(await open(one, data), 3)).toEqual(expected);
  });

  it('gives the same bytes for any number of workers, with the calling thread among them or not', async () => {
    const { sharded, data } = await networkProblem('edsr-guided', SMALL_EDSR, 8, 16);
    for (const shards of [2, 4]) {
      const step = sharded(shards);
      const expected = await course(await open(step, data, { workers: 1 }), 4);
      expect(expected.told[3]!.get(STEP_LOSS)).toBeLessThan(expected.told[0]!.get(STEP_LOSS)!);
      for (const workers of [2, 3]) {
        expect(await course(await openSteps(step, data, begin(step), 0, workers), 4)).toEqual(expected);
      }
      expect(await course(await open(step, data, { workers: 2, callerComputes: false }), 4)).toEqual(
        expected,
      );
    }
  });

  it.each([
    ['edsr-guided', SMALL_EDSR],
    ['glmamba', { channels: 8, N: 4 }],
  ])('has the gradient, the norm and the reports of the whole: %s', async (network, options) => {
    // Without clipping: the first moment after one step is then a tenth of the gradient.
    const settings = { gradientNorm: true };
    const { whole, sharded, data } = await networkProblem(network, options, 4, 16, settings);
    const start = roughStart(whole);
    const expected = await course(await StepSession.open(whole, data, start, 0), 1);
    for (const shards of [2, 4]) {
      const session = await open(sharded(shards), data, { workers: 2 }, [start, 0]);
      const { told, state } = await course(session, 1);
      expect([...told[0]!.keys()]).toEqual([...expected.told[0]!.keys()]);
      for (const [name, value] of told[0]!) {
        expect(Math.abs(value / expected.told[0]!.get(name)! - 1)).toBeLessThan(1e-6);
      }
      let compared = 0;
      for (const { name, kind } of whole.state) {
        if (kind !== 'moment' || !name.startsWith('adam.m.')) continue;
        const [ours, theirs] = [state.get(name)!.data, expected.state.get(name)!.data];
        const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(largest).toBeGreaterThan(0);
        for (const [n, value] of ours.entries()) {
          if (Math.abs(value - theirs[n]!) > 1e-6 * largest) {
            expect.fail(`${name}[${n}] is ${value}, of the whole batch ${theirs[n]}, the largest ${largest}`);
          }
        }
        compared++;
      }
      expect(compared).toBeGreaterThan(0);
    }
  });

  it('leaves a buffer as the mean of what the shards make of it', async () => {
    const { sharded, data } = meanProblem();
    data.get('x')!.data.set([1, 1, 1, 1, 3, 3, 7, 7]);
    const { state } = await course(await open(sharded(2), data), 2);
    // The means of the shards are 1 and 5.
    expect(state.get('seen')!.data[0]).toBeCloseTo(0.9 * (0.9 * 1 + 0.3) + 0.3, 6);
    expect(state.get('fixed')!.data[0]).toBe(0.25);
  });

  it('trains a network with batch norm, whose statistics are of the shards', async () => {
    const { sharded, data } = await networkProblem(
      'sanet',
      { n_resgroups: 1, n_resblocks: 1, n_feats: 16, effective_stages: 1 },
      4,
      16,
    );
    const step = sharded(2);
    const buffers = step.state.filter(({ kind, updated }) => kind === 'buffer' && updated);
    expect(buffers.length).toBeGreaterThan(0);
    const { state } = await course(await open(step, data), 2);
    const start = begin(step);
    for (const { name } of buffers) expect(state.get(name)!.data).not.toEqual(start.get(name)!.data);
    expect((await course(await open(step, data, { workers: 1 }), 2)).state).toEqual(state);
  });
});

describe('ParallelStepSession', () => {
  it('goes on from a state as if it had never stopped, and reads the data anew at every step', async () => {
    const { sharded, data } = await networkProblem('edsr-guided', SMALL_EDSR, 4, 16);
    const step = sharded(2);
    const truth = data.get('truth')!.data;
    const original = Float32Array.from(truth);
    const runAll = async (stopping: boolean) => {
      let session = await open(step, data);
      const told = [];
      for (let n = 0; n < 6; n++) {
        truth.forEach((_, at) => {
          truth[at] = original[at]! * (1 + n / 4);
        });
        told.push(await session.run(2e-3));
        if (!stopping || n !== 2) continue;
        const state = await session.state();
        await session.release();
        session = await open(step, data, { workers: 1 }, [state, n + 1]);
      }
      const state = await session.state();
      await session.release();
      return { told, state };
    };
    const whole = await runAll(false);
    expect(await runAll(true)).toEqual(whole);
    expect(whole.told[5]!.get('mse')).not.toBe(whole.told[4]!.get('mse'));
  });

  it('keeps the state before a step that gives what is not finite, in one shard, a buffer or a weight', async () => {
    const { sharded, data } = meanProblem();
    const session = await open(sharded(2), data);
    await session.run(0.01);
    const before = await session.state();
    const x = data.get('x')!.data;
    const good = Float32Array.from(x);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) {
      x[7] = bad;
      await expect(session.run(0.01)).rejects.toMatchObject({ code: 'diverged' });
      expect(await session.state()).toEqual(before);
    }
    x.set(good);
    await expect(session.run(1e39)).rejects.toMatchObject({
      code: 'diverged',
      message: expect.stringMatching(/at step 2: the loss is \d[\d.e-]*, and \S+ is not finite$/),
    });
    expect(await session.state()).toEqual(before);
    const after = await session.run(0.01);
    const undisturbed = await open(sharded(2), data, { workers: 1 }, [before, 1]);
    expect(await undisturbed.run(0.01)).toEqual(after);
    expect(await undisturbed.state()).toEqual(await session.state());
    for (const one of [session, undisturbed]) await one.release();
  });

  it.each([
    true,
    false,
  ])('does the work of a thread that dies again, and starts another (the caller computes: %s)', async (callerComputes) => {
    const { sharded, data } = await networkProblem('edsr-guided', SMALL_EDSR, 4, 16);
    const step = sharded(4);
    const expected = await course(await open(step, data, { workers: 1 }), 5);
    const session = await open(step, data, { workers: callerComputes ? 2 : 1, callerComputes });
    const told = [];
    for (let n = 0; n < 5; n++) {
      if (n % 2 === 1) kill(session, 0);
      told.push(await session.run(2e-3));
    }
    expect({ told, state: await session.state() }).toEqual(expected);
    await session.release();
  });

  it('gives up when threads die again and again, with the state of the last good step', async () => {
    const { sharded, data } = meanProblem();
    const session = await open(sharded(2), data);
    for (let n = 0; n < 3; n++) {
      kill(session, 0);
      await session.run(0.01);
      // In which another one is started.
      await session.run(0.01);
    }
    const before = await session.state();
    kill(session, 0);
    await expect(session.run(0.01)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('died'),
    });
    expect(await session.state()).toEqual(before);
    await session.release();
  });

  it.each([
    1, 3,
  ])('is released after the step that is under way, and its threads end: %d workers', async (workers) => {
    const { sharded, data } = await networkProblem('edsr-guided', SMALL_EDSR, 4, 16);
    const session = await open(sharded(4), data, { workers });
    const running = session.run(2e-3);
    const released = session.release();
    expect((await running).get(STEP_LOSS)).toBeGreaterThan(0);
    await released;
    await threadsEnded();
    const { threads } = session as unknown as { threads: readonly { alive: boolean }[] };
    expect(threads).toHaveLength(workers - 1);
    expect(threads.filter(({ alive }) => alive)).toEqual([]);
  });

  it.each(['released', 'left', 'unused'])('does not keep the process alive where it is %s', async (how) => {
    const script = fileURLToPath(new URL('./parallelProcess.ts', import.meta.url));
    // Rejects where the process has to be killed.
    const { stdout } = await promisify(execFile)(process.execPath, [script, how], { timeout: 20_000 });
    expect(Number(stdout)).toBe(how === 'unused' ? 0 : 2);
  });

  it.each([
    'gradient',
    'update',
  ] as const)('is refused a model that onnxruntime does not read: %s', async (which) => {
    const { sharded, data } = meanProblem();
    const step = sharded(2);
    const part = step[which];
    const broken = { ...step, [which]: { ...part, onnx: part.onnx.slice(0, 50) } };
    await expect(open(broken, data, { workers: 3 })).rejects.toMatchObject({ code: 'bad-model' });
    await threadsEnded();
  });
});
