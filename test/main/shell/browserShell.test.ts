import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Workstation } from '../../../src/core/contract/workstation.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { type BrowserShell, startBrowserShell } from '../../../src/main/shell/browserShell.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-shell-test-'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Tandem MR</title>');
writeFileSync(join(folder, '..', 'tandem-secret.html'), 'secret');

/** Answers `volume` with voxels, `models` with an error, and waits to be cancelled on `list`. */
const workstation: Workstation = {
  call: async (name, _request, options) => {
    if (name === 'volume') return { label: 'v', voxels: Uint8Array.from([1, 2, 3]) } as never;
    if (name === 'models') throw new TandemError('bad-model', 'broken', { path: '/m', hint: 'Mend it.' });
    options?.onProgress?.({ stage: 'reading', done: 1, total: 9 });
    return new Promise((_resolve, reject) =>
      options?.signal?.addEventListener('abort', () => {
        cancelled++;
        reject(new TandemError('cancelled', 'Cancelled'));
      }),
    );
  },
};

/** Jobs whose signal has fired. */
let cancelled = 0;
let shell: BrowserShell;
let origin: string;
let session: string;
let socket: WebSocket;
const messages: Record<string, unknown>[] = [];

async function message(matches: (one: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  for (let turn = 0; turn < 500; turn++) {
    const found = messages.find(matches);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`no such message among ${JSON.stringify(messages)}`);
}

/** Code the server closes a conversation with that begins like this. */
function closeCode(firstMessage: unknown, options: { origin?: string } = { origin }): Promise<number> {
  return new Promise((resolve) => {
    const other = new WebSocket(`ws://127.0.0.1:${shell.port}/contract`, options);
    other.on('open', () => other.send(JSON.stringify(firstMessage)));
    other.on('close', (code) => resolve(code));
    other.on('error', () => resolve(-1));
  });
}

/** Status line of the answer to bytes sent as they are. */
function rawRequest(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(shell.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
      if (answer.includes('\r\n')) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
  });
}

beforeAll(async () => {
  shell = await startBrowserShell({ workstation, rendererFolder: folder, port: 0 });
  origin = `http://127.0.0.1:${shell.port}`;
  socket = new WebSocket(`ws://127.0.0.1:${shell.port}/contract`, { origin });
  socket.on('message', (data) => messages.push(JSON.parse(data.toString()) as Record<string, unknown>));
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send(JSON.stringify({ type: 'hello', token: shell.url.split('token=')[1] }));
  session = (await message((one) => one.type === 'welcome')).session as string;
});
afterAll(() => shell.close());

