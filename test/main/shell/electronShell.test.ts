import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { contractChannel, pickFileChannel, pickFolderChannel } from '../../../src/core/contract/bridge.ts';
import type { Workstation } from '../../../src/core/contract/workstation.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { rendererFolder } from '../../../src/main/paths.ts';
import { VoxelShelf } from '../../../src/main/shell/contractSession.ts';
import { DropShelf } from '../../../src/main/shell/dropShelf.ts';

/** The parts of Electron that the shell calls, played by the test. */
const electron = vi.hoisted(() => ({
  on: new Map<string, (...args: never[]) => unknown>(),
  handle: new Map<string, (...args: never[]) => unknown>(),
  app: new Map<string, (...args: never[]) => unknown>(),
  permissions: {} as Record<string, (...args: unknown[]) => unknown>,
  protocol: undefined as ((request: Request) => Promise<Response> | Response) | undefined,
  privileges: [] as { scheme: string; privileges: Record<string, boolean> }[],
  asked: [] as unknown[],
  windows: [] as { webPreferences: Record<string, unknown> }[],
}));

vi.mock('electron', () => {
  class BrowserWindow {
    constructor(options: { webPreferences: Record<string, unknown> }) {
      electron.windows.push(options);
    }
    static fromWebContents = () => ({});
    once() {}
    on() {}
    loadURL = async () => {};
  }
  const permission = (name: string) => (handler: (...args: unknown[]) => unknown) => {
    electron.permissions[name] = handler;
  };
  return {
    BrowserWindow,
    app: { on: (name: string, listener: () => unknown) => electron.app.set(name, listener) },
    dialog: {
      showOpenDialog: async (_window: unknown, options: unknown) => {
        electron.asked.push(options);
        return { canceled: false, filePaths: ['/chosen'] };
      },
    },
    ipcMain: {
      on: (name: string, listener: () => unknown) => electron.on.set(name, listener),
      handle: (name: string, listener: () => unknown) => electron.handle.set(name, listener),
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: typeof electron.privileges) =>
        electron.privileges.push(...schemes),
      handle: (_scheme: string, handler: NonNullable<typeof electron.protocol>) => {
        electron.protocol = handler;
      },
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: permission('request'),
        setPermissionCheckHandler: permission('check'),
        setDevicePermissionHandler: permission('device'),
      },
    },
  };
});

const { serveContract } = await import('../../../src/main/shell/electronContract.ts');
const { registerScheme, serveProtocol } = await import('../../../src/main/shell/electronProtocol.ts');
const { denyPermissions, lockNavigation } = await import('../../../src/main/shell/electronSecurity.ts');
const { openWindow } = await import('../../../src/main/shell/electronWindow.ts');

/** A page: what it was sent, and its events. */
class Page extends EventEmitter {
  readonly id: number;
  readonly received: unknown[] = [];
  constructor(id: number) {
    super();
    this.id = id;
  }
  isDestroyed = () => false;
  send = (_channel: string, message: unknown) => this.received.push(message);
}

const own = { url: 'app://tandem/', parent: null };
let cancelled = 0;
const workstation: Workstation = {
  call: (_name, _request, options) =>
    new Promise((_resolve, reject) => {
      options?.onProgress?.({ stage: 'reading', done: 1, total: 2 });
      options?.signal?.addEventListener('abort', () => {
        cancelled++;
        reject(new TandemError('cancelled', 'Cancelled'));
      });
    }),
};
const call = { type: 'call', id: 1, name: 'list', request: { paths: ['/'] } };
const say = (sender: Page, message: unknown, senderFrame: unknown = own) =>
  electron.on.get(contractChannel)?.({ sender, senderFrame } as never, message as never);

beforeEach(() => {
  cancelled = 0;
  serveContract(workstation, new VoxelShelf());
});

