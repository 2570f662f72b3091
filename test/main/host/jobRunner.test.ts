import { describe, expect, it, vi } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { JobRunner } from '../../../src/main/host/jobRunner.ts';
import type { FromHost } from '../../../src/main/host/protocol.ts';

type Handlers = ConstructorParameters<typeof JobRunner>[0];

/** A runner over handlers of our own, with everything that it sent. */
function runnerOver(handlers: Record<string, (request: unknown, job: never) => Promise<unknown>>) {
  const sent: FromHost[] = [];
  const lazy = Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [name, async () => handler]),
  );
  const runner = new JobRunner(lazy as unknown as Handlers, new Set(['enhance']), (message) =>
    sent.push(message),
  );
  const answer = async (id: number): Promise<FromHost> => {
    for (let turn = 0; turn < 1000; turn++) {
      const found = sent.find(
        (message) => (message.type === 'result' || message.type === 'error') && message.id === id,
      );
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error(`no answer to ${id}`);
  };
  return { runner, sent, answer };
}

interface TestJob {
  progress(progress: { stage: string; done: number; total: number }): void;
  signal: AbortSignal;
}

const untilAborted = (_request: unknown, job: TestJob) =>
  new Promise((_resolve, reject) => job.signal.addEventListener('abort', () => reject(job.signal.reason)));

describe('the compute host’s job runner', () => {
  it('answers a call once, with its result and its progress', async () => {
    const { runner, sent, answer } = runnerOver({
      list: async (request: unknown, job: TestJob) => {
        job.progress({ stage: 'reading', done: 1, total: 2 });
        return { echoed: request };
      },
    });
    runner.receive({ type: 'call', id: 7, name: 'list', request: { paths: ['a'] } });
    expect(await answer(7)).toEqual({ type: 'result', id: 7, result: { echoed: { paths: ['a'] } } });
    expect(sent[0]).toEqual({ type: 'progress', id: 7, progress: { stage: 'reading', done: 1, total: 2 } });
    expect(sent).toHaveLength(2);
  });

  it('passes on an error’s code, path and hint unchanged', async () => {
    const { runner, answer } = runnerOver({
      list: async () => {
        throw new TandemError('truncated', 'ends early', { path: '/a.dcm', hint: 'Copy it again.' });
      },
    });
    runner.receive({ type: 'call', id: 1, name: 'list', request: {} });
    expect(await answer(1)).toEqual({
      type: 'error',
      id: 1,
      error: { code: 'truncated', message: 'ends early', path: '/a.dcm', hint: 'Copy it again.' },
    });
  });

  it('answers a cancelled call with `cancelled`, whatever its handler throws', async () => {
    const { runner, answer } = runnerOver({ list: untilAborted as never });
    runner.receive({ type: 'call', id: 1, name: 'list', request: {} });
    await new Promise((resolve) => setTimeout(resolve, 5));
    runner.receive({ type: 'cancel', id: 1 });
    expect(await answer(1)).toMatchObject({ type: 'error', error: { code: 'cancelled' } });
  });

  it('runs exclusive operations one after another, and one cancelled while waiting does not block the next', {
    timeout: 60_000,
  }, async () => {
    let running = 0;
    let most = 0;
    const gates: (() => void)[] = [];
    const { runner, sent, answer } = runnerOver({
      enhance: async () => {
        running++;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => gates.push(resolve));
        running--;
        return {};
      },
    });
    for (const id of [1, 2, 3]) runner.receive({ type: 'call', id, name: 'enhance', request: {} });
    await vi.waitFor(() => expect(gates).toHaveLength(1), { timeout: 20_000 });
    expect(sent).toContainEqual({
      type: 'progress',
      id: 2,
      progress: { stage: 'waiting', done: 0, total: 1 },
    });
    runner.receive({ type: 'cancel', id: 2 });
    expect(await answer(2)).toMatchObject({ type: 'error', error: { code: 'cancelled' } });
    gates[0]?.();
    expect(await answer(1)).toMatchObject({ type: 'result' });
    await vi.waitFor(() => expect(gates).toHaveLength(2), { timeout: 20_000 });
    gates[1]?.();
    expect(await answer(3)).toMatchObject({ type: 'result' });
    expect(most).toBe(1);
  });
});
