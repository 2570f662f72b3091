import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { findTool } from '../helpers/tools.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const BANNER = 'Research use only — not for diagnosis';

/** Chromium or Chrome: CHROMIUM_PATH, or the first on the PATH. */
export function browserPath(): string {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
  const found = process.env.CHROMIUM_PATH ?? names.map(findTool).find((path) => path !== undefined);
  if (found === undefined) {
    throw new Error('These tests need Chromium or Chrome: install one, or set CHROMIUM_PATH to its program.');
  }
  return found;
}

/** Without a GPU, and quiet. */
export const BROWSER_ARGUMENTS: readonly string[] = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath(), args: [...BROWSER_ARGUMENTS] });
}

export interface RunningShell {
  readonly url: string;
  readonly origin: string;
  readonly process: ChildProcess;
  /** The address that it tells after its window was closed. */
  readonly nextUrl: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/**
 * `tandem serve`, as a user starts it.
 * @param home where it keeps its library and results; a new folder, gone with it, where absent
 */
export async function startShell(home?: string): Promise<RunningShell> {
  const own = home === undefined ? await temporaryFolder() : undefined;
  const data = home ?? own?.path ?? '';
  const child = spawn(process.execPath, [join(root, 'bin/tandem.mjs'), 'serve', '--no-open'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TANDEM_HOME: data,
      TANDEM_SETTINGS: process.env.TANDEM_SETTINGS ?? join(data, 'settings'),
    },
  });
  let said = '';
  const addresses = (): string[] => said.match(/http:\/\/127\.0\.0\.1:\d+\/#token=\S+(?=\n)/g) ?? [];
  const address = async (number: number): Promise<string> => {
    for (;;) {
      const url = addresses()[number];
      if (url !== undefined) return url;
      if (child.exitCode !== null) throw new Error(`tandem serve ended with ${child.exitCode}: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      said += data.toString();
    });
  }
  const url = await address(0);
  return {
    nextUrl: () => address(addresses().length),
    url,
    origin: new URL(url).origin,
    process: child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      await own?.remove();
    },
  };
}

/** Runs one command of `tandem`; throws with what it said where it fails. */
export async function tandem(...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'bin/tandem.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`tandem ${args.join(' ')} ended with ${code}: ${said}`);
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tandem-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A page that notes everything it should not do: console errors, failed and foreign requests. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[];
  /** What has settled on the page is kept on the workstation by now. */
  readonly remembered: () => Promise<void>;
}

/** Longer than the page waits after a row of changes before it sends them to be remembered. */
const SETTLED_MS = 1000;

/** Follows what a page asks to be remembered, until all of it was answered and nothing more came for a while. */
function followRemembering(page: Page): () => Promise<void> {
  const open = new Set<unknown>();
  let lastMs = Date.now();
  const read = (payload: string | Buffer): { type?: unknown; id?: unknown; name?: unknown } => {
    try {
      return JSON.parse(payload.toString()) ?? {};
    } catch {
      return {};
    }
  };
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const { type, id, name } = read(payload);
      if (type !== 'call' || name !== 'remember') return;
      open.add(id);
      lastMs = Date.now();
    });
    socket.on('framereceived', ({ payload }) => {
      const { type, id } = read(payload);
      if (type !== 'progress') open.delete(id);
    });
    socket.on('close', () => open.clear());
  });
  return async () => {
    lastMs = Math.max(lastMs, Date.now());
    await expect.poll(() => open.size === 0 && Date.now() - lastMs > SETTLED_MS).toBe(true);
  };
}

/** A value of the page once it has stopped changing. */
export async function settled<T>(read: () => Promise<T>): Promise<T> {
  let before = await read();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const now = await read();
    if (now === before) return now;
    before = now;
  }
}

export async function openPage(
  browser: Browser,
  url: string,
  size = { width: 1600, height: 1000 },
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: size });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  const { origin } = new URL(url);
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const address = request.url();
    const own = address.startsWith(`${origin}/`) || /^(blob|data):/.test(address);
    if (!own) complaints.push(`request to another origin: ${address}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`HTTP ${response.status()}: ${response.url()}`);
  });
  // Workers and styles too: not every violation is an error on the console.
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`content security policy: ${violatedDirective} forbids ${blockedURI}`);
    });
  });
  const remembered = followRemembering(page);
  await page.goto(url);
  return { page, context, complaints, remembered };
}

/** The banner is there, in full, and nothing lies over it. */
export async function expectBanner(page: Page): Promise<void> {
  const onTop = await page.evaluate((banner) => {
    const element = [...document.querySelectorAll('.banner')].find((one) => one.textContent === banner);
    if (element === undefined) return false;
    const box = element.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.height > 10 && box.top >= 0 && box.bottom <= window.innerHeight && element.contains(top);
  }, BANNER);
  expect(onTop).toBe(true);
}

/** What is shown is checked in the light theme and in the dark one, which stays. */
export async function inEveryTheme(page: Page, check: () => Promise<void>): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
    await check();
  }
}

/** The banner, and no violation of axe's rules, in both themes. */
export function expectAccessibleInEveryTheme(page: Page): Promise<void> {
  return inEveryTheme(page, async () => {
    await expectBanner(page);
    await expectAccessible(page);
  });
}

/** The smaller is a window of 1280 × 800 at 200 %. */
const SMALL_WINDOWS = [
  { width: 900, height: 600 },
  { width: 640, height: 400 },
];