describe('Electron’s side of the contract', () => {
  it.each([
    ['another origin', { url: 'https://evil.example/', parent: null }],
    ['an origin that begins alike', { url: 'app://tandem.evil/', parent: null }],
    ['a frame inside the page', { url: 'app://tandem/', parent: own }],
    ['a frame that is gone', null],
  ])('does not answer %s', async (_what, frame) => {
    const page = new Page(1);
    say(page, call, frame);
    expect(page.received).toEqual([]);
    expect(
      await electron.handle.get(pickFolderChannel)?.({ sender: page, senderFrame: frame } as never),
    ).toBe(null);
    const event = { sender: page, senderFrame: frame } as never;
    expect(await electron.handle.get(pickFileChannel)?.(event, 'labels' as never)).toBe(null);
  });

  it('answers its own page, and picks folders for it', async () => {
    const page = new Page(1);
    say(page, call);
    expect(page.received).toEqual([
      { type: 'progress', id: 1, progress: { stage: 'reading', done: 1, total: 2 } },
    ]);
    const picked = electron.handle.get(pickFolderChannel)?.({ sender: page, senderFrame: own } as never);
    expect(await picked).toBe('/chosen');
  });

  it('picks files of a kind, and nothing for a kind that there is not', async () => {
    const event = { sender: new Page(1), senderFrame: own } as never;
    const pick = (kind: unknown) => electron.handle.get(pickFileChannel)?.(event, kind as never);
    electron.asked.length = 0;
    expect(await pick('values')).toBe('/chosen');
    expect(electron.asked[0]).toMatchObject({
      properties: ['openFile'],
      filters: [{ extensions: ['nii', 'gz'] }, { extensions: ['*'] }],
    });
    // A DICOM file may be called anything: the list begins with everything.
    await pick('labels');
    expect(electron.asked[1]).toMatchObject({
      filters: [{ extensions: ['*'] }, { extensions: ['nii', 'gz', 'dcm'] }],
    });
    expect(await pick('../etc/passwd')).toBe(null);
    expect(electron.asked).toHaveLength(2);
  });

  it('drops what is not of the contract without an error that would end the process', () => {
    const page = new Page(1);
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(() => say(page, { type: 'call', id: 1, name: 'format-disk' })).not.toThrow();
    expect(complain).toHaveBeenCalledWith(expect.stringMatching(/^usage: /));
    complain.mockRestore();
  });

  it('cancels a page’s jobs when it is reloaded, crashes or closes, not when its address changes in place', () => {
    for (const [event, details, ends] of [
      ['did-start-navigation', { isMainFrame: true, isSameDocument: true }, 0],
      ['did-start-navigation', { isMainFrame: false, isSameDocument: false }, 0],
      ['did-start-navigation', { isMainFrame: true, isSameDocument: false }, 1],
      ['render-process-gone', {}, 1],
      ['destroyed', undefined, 1],
    ] as const) {
      const page = new Page(1);
      cancelled = 0;
      say(page, call);
      page.emit(event, details);
      expect([event, cancelled]).toEqual([event, ends]);
      page.emit('destroyed');
    }
  });

  it('listens to a page once, however often it is reloaded', () => {
    const page = new Page(1);
    for (let turn = 0; turn < 20; turn++) {
      say(page, call);
      page.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    }
    expect(cancelled).toBe(20);
    expect(page.listenerCount('did-start-navigation')).toBe(1);
    expect(page.listenerCount('destroyed')).toBe(1);
  });
});

describe('Electron’s security checklist', () => {
  it('opens a window that is sandboxed, isolated and without Node', () => {
    openWindow();
    expect(electron.windows.at(-1)?.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
    });
  });

  it('grants no permission', () => {
    denyPermissions();
    const answer = vi.fn();
    electron.permissions.request?.({}, 'media', answer);
    expect(answer).toHaveBeenCalledWith(false);
    expect(electron.permissions.check?.()).toBe(false);
    expect(electron.permissions.device?.()).toBe(false);
  });

  it('stays on its own pages: no other address, no redirect, no new window, no webview', () => {
    lockNavigation();
    const contents = Object.assign(new EventEmitter(), {
      opened: undefined as undefined | (() => unknown),
      setWindowOpenHandler(handler: () => unknown) {
        this.opened = handler;
      },
    });
    electron.app.get('web-contents-created')?.({} as never, contents as never);
    const prevented = (event: string, url: string) => {
      const preventDefault = vi.fn();
      contents.emit(event, { url, preventDefault });
      return preventDefault.mock.calls.length > 0;
    };
    expect(prevented('will-frame-navigate', 'app://tandem/')).toBe(false);
    for (const url of ['https://evil.example/', 'file:///etc/passwd', 'app://other/', 'javascript:1']) {
      expect(prevented('will-frame-navigate', url)).toBe(true);
    }
    expect(prevented('will-redirect', 'app://tandem/')).toBe(true);
    expect(prevented('will-attach-webview', '')).toBe(true);
    expect(contents.opened?.()).toEqual({ action: 'deny' });
  });

  it('has an origin of its own that serves its pages and nothing outside them', async () => {
    registerScheme();
    expect(electron.privileges).toMatchObject([
      { scheme: 'app', privileges: { standard: true, secure: true } },
    ]);
    expect(electron.privileges[0]?.privileges).not.toHaveProperty('bypassCSP');
    serveProtocol(new VoxelShelf(), new DropShelf());
    const status = async (url: string) => (await electron.protocol?.(new Request(url)))?.status;
    const ups = ['../', '..%2f', '%2e%2e/', '%2e%2e%2f', '..%5c', '....//', './../'];
    const ends = ['package.json', 'src/main/index.ts', 'out/main/index.js'];
    for (const up of ups) {
      for (const end of ends) {
        for (const many of [1, 2, 3]) expect(await status(`app://tandem/${up.repeat(many)}${end}`)).toBe(404);
      }
    }
    expect(await status('app://tandem//etc/passwd.json')).toBe(404);
    expect(await status('app://tandem/%00index.html')).toBe(404);
    expect(await status('app://elsewhere/index.html')).toBe(404);
    if (existsSync(rendererFolder)) expect(await status('app://tandem/index.html')).toBe(200);
  });
});
