// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Workstation } from '../../../src/core/contract/workstation.ts';
import type { Channel, ConnectionStatus } from '../../../src/renderer/state/transport/channel.ts';
import { contractClient } from '../../../src/renderer/state/transport/contractClient.ts';
import { takeCredential } from '../../../src/renderer/state/transport/credential.ts';
import type { ClientMessage } from '../../../src/renderer/state/transport/messages.ts';
import { readServerMessage } from '../../../src/renderer/state/transport/messages.ts';
import { socketChannel } from '../../../src/renderer/state/transport/socket.ts';
import { bytesFetcher, withVoxels } from '../../../src/renderer/state/transport/voxels.ts';

function handChannel() {
  const sent: ClientMessage[] = [];
  let receive: (message: unknown) => void = () => {};
  let tell: (status: ConnectionStatus) => void = () => {};
  let up = true;
  const channel: Channel = {
    send: (message) => {
      if (up) sent.push(message);
      return up;
    },
    onMessage: (listener) => {
      receive = listener;
    },
    onStatus: (listener) => {
      tell = listener;
      listener('ready');
      return () => {};
    },
    reconnect: () => {},
    close: () => {},
  };
  return {
    channel,
    sent,
    receive: (message: unknown) => receive(message),
    stop: () => {
      up = false;
      tell('stopped');
    },
  };
}

