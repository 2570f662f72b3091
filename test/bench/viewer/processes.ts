import { existsSync, readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

/** One process of a browser. */
export interface BrowserProcess {
  /** As the protocol has it: `renderer`, `GPU`, `browser` … */
  readonly type: string;
  readonly pid: number;
  /** Held by it and no other. */
  readonly bytes: number;
}

/** Bytes that a page's process holds by itself, after its garbage was collected; Linux only. */
export async function pageMemory(browser: Browser, page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  for (let n = 0; n < 3; n++) {
    await session.send('HeapProfiler.collectGarbage');
    await page.waitForTimeout(300);
  }
  await session.detach();
  const all = await browser.newBrowserCDPSession();
  const { processInfo } = await all.send('SystemInfo.getProcessInfo');
  await all.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => privateBytes(id));
  // The one page of this browser is by far the largest.
  return Math.max(...renderers);
}

/** Bytes of the process that draws: textures. */
export async function drawingMemory(browser: Browser): Promise<number> {
  const all = await browser.newBrowserCDPSession();
  const { processInfo } = await all.send('SystemInfo.getProcessInfo');
  await all.detach();
  return Math.max(...processInfo.filter(({ type }) => type === 'GPU').map(({ id }) => privateBytes(id)));
}

/** Bytes that a process holds and shares with no other; 0 where it has ended meanwhile. */
export function privateBytes(pid: number): number {
  if (!existsSync(`/proc/${pid}`)) return 0;
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].map(([, kB]) =>
    Number(kB),
  );
  return kilobytes.reduce((sum, kB) => sum + kB * 1024, 0);
}

/** A process and all that it started and what these started; Linux only. */
export function processTree(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  const children = readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(processTree)];
}

/** Ticks of `/proc`’s clock a second: the same on every Linux that Chromium runs on. */
const TICKS = 100;

/** Seconds of one processor that processes have used since they began. */
export function processorSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    if (!existsSync(`/proc/${pid}`)) return sum;
    // The name, in brackets, may hold blanks; user and system time are the 14th and 15th field.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS;
  }, 0);
}