/** In small windows the banner is there, every control can be reached, and nothing scrolls sideways. */
export async function expectFitsSmallWindows(page: Page): Promise<void> {
  const before = page.viewportSize();
  for (const size of SMALL_WINDOWS) {
    await page.setViewportSize(size);
    await expectBanner(page);
    const where = `at ${size.width} × ${size.height}`;
    await expect.poll(() => misfits(page), { timeout: 10_000, message: where }).toEqual([]);
  }
  if (before !== null) await page.setViewportSize(before);
}

/** Both themes and small windows: what every screen and dialog must stand. */
export async function expectUsable(page: Page): Promise<void> {
  await expectAccessibleInEveryTheme(page);
  await expectFitsSmallWindows(page);
}

/** Controls that are on the page and cannot be scrolled into the window, and places that scroll sideways. */
function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const named = (element: Element): string =>
      `${element.tagName} ${element.className} “${element.getAttribute('aria-label') ?? element.textContent?.slice(0, 40)}”`;
    /** Tables and the row of tasks may: they are made for it. */
    const mayScroll = '.table-scroll, .table-place, .tasks, pre, [role="toolbar"]';
    const sideways = [
      ...document.querySelectorAll('html, .panel, .start, [role="dialog"], [role="dialog"] *'),
    ]
      .filter((element) => element.closest(mayScroll) === null)
      .filter((element) => {
        const { overflowX } = getComputedStyle(element);
        const isRoot = element === document.documentElement;
        return (isRoot || /auto|scroll/.test(overflowX)) && element.scrollWidth > element.clientWidth + 1;
      })
      .map((element) => `scrolls sideways: ${named(element)}`);
    const scrolls = (element: Element): boolean => {
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        if (/auto|scroll/.test(overflowX + overflowY) && at !== document.documentElement) return true;
      }
      return false;
    };
    const dialog = [...document.querySelectorAll('[role="dialog"]')].at(-1);
    const controls = (dialog ?? document).querySelectorAll('button, input, select, textarea, [tabindex="0"]');
    const clipped = [...controls]
      .filter((element) => {
        const box = element.getBoundingClientRect();
        const isHidden = box.width === 0 || getComputedStyle(element).visibility === 'hidden';
        if (isHidden || scrolls(element)) return false;
        const { innerWidth, innerHeight } = window;
        return box.left < -1 || box.right > innerWidth + 1 || box.top < -1 || box.bottom > innerHeight + 1;
      })
      .map((element) => `out of the window: ${named(element)}`);
    return [...sideways, ...clipped];
  });
}

/** Tab, as often as it takes: fails where the keyboard does not get there. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  // Radios are drawn by their labels: they are there, and have no size.
  await wanted.waitFor({ state: 'attached' });
  await expect.poll(() => wanted.isEnabled(), { timeout: 60_000 }).toBe(true);
  for (let n = 0; n < 250; n++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${wanted} is not reached by Tab`);
}

/** Presses a control as who has no mouse does: it is reached by Tab, then Enter. */
export async function press(page: Page, wanted: Locator): Promise<void> {
  await tabTo(page, wanted);
  await page.keyboard.press('Enter');
}

/** No violation of axe's rules, however small. */
export async function expectAccessible(page: Page): Promise<void> {
  await transitionsEnded(page);
  // The other mode opens a page of its own for every answer, which takes the page under test out of the foreground.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
  ).toEqual([]);
}

/** The longest that a transition of the window takes, and the patience of a busy machine, in milliseconds. */
const TRANSITION_MS = 3000;

/** What is still fading in has too little contrast, on a busy machine for long; what never ends is not waited for. */
async function transitionsEnded(page: Page): Promise<void> {
  await page.evaluate(async (patience) => {
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const ended = async (): Promise<void> => {
      await nextFrame();
      await nextFrame();
      const ending = document
        .getAnimations()
        .filter((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime));
      await Promise.allSettled(ending.map((animation) => animation.finished));
    };
    await Promise.race([ended(), new Promise((resolve) => setTimeout(resolve, patience))]);
  }, TRANSITION_MS);
}

export async function openStudy(page: Page, path: string): Promise<void> {
  const field = page.getByLabel('Folder or file');
  await field.fill(path);
  await field.press('Enter');
}

/** A viewport of one series and plane. */
export function viewport(page: Page, column: string, plane: string) {
  return page.locator(`[data-column="${column}"][data-plane="${plane}"]`);
}

export async function sliceOf(page: Page, column: string, plane: string): Promise<number> {
  return Number(await viewport(page, column, plane).getAttribute('data-slice'));
}

/**
 * Mean brightness (0–255) of what a viewport shows, over the pixels of its canvas. Labels change before
 * the image is drawn: what later readings are compared with is read through `settled`.
 */
export async function brightness(page: Page, column: string, plane: string): Promise<number> {
  return viewport(page, column, plane).evaluate((element) => {
    const canvas = element.querySelector('canvas');
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return 0;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let n = 0; n < data.length; n += 4) sum += data[n] ?? 0;
    return sum / (data.length / 4);
  });
}

/** Ends the compute host of a shell as the system would, out of memory. */
export function killHost(shell: RunningShell): void {
  const pids = below(shell.process.pid!).filter((pid) => commandOf(pid).includes('hostProcess'));
  expect(pids).toHaveLength(1);
  process.kill(pids[0]!, 'SIGKILL');
}

function below(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  const children = stdout.split('\n').map(Number).filter(Boolean);
  return children.flatMap((child) => [child, ...below(child)]);
}

function commandOf(pid: number): string {
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}