describe('the contract over a channel', () => {
  let hand: ReturnType<typeof handChannel>;
  let workstation: Workstation;
  beforeEach(() => {
    hand = handChannel();
    workstation = contractClient(hand.channel, async () => Uint8Array.of(1, 2, 3, 4));
  });

  it('gives each call its own answer and its own progress', async () => {
    const progress = vi.fn();
    const first = workstation.call('models', {}, { onProgress: progress });
    const second = workstation.call('list', { paths: ['/a'] });
    expect(hand.sent.map((message) => message.type)).toEqual(['call', 'call']);
    hand.receive({ type: 'progress', id: 1, progress: { stage: 'reading', done: 1, total: 2 } });
    hand.receive({ type: 'result', id: 2, result: { studies: [], refused: [] } });
    hand.receive({ type: 'result', id: 1, result: { models: [], refused: [] } });
    await expect(first).resolves.toEqual({ models: [], refused: [] });
    await expect(second).resolves.toEqual({ studies: [], refused: [] });
    expect(progress).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stage: 'reading', done: 1 }));
  });

  it('passes errors on with code, path and hint, and takes unknown codes for failed', async () => {
    const known = workstation.call('list', { paths: ['/a'] });
    hand.receive({
      type: 'error',
      id: 1,
      error: { code: 'not-found', message: 'No such', path: '/a', hint: 'Look' },
    });
    await expect(known).rejects.toMatchObject({ code: 'not-found', path: '/a', hint: 'Look' });
    const unknown = workstation.call('list', { paths: ['/a'] });
    hand.receive({ type: 'error', id: 2, error: { code: 'toString', message: 'x' } });
    await expect(unknown).rejects.toMatchObject({ code: 'failed' });
  });

  it('asks to cancel when the signal fires, and waits for the answer', async () => {
    const abort = new AbortController();
    const call = workstation.call('list', { paths: ['/a'] }, { signal: abort.signal });
    abort.abort();
    expect(hand.sent.at(-1)).toEqual({ type: 'cancel', id: 1 });
    hand.receive({ type: 'error', id: 1, error: { code: 'cancelled', message: 'Cancelled' } });
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await expect(workstation.call('models', {}, { signal: abort.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('fails every open call, and new ones, when the workstation stops', async () => {
    const open = workstation.call('models', {});
    hand.stop();
    await expect(open).rejects.toMatchObject({ code: 'host-crashed' });
    await expect(workstation.call('models', {})).rejects.toMatchObject({ code: 'host-crashed' });
  });

  it('puts fetched voxels in their place', async () => {
    const call = workstation.call('volume', { kind: 'enhanced', id: 'e1' });
    hand.receive({ type: 'result', id: 1, result: { label: 'x', voxels: { url: '/voxels/k' } } });
    await expect(call).resolves.toMatchObject({ label: 'x', voxels: Uint8Array.of(1, 2, 3, 4) });
  });

  it('ignores what is no message of the contract', () => {
    for (const value of [null, 1, 'x', {}, { type: 'result' }, { type: 'progress', id: 1, progress: {} }]) {
      expect(readServerMessage(value)).toBeUndefined();
    }
  });
});

describe('voxels', () => {
  it('are never fetched from another origin', async () => {
    const fetchBytes = bytesFetcher(() => 'key');
    await expect(fetchBytes('https://example.org/voxels/1', undefined)).rejects.toMatchObject({
      code: 'failed',
    });
  });

  it('say so when they are missing from a result', async () => {
    await expect(withVoxels({ voxels: 3 }, async () => new Uint8Array())).rejects.toMatchObject({
      code: 'failed',
    });
  });
});

describe('the credential', () => {
  it('is taken from the address, removed from it, and replaced by the session key', () => {
    const history = { replaceState: vi.fn() };
    const store = new Map<string, string>();
    const storage = {
      getItem: (k: string) => store.get(k) ?? null,
      setItem: (k: string, v: string) => void store.set(k, v),
    };
    const location = { hash: '#token=abc', pathname: '/', search: '' };
    const credential = takeCredential(location, history, storage);
    expect(credential?.get()).toBe('abc');
    expect(history.replaceState).toHaveBeenCalledWith(null, '', '/');
    expect(store.size).toBe(0);
    credential?.set('session');
    expect(credential?.get()).toBe('session');
    expect(takeCredential({ ...location, hash: '' }, history, storage)?.get()).toBe('session');
  });

  it('falls back on the session key of the tab where the address was opened once more', () => {
    const storage = { getItem: () => 'session', setItem: () => {} };
    const location = { hash: '#token=spent', pathname: '/', search: '' };
    const credential = takeCredential(location, { replaceState: () => {} }, storage);
    expect(credential?.get()).toBe('spent');
    expect(credential?.refuse()).toBe(true);
    expect(credential?.get()).toBe('session');
    expect(credential?.refuse()).toBe(false);
  });

  it('is missing where the address has none', () => {
    const storage = { getItem: () => null, setItem: () => {} };
    const location = { hash: '', pathname: '/', search: '' };
    expect(takeCredential(location, { replaceState: () => {} }, storage)).toBeUndefined();
  });
});

class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static readonly CONNECTING = 0;
  static made: FakeSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    FakeSocket.made.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {}
  opened(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  says(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
  closed(code: number): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}

describe('the socket', () => {
  beforeEach(() => {
    FakeSocket.made = [];
    vi.stubGlobal('WebSocket', FakeSocket);
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function start() {
    const statuses: ConnectionStatus[] = [];
    const credential = { get: vi.fn(() => 'token'), set: vi.fn(), refuse: vi.fn(() => false) };
    const channel = socketChannel('ws://127.0.0.1:1/contract', credential);
    channel.onStatus((status) => statuses.push(status));
    return { channel, statuses, credential };
  }

  it('says hello, and is ready once welcomed', () => {
    const { channel, statuses, credential } = start();
    const [socket] = FakeSocket.made;
    socket?.opened();
    expect(socket?.sent).toEqual([JSON.stringify({ type: 'hello', token: 'token' })]);
    expect(channel.send({ type: 'cancel', id: 1 })).toBe(false);
    socket?.says({ type: 'welcome', session: 's1' });
    expect(credential.set).toHaveBeenCalledWith('s1');
    expect(statuses).toEqual(['connecting', 'ready']);
    expect(channel.send({ type: 'cancel', id: 1 })).toBe(true);
  });

  it('comes back by itself after the workstation stopped', () => {
    const { statuses } = start();
    FakeSocket.made[0]?.opened();
    FakeSocket.made[0]?.says({ type: 'welcome', session: 's1' });
    FakeSocket.made[0]?.closed(1006);
    expect(statuses.at(-1)).toBe('stopped');
    vi.advanceTimersByTime(600);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.made[1]?.opened();
    FakeSocket.made[1]?.says({ type: 'welcome', session: 's1' });
    expect(statuses.at(-1)).toBe('ready');
  });

  it('knocks with what else it has where it was refused', () => {
    const { statuses, credential } = start();
    credential.refuse.mockReturnValueOnce(true);
    FakeSocket.made[0]?.opened();
    FakeSocket.made[0]?.closed(4401);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.made[1]?.opened();
    FakeSocket.made[1]?.says({ type: 'welcome', session: 's1' });
    expect(statuses).toEqual(['connecting', 'ready']);
  });

  it('does not knock again where it was refused', () => {
    const { statuses } = start();
    FakeSocket.made[0]?.opened();
    FakeSocket.made[0]?.closed(4401);
    vi.advanceTimersByTime(60_000);
    expect(statuses.at(-1)).toBe('refused');
    expect(FakeSocket.made).toHaveLength(1);
  });
});