describe('the browser shell', () => {
  it('serves the pages under a policy that allows nothing inline and nothing from elsewhere', async () => {
    const answer = await fetch(`${origin}/`);
    expect(await answer.text()).toContain('Tandem MR');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline|script-src[^;]*'unsafe-eval'|https?:/);
  });

  it.each([
    '/../tandem-secret.html',
    '/%2e%2e/tandem-secret.html',
    '/..%2ftandem-secret.html',
    '/%00',
    '/index.html%00.js',
  ])('does not leave its folder for %s', async (path) => {
    const status = await new Promise<{ code: number; text: string }>((resolve) => {
      httpRequest({ host: '127.0.0.1', port: shell.port, path }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => resolve({ code: response.statusCode ?? 0, text }));
      }).end();
    });
    expect(status.code).toBe(404);
    expect(status.text).not.toContain('secret');
  });

  it('spends its token at the first use, and lets the page back in with its session key', async () => {
    expect(await closeCode({ type: 'hello', token: shell.url.split('token=')[1] })).toBe(4401);
    expect(await closeCode({ type: 'hello', token: 'guess' })).toBe(4401);
    expect(await closeCode({ type: 'call', id: 1, name: 'models', request: {} })).toBe(4401);
    const again = new WebSocket(`ws://127.0.0.1:${shell.port}/contract`, { origin });
    const welcome = await new Promise((resolve) => {
      again.on('open', () => again.send(JSON.stringify({ type: 'hello', token: session })));
      again.on('message', (data) => resolve(JSON.parse(data.toString())));
    });
    expect(welcome).toEqual({ type: 'welcome', session });
    again.terminate();
  });

  it('gives a new address when the last window was closed, once, and none for a reload', async () => {
    const told: string[] = [];
    const other = await startBrowserShell({
      ...{ workstation, rendererFolder: folder, port: 0 },
      ...{ onLeft: (url: string) => told.push(url), leftAfterMs: 150 },
    });
    const enter = async (token: string): Promise<WebSocket> => {
      const page = new WebSocket(`ws://127.0.0.1:${other.port}/contract`, {
        origin: `http://127.0.0.1:${other.port}`,
      });
      await new Promise((resolve) => page.on('open', resolve));
      page.send(JSON.stringify({ type: 'hello', token }));
      await new Promise((resolve, reject) => {
        page.on('message', (data) => resolve(data));
        page.on('close', (code) => reject(new Error(`closed with ${code}`)));
      });
      return page;
    };
    const tokenOf = (url: string): string => url.split('token=')[1] ?? '';
    try {
      const first = await enter(tokenOf(other.url));
      const key = other.url;
      first.close();
      await expect.poll(() => told.length).toBe(1);
      expect(told[0]).not.toBe(key);
      await expect(enter(tokenOf(key))).rejects.toThrow('4401');
      const second = await enter(tokenOf(told[0]!));
      await expect(enter(tokenOf(told[0]!))).rejects.toThrow('4401');
      // Nobody who was not let in counts as a window that was closed.
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(told).toHaveLength(1);
      second.close();
      await expect.poll(() => told.length).toBe(2);
      expect(other.url).toBe(key);
    } finally {
      await other.close();
    }
  });

  it('lets a window in again after a restart, at the same port where that is free', async () => {
    const entered: [string, number][] = [];
    const first = await startBrowserShell({
      ...{ workstation, rendererFolder: folder, port: 0 },
      onEntered: (sha256, port) => entered.push([sha256, port]),
    });
    const say = (port: number, token: string): Promise<unknown> =>
      new Promise((resolve) => {
        const page = new WebSocket(`ws://127.0.0.1:${port}/contract`, { origin: `http://127.0.0.1:${port}` });
        page.on('open', () => page.send(JSON.stringify({ type: 'hello', token })));
        page.on('message', (data) => resolve(JSON.parse(data.toString())));
        page.on('close', resolve);
      });
    const { session: key } = (await say(first.port, first.url.split('token=')[1] ?? '')) as {
      session: string;
    };
    expect(entered).toEqual([[expect.stringMatching(/^[\w-]{43}$/), first.port]]);
    await first.close();
    const again = { workstation, rendererFolder: folder, port: 0, wishedPort: first.port };
    const strange = await startBrowserShell(again);
    expect(strange.port).toBe(first.port);
    expect(await say(strange.port, key)).toBe(4401);
    const beside = await startBrowserShell({ ...again, known: [entered[0]![0]] });
    try {
      expect(beside.port).not.toBe(first.port);
      expect(await say(beside.port, key)).toEqual({ type: 'welcome', session: key });
    } finally {
      await strange.close();
      await beside.close();
    }
  });

  it('refuses pages of other origins, no origin, and other host names', async () => {
    expect(await closeCode({ type: 'hello', token: session }, { origin: 'http://evil.example' })).toBe(-1);
    expect(await closeCode({ type: 'hello', token: session }, {})).toBe(-1);
    const code = await new Promise((resolve) => {
      httpRequest(
        { host: '127.0.0.1', port: shell.port, path: '/', headers: { host: 'evil.example' } },
        (response) => resolve(response.statusCode),
      ).end();
    });
    expect(code).toBe(403);
  });

  it('hands voxels over as bytes, once, and only to the page that knows the session', async () => {
    socket.send(
      JSON.stringify({ type: 'call', id: 1, name: 'volume', request: { kind: 'enhanced', id: 'x' } }),
    );
    const { result } = await message((one) => one.type === 'result' && one.id === 1);
    const { url } = (result as { voxels: { url: string } }).voxels;
    expect((await fetch(origin + url)).status).toBe(403);
    const headers = { 'x-tandem-token': session };
    const bytes = new Uint8Array(await (await fetch(origin + url, { headers })).arrayBuffer());
    expect([...bytes]).toEqual([1, 2, 3]);
    expect((await fetch(origin + url, { headers })).status).toBe(404);
  });

  it.each([
    ['a method that no page has', 'TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', /400/],
    ['an address that is none', 'OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n', /400/],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: 127.0.0.1:99999\r\n\r\n', /400/],
    ['an escape that is none', 'GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', /400/],
    ['a body cut short', 'POST /drop/a/b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nx', /403/],
  ])('survives %s', async (_what, text, status) => {
    expect(await rawRequest(text)).toMatch(status);
    expect((await fetch(`${origin}/`)).status).toBe(200);
  });

  it('ends a conversation that is no JSON, not of the contract or too long, and no other', async () => {
    const closeCodeOf = (text: string, first?: string) =>
      new Promise((resolve) => {
        const other = new WebSocket(`ws://127.0.0.1:${shell.port}/contract`, { origin });
        other.on('open', () => {
          if (first) other.send(first);
          other.send(text);
        });
        other.on('close', resolve);
      });
    const greeting = JSON.stringify({ type: 'hello', token: session });
    expect(await closeCodeOf('\u{1F9E0}'.repeat(100))).toBe(4400);
    expect(await closeCodeOf('{"type":"call","id":1,"name":"format-disk"}', greeting)).toBe(4400);
    expect(await closeCodeOf(`"${'x'.repeat(1 << 20)}"`, greeting)).toBe(1009);
    expect((await fetch(`${origin}/`)).status).toBe(200);
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  it('cancels the jobs of a page that is gone', async () => {
    const other = new WebSocket(`ws://127.0.0.1:${shell.port}/contract`, { origin });
    const before = cancelled;
    other.on('open', () => {
      other.send(JSON.stringify({ type: 'hello', token: session }));
      other.send(JSON.stringify({ type: 'call', id: 1, name: 'list', request: { paths: ['/'] } }));
    });
    other.on('message', (data) => {
      if (data.toString().includes('progress')) other.terminate();
    });
    for (let turn = 0; turn < 200 && cancelled === before; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(cancelled).toBe(before + 1);
  });

  it('answers HEAD without a body, and leaves voxels for the GET', async () => {
    const page = await fetch(`${origin}/`, { method: 'HEAD' });
    expect([page.status, await page.text()]).toEqual([200, '']);
    socket.send(
      JSON.stringify({ type: 'call', id: 9, name: 'volume', request: { kind: 'enhanced', id: 'x' } }),
    );
    const { result } = await message((one) => one.type === 'result' && one.id === 9);
    const { url } = (result as { voxels: { url: string } }).voxels;
    const headers = { 'x-tandem-token': session };
    expect((await fetch(origin + url, { method: 'HEAD', headers })).status).toBe(404);
    expect((await fetch(origin + url, { headers })).status).toBe(200);
  });

  it('carries errors unchanged', async () => {
    socket.send(JSON.stringify({ type: 'call', id: 2, name: 'models', request: {} }));
    expect(await message((one) => one.id === 2)).toEqual({
      type: 'error',
      id: 2,
      error: { code: 'bad-model', message: 'broken', path: '/m', hint: 'Mend it.' },
    });
  });

  it('reports progress and cancels', async () => {
    socket.send(JSON.stringify({ type: 'call', id: 3, name: 'list', request: { paths: ['/'] } }));
    await message((one) => one.type === 'progress' && one.id === 3);
    socket.send(JSON.stringify({ type: 'cancel', id: 3 }));
    expect(await message((one) => one.type === 'error' && one.id === 3)).toMatchObject({
      error: { code: 'cancelled' },
    });
  });

  it('keeps dropped files in a folder of their own and none outside it', async () => {
    const headers = { 'x-tandem-token': session };
    const post = (path: string, body: string) =>
      fetch(`${origin}/drop/${path}`, { method: 'POST', headers, body });
    expect((await post('d1/series%201/a.dcm', 'pixels')).status).toBe(204);
    const sideBySide = ['1', '2', '3', '4'].map((name) => post(`d2/${name}`, name));
    expect((await Promise.all(sideBySide)).map((answer) => answer.status)).toEqual([204, 204, 204, 204]);
    const together = (await (await post('d2/done', '')).json()) as { path: string };
    expect(readdirSync(together.path).sort()).toEqual(['1', '2', '3', '4']);
    expect((await post('d1/%2e%2e%2f%2e%2e%2fescape.dcm', 'x')).status).toBe(400);
    const { path } = (await (await post('d1/done', '')).json()) as { path: string };
    expect(readFileSync(join(path, 'series 1/a.dcm'), 'utf8')).toBe('pixels');
    expect((await fetch(`${origin}/drop/d1/b.dcm`, { method: 'POST', body: 'x' })).status).toBe(403);
  });
});
