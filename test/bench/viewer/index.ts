import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { launchBrowser, openPage, openStudy, startShell } from '../../e2e/workstation.ts';
import { type BenchResult, measureRatesInTurns, shareOf } from '../measure.ts';
import { openingAndClosing } from './openingAndClosing.ts';
import { drawingMemory, pageMemory } from './processes.ts';
import { STEPS, scrollBare, scrollWorkstation } from './scrolled.ts';
import { type BenchVolume, benchVolume, writeNifti } from './volumes.ts';

/**
 * The viewer against a page with cornerstone3D and nothing else: the same volumes, the same Chromium, the same
 * cells, in turns. Build the window before (`npm run build`).
 */

const RUNS = 5;
const WINDOW = { width: 1280, height: 800 };
/** Of the images' part of the window with its side panel away, so that the bare page has as many pixels. */
const BANNERS_PX = 64;

/** A thick-slice target and a reference of another grid, as pairs are. */
const LARGE = benchVolume([512, 512, 160], [0.45, 0.45, 1]);
const PAIR: readonly [BenchVolume, BenchVolume] = [
  benchVolume([384, 384, 60], [0.6, 0.6, 3]),
  benchVolume([256, 256, 170], [0.95, 0.95, 1.05]),
];

export async function benchViewer(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-viewer-'));
  mkdirSync(join(folder, 'large'));
  mkdirSync(join(folder, 'pair'));
  writeNifti(join(folder, 'large', 't2.nii'), LARGE, 0);
  writeNifti(join(folder, 'pair', 't2.nii'), PAIR[0], 0);
  writeNifti(join(folder, 'pair', 't1.nii'), PAIR[1], 2);
  const page = await buildBarePage(folder);
  const server = await serve(folder, page);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return [
      ...(await withShell((url) => scrollingOne(url, address, join(folder, 'large')))),
      ...(await withShell((url) => scrollingLinked(url, address, join(folder, 'pair')))),
      ...(await withShell((url, pid) => openingAndClosing(url, pid, folder, WINDOW))),
    ];
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each with a workstation of its own: its address works in one browser. */
async function withShell(work: (url: string, pid: number) => Promise<BenchResult[]>): Promise<BenchResult[]> {
  const shell = await startShell();
  try {
    const results = await work(shell.url, shell.process.pid!);
    for (const { name, value, unit, ratio } of results) console.error(name, value, unit, ratio ?? '');
    return results;
  } finally {
    await shell.stop();
  }
}

/** One 512 × 512 × 160 volume of floats in one cell, all overlays on; and what it takes in memory. */
async function scrollingOne(url: string, address: string, study: string): Promise<BenchResult[]> {
  const bytes = 4 * LARGE.size[0] * LARGE.size[1] * LARGE.size[2];
  const ours = await workstationPage(url);
  const emptyOurs = await pageMemory(ours.browser, ours.page);
  const emptyDrawing = await drawingMemory(ours.browser);
  await openStudy(ours.page, study);
  await ours.page.locator('[data-volumes="1"]').waitFor({ timeout: 120_000 });
  await ours.page.keyboard.press('b');
  await ours.page.keyboard.press('x');
  // The next layout of cells after all planes is one cell.
  await ours.page.keyboard.press('j');
  await ours.page.locator('[data-layout="1x1"]').waitFor();
  const bare = await barePage(address);
  const emptyBare = await pageMemory(bare.browser, bare.page);
  await load(bare.page, address, 'large/t2.nii', LARGE);
  await show(bare.page, 1, 1, [['large/t2.nii', 'axial']]);
  const rates = await measureRatesInTurns(
    [
      { name: 'bare page, 512×512×160', run: () => scrollBare(bare.page), release: async () => {} },
      {
        name: 'the window, all overlays on',
        run: () => scrollWorkstation(ours.page, ['0-0'], 1),
        release: async () => {},
      },
    ],
    RUNS,
    STEPS,
  );
  const ourBytes = (await pageMemory(ours.browser, ours.page)) - emptyOurs;
  const bareBytes = (await pageMemory(bare.browser, bare.page)) - emptyBare;
  const drawing = (await drawingMemory(ours.browser)) - emptyDrawing;
  await ours.browser.close();
  await bare.browser.close();
  return [
    ...rates,
    shareOf('memory of the window’s page / the volume', ourBytes, bytes),
    shareOf('memory of the bare page / the volume', bareBytes, bytes),
    shareOf('textures of the window / the volume', drawing, bytes),
  ];
}

/** Two series in three linked planes; every step changes all six pictures. */
async function scrollingLinked(url: string, address: string, study: string): Promise<BenchResult[]> {
  const ours = await workstationPage(url);
  await openStudy(ours.page, study);
  await ours.page.locator('[data-volumes="2"]').waitFor({ timeout: 120_000 });
  await ours.page.keyboard.press('b');
  await ours.page.keyboard.press('x');
  const bare = await barePage(address);
  await load(bare.page, address, 'pair/t2.nii', PAIR[0]);
  await load(bare.page, address, 'pair/t1.nii', PAIR[1]);
  await show(
    bare.page,
    3,
    2,
    (['axial', 'sagittal', 'coronal'] as const).flatMap((plane) => [
      ['pair/t2.nii', plane] as const,
      ['pair/t1.nii', plane] as const,
    ]),
  );
  const rates = await measureRatesInTurns(
    [
      { name: 'bare page, six cells', run: () => scrollBare(bare.page), release: async () => {} },
      {
        name: 'the window, three linked planes of two series',
        run: () => scrollWorkstation(ours.page, ['0-0', '1-0', '2-0'], 6),
        release: async () => {},
      },
    ],
    RUNS,
    STEPS,
  );
  await ours.browser.close();
  await bare.browser.close();
  return rates;
}

async function workstationPage(url: string): Promise<{ browser: Browser; page: Page }> {
  const browser = await launchBrowser();
  const { page } = await openPage(browser, url, WINDOW);
  return { browser, page };
}

async function barePage(address: string): Promise<{ browser: Browser; page: Page }> {
  const browser = await launchBrowser();
  const context = await browser.newContext({
    viewport: { width: WINDOW.width, height: WINDOW.height - BANNERS_PX },
  });
  const page = await context.newPage();
  await page.goto(`${address}/bare.html`);
  await page.waitForFunction(() => 'bare' in window);
  return { browser, page };
}

async function load(page: Page, address: string, name: string, volume: BenchVolume): Promise<void> {
  await page.evaluate(
    async ({ id, url, size, spacing, origin }) => {
      const { bare } = window as unknown as { bare: { load: (...args: unknown[]) => Promise<void> } };
      await bare.load(id, url, size, spacing, origin);
    },
    { id: name, url: `${address}/volumes/${name}`, ...volume },
  );
}

async function show(
  page: Page,
  rows: number,
  columns: number,
  cells: readonly (readonly [string, string])[],
): Promise<void> {
  await page.evaluate(
    async (layout) => {
      const { bare } = window as unknown as { bare: { show: (...args: unknown[]) => Promise<void> } };
      await bare.show(layout.rows, layout.columns, layout.cells);
    },
    { rows, columns, cells: cells.map(([volume, plane]) => ({ volume, plane })) },
  );
}

/** Bundles the bare page as the window is bundled. */
async function buildBarePage(folder: string): Promise<string> {
  const root = fileURLToPath(new URL('.', import.meta.url));
  const outDir = join(folder, 'page');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    resolve: { alias: { events: 'events/', url: 'url/' } },
    worker: { format: 'es' },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'chrome140',
      chunkSizeWarningLimit: 6000,
      rollupOptions: { input: join(root, 'bare.html') },
    },
  });
  return outDir;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

function serve(volumes: string, pages: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const isVolume = path.startsWith('/volumes/');
    const file = isVolume ? join(volumes, path.slice('/volumes/'.length)) : join(pages, path);
    if (path.includes('..') || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
