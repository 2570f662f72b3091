import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

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

function privateBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].map(([, kB]) =>
    Number(kB),
  );
  return kilobytes.reduce((sum, kB) => sum + kB * 1024, 0);
}
