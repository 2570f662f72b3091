import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BROWSER_ARGUMENTS, browserPath } from '../../e2e/workstation.ts';
import { connectDevTools, type DevTools } from './devTools.ts';
import { type BrowserProcess, privateBytes } from './processes.ts';

/**
 * A page whose memory is its own. Playwright switches on the protocol's record of the network, which keeps the
 * bodies of responses (each to 20 MB, together to 100 MB) within the page's process: volumes of studies that
 * were closed long ago.
 */
export interface UnwatchedPage {
  /** The browser's first process. */
  readonly pid: number;
  readonly evaluate: (expression: string) => Promise<unknown>;
  /** Resolves when an expression is true; rejects after a minute. */
  readonly until: (expression: string) => Promise<void>;
  /** Types into what has the focus. */
  readonly type: (words: string) => Promise<void>;
  readonly press: (key: 'Enter' | 'Control+O') => Promise<void>;
  readonly collectGarbage: () => Promise<void>;
  /** Says that memory is short, as the system does. */
  readonly shortenMemory: () => Promise<void>;
  /** The browser's processes with the bytes that each holds by itself; Linux only. */
  readonly processes: () => Promise<BrowserProcess[]>;
  readonly close: () => Promise<void>;
}

export interface WindowSize {
  readonly width: number;
  readonly height: number;
}

const KEYS = {
  Enter: { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
  'Control+O': { key: 'o', code: 'KeyO', windowsVirtualKeyCode: 79, modifiers: 2 },
};

const PATIENCE_MS = 60_000;
const POLL_MS = 30;

export async function openUnwatched(url: string, size: WindowSize): Promise<UnwatchedPage> {
  const profile = mkdtempSync(join(tmpdir(), 'tandem-unwatched-'));
  const browser = spawn(
    browserPath(),
    [
      ...BROWSER_ARGUMENTS,
      '--headless=new',
      '--no-first-run',
      '--disable-extensions',
      '--disable-component-extensions-with-background-pages',
      `--user-data-dir=${profile}`,
      '--remote-debugging-port=0',
      url,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(browser, 'exit');
  const remove = (): void => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const tools = await connectDevTools(await addressOf(profile));
    const session = await attach(tools, url, size);
    const close = async (): Promise<void> => {
      await tools.send('Browser.close').catch(() => {});
      tools.close();
      await ended;
      remove();
    };
    return { pid: browser.pid!, ...commands(tools, session), close };
  } catch (error) {
    browser.kill();
    await ended;
    remove();
    throw error;
  }
}

function commands(tools: DevTools, session: string): Omit<UnwatchedPage, 'close' | 'pid'> {
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = (await tools.send(
      'Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true },
      session,
    )) as { result: { value?: unknown }; exceptionDetails?: { text: string } };
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  };
  return {
    evaluate,
    until: (expression) => waitFor(expression, async () => (await evaluate(expression)) === true),
    type: async (words) => {
      await tools.send('Input.insertText', { text: words }, session);
    },
    press: async (name) => {
      await tools.send('Input.dispatchKeyEvent', { type: 'keyDown', ...KEYS[name] }, session);
      await tools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...KEYS[name], text: undefined }, session);
    },
    collectGarbage: async () => {
      await tools.send('HeapProfiler.collectGarbage', {}, session);
    },
    shortenMemory: async () => {
      await tools.send('Memory.simulatePressureNotification', { level: 'critical' }, session);
    },
    processes: async () => {
      const { processInfo } = (await tools.send('SystemInfo.getProcessInfo')) as {
        processInfo: readonly { readonly type: string; readonly id: number }[];
      };
      return processInfo.map(({ type, id }) => ({ type, pid: id, bytes: privateBytes(id) }));
    },
  };
}

/** Where the browser listens, which it writes into its profile. */
async function addressOf(profile: string): Promise<string> {
  const file = join(profile, 'DevToolsActivePort');
  let address = '';
  await waitFor('the browser', async () => {
    const [port, path] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    if (path === undefined) return false;
    address = `ws://127.0.0.1:${port}${path}`;
    return true;
  });
  return address;
}

async function attach(tools: DevTools, url: string, size: WindowSize): Promise<string> {
  let targetId = '';
  await waitFor(url, async () => {
    const { targetInfos } = (await tools.send('Target.getTargets')) as {
      targetInfos: readonly { readonly type: string; readonly targetId: string; readonly url: string }[];
    };
    const { origin } = new URL(url);
    targetId =
      targetInfos.find((target) => target.type === 'page' && target.url.startsWith(origin))?.targetId ?? '';
    return targetId !== '';
  });
  const { sessionId } = await tools.send('Target.attachToTarget', { targetId, flatten: true });
  // Keys go to the page that is looked at.
  await tools.send('Emulation.setFocusEmulationEnabled', { enabled: true }, sessionId as string);
  const metrics = { ...size, deviceScaleFactor: 1, mobile: false };
  await tools.send('Emulation.setDeviceMetricsOverride', metrics, sessionId as string);
  return sessionId as string;
}

async function waitFor(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
