import { describe, expect, it, vi } from 'vitest';
import type { RequestInput } from '../../../src/core/contract/operations.ts';
import { HostWorkstation, parseRequest } from '../../../src/main/host/hostWorkstation.ts';
import { startNodeHost } from '../../../src/main/host/nodeHost.ts';
import type { FromHost, HostChannel, ToHost } from '../../../src/main/host/protocol.ts';

/** A channel whose other end the test plays. */
function channel() {
  const sent: ToHost[] = [];
  let toMain: (message: FromHost) => void = () => {};
  let gone: (description: string) => void = () => {};
  const host: HostChannel = {
    send: (message) => sent.push(message),
    onMessage: (listener) => {
      toMain = listener;
    },
    onExit: (listener) => {
      gone = listener;
    },
    kill: () => gone('signal SIGKILL'),
  };
  return { host, sent, answer: (message: FromHost) => toMain(message), die: () => gone('exit code 9') };
}

describe('the workstation beside its host', () => {
  it('fills in defaults and refuses what does not fit the schema, naming the field', async () => {
    expect(
      parseRequest('enhance', { target: { paths: [], series: 't' }, scale: 2, model: 'm' }),
    ).toMatchObject({ device: 'auto', registration: 'rigid', acceptRegistration: false });
    expect(() =>
      parseRequest('enhance', { target: { paths: [], series: 't' }, scale: 3, model: 'm' }),
    ).toThrow(/scale/);
  });

  it('fails the calls under way when the host dies, and starts another for the next call', async () => {
    const ends = [channel(), channel()];
    let started = 0;
    const workstation = new HostWorkstation(() => ends[started++]!.host);
    const first = workstation.call('models', {});
    ends[0]!.die();
    await expect(first).rejects.toMatchObject({ code: 'host-crashed' });

    const second = workstation.call('models', {});
    const call = ends[1]!.sent[0]!;
    const id = call.type === 'call' ? call.id : -1;
    ends[1]!.answer({ type: 'result', id, result: { models: [], refused: [] } });
    expect(await second).toEqual({ models: [], refused: [] });
    expect(started).toBe(2);
  });

  it('answers a cancel within a second even when the host does not', async () => {
    const end = channel();
    const workstation = new HostWorkstation(() => end.host);
    const controller = new AbortController();
    const call = workstation.call('models', {}, { signal: controller.signal });
    const before = performance.now();
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - before).toBeLessThan(1000);
    expect(end.sent.at(-1)).toMatchObject({ type: 'cancel' });
  });

  it('does not start a call that was cancelled before, and ends those under way when it closes', async () => {
    const end = channel();
    let started = 0;
    const workstation = new HostWorkstation(() => {
      started++;
      return end.host;
    });
    const options = { signal: AbortSignal.abort() };
    await expect(workstation.call('models', {}, options)).rejects.toMatchObject({ code: 'cancelled' });
    expect(started).toBe(0);

    const call = workstation.call('models', {});
    const kill = vi.spyOn(end.host, 'kill');
    workstation.close();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    expect(kill).toHaveBeenCalledOnce();
  });

  it('ends a host whose cancelled job does not end', async () => {
    vi.useFakeTimers();
    try {
      const end = channel();
      const workstation = new HostWorkstation(() => end.host);
      const kill = vi.spyOn(end.host, 'kill');
      const controller = new AbortController();
      const call = workstation.call('models', {}, { signal: controller.signal });
      call.catch(() => {});
      controller.abort();
      await vi.advanceTimersByTimeAsync(1_000);
      await expect(call).rejects.toMatchObject({ code: 'cancelled' });
      expect(kill).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(15_000);
      expect(kill).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  it('waits for a cancelled training to finish its step and save it, but not for ever', async () => {
    vi.useFakeTimers();
    try {
      const end = channel();
      const workstation = new HostWorkstation(() => end.host);
      const kill = vi.spyOn(end.host, 'kill');
      const controller = new AbortController();
      const request: RequestInput<'train'> = { network: 'srcnn', scale: 2, cases: ['a'], steps: 1, out: 'o' };
      const options = { signal: controller.signal };
      let answered = '';
      const call = workstation.call('train', request, options).catch((error: { code: string }) => {
        answered = error.code;
      });
      controller.abort();
      await vi.advanceTimersByTimeAsync(100_000);
      expect(answered).toBe('');
      await vi.advanceTimersByTimeAsync(30_000);
      await call;
      expect(answered).toBe('cancelled');
      expect(kill).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(15_000);
      expect(kill).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  it('survives the death of a real host process', async () => {
    const pids: (number | undefined)[] = [];
    const workstation = new HostWorkstation(() => {
      const host = startNodeHost();
      pids.push(host.pid);
      return host;
    });
    try {
      await workstation.call('browse', { path: import.meta.dirname });
      const long = workstation.call('list', { paths: ['/usr/share', '/usr/lib'] });
      process.kill(pids[0]!, 'SIGKILL');
      await expect(long).rejects.toMatchObject({ code: 'host-crashed' });
      expect(await workstation.call('browse', { path: import.meta.dirname })).toMatchObject({
        path: import.meta.dirname,
      });
      expect(pids[1]).not.toBe(pids[0]);
    } finally {
      workstation.close();
    }
  });

  it('talks to a real host process', async () => {
    const workstation = new HostWorkstation(startNodeHost);
    try {
      const result = await workstation.call('browse', { path: import.meta.dirname });
      expect(result.path).toBe(import.meta.dirname);
      await expect(workstation.call('list', { paths: ['/no/such/folder'] })).rejects.toMatchObject({
        code: 'not-found',
        path: '/no/such/folder',
      });
    } finally {
      workstation.close();
    }
  });
});
