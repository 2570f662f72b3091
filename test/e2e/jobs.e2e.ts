import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  brightness,
  expectBanner,
  expectUsable,
  killHost,
  launchBrowser,
  openPage,
  openStudy,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
} from './workstation.ts';

describe('a user who is rough with jobs', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let remembered: () => Promise<void>;
  let folder: { path: string; remove: () => Promise<void> };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await tandem('phantom', '--out', join(folder.path, 'study'), '--matrix', '96', '--slices', '40');
    shell = await startShell(join(folder.path, 'home'));
    browser = await launchBrowser();
    ({ page, complaints, remembered } = await openPage(browser, shell.url));
    await openStudy(page, join(folder.path, 'study'));
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const panel = () => page.getByRole('complementary');
  const sheet = () => page.getByRole('dialog', { name: 'Jobs' });
  const jobs = () => sheet().locator('[data-queued]');
  const inState = (state: string) => sheet().locator(`[data-queued][data-state="${state}"]`);
  const task = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true });
  const openJobs = () => page.getByRole('button', { name: /^Jobs/ }).click();
  const closeJobs = async (): Promise<void> => {
    await page.getByRole('dialog', { name: 'Jobs' }).getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  };

  /** With the reference that was suggested, or with none. */
  async function usePair(withReference: boolean): Promise<void> {
    await task('Pair').click();
    const reference = page.getByLabel('Reference', { exact: true });
    const values = await reference
      .locator('option')
      .evaluateAll((options: HTMLOptionElement[]) =>
        options.filter(({ text, disabled }) => /T1/.test(text) && !disabled).map(({ value }) => value),
      );
    await reference.selectOption(withReference ? (values[0] ?? '') : '');
  }

  async function start(): Promise<void> {
    await task('Enhance').click();
    await panel()
      .getByRole('button', { name: /^Enhance( again)?$/ })
      .click();
  }

  it('starts two jobs: one runs, the other waits its turn', async () => {
    await start();
    await expect.poll(() => page.locator('.jobs-button').getAttribute('data-unfinished')).toBe('1');
    // Another model for the same pair, while the first runs.
    await openJobs();
    await inState('running').waitFor();
    await closeJobs();
    await usePair(false);
    await start();
    await openJobs();
    await expect.poll(() => inState('waiting').count(), { timeout: 60_000 }).toBe(1);
    expect(await inState('waiting').textContent()).toContain('Next');
    await expect
      .poll(() => inState('running').textContent(), { timeout: 120_000 })
      .toMatch(/Enhancing \d+ of 40/);
    await expectBanner(page);
  });

  it('cancels the one that waits, then the one that runs', async () => {
    await inState('waiting')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await inState('cancelled').waitFor();
    await inState('running')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await expect.poll(() => inState('cancelled').count(), { timeout: 60_000 }).toBe(2);
    expect(await results()).toEqual([]);
    await expectUsable(page);
    await page.getByRole('button', { name: 'Clear ended jobs' }).click();
    await expect.poll(() => jobs().count()).toBe(0);
    await closeJobs();
  });

  it('unplugs the disk before a job’s turn, is told which folder is missing, plugs it in and tries again', async () => {
    const study = join(folder.path, 'study');
    await usePair(true);
    await start();
    await page
      .locator('[data-header-job]')
      .getByText(/Enhancing \d/)
      .waitFor({ timeout: 120_000 });
    await panel().getByRole('button', { name: 'Enhance after the running job' }).click();
    await openJobs();
    await inState('waiting').waitFor();
    await rename(study, join(folder.path, 'unplugged'));
    try {
      await inState('running')
        .getByRole('button', { name: /^Cancel/ })
        .click();
      const failed = inState('failed');
      await failed.waitFor({ timeout: 60_000 });
      expect(await failed.locator('[data-code]').getAttribute('data-code')).toBe('not-found');
      expect(await failed.textContent()).toContain(study);
    } finally {
      await rename(join(folder.path, 'unplugged'), study);
    }
    await inState('failed')
      .getByRole('button', { name: /^Retry/ })
      .click();
    await expect.poll(() => inState('running').textContent(), { timeout: 120_000 }).toMatch(/Enhancing \d/);
    await inState('running')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await expect.poll(() => inState('cancelled').count(), { timeout: 30_000 }).toBe(2);
    await page.getByRole('button', { name: 'Clear ended jobs' }).click();
    await expect.poll(() => jobs().count()).toBe(0);
    await closeJobs();
  });

  it('loses the compute process in the middle, is told plainly, and tries again', async () => {
    await usePair(true);
    await start();
    await openJobs();
    await expect.poll(() => inState('running').textContent(), { timeout: 120_000 }).toMatch(/Enhancing \d/);
    killHost(shell);
    const failed = inState('failed');
    await failed.waitFor();
    expect(await failed.locator('[data-code]').getAttribute('data-code')).toBe('host-crashed');
    expect(await failed.textContent()).toContain('ended unexpectedly');
    await expectUsable(page);
    await failed.getByRole('button', { name: /^Retry/ }).click();
    await expect.poll(() => inState('running').textContent(), { timeout: 120_000 }).toMatch(/Enhancing \d/);
  });

  it('closes the window while a job runs, comes back, and the result is there', async () => {
    const next = shell.nextUrl();
    await page.context().close();
    const url = await next;
    const opened = await openPage(browser, url);
    ({ page, remembered } = opened);
    complaints.push(...opened.complaints);
    complaints = opened.complaints;
    // Back at the pair, whose job went on.
    await page.locator('[data-volumes]').waitFor({ timeout: 60_000 });
    await openJobs();
    await inState('done').waitFor({ timeout: 240_000 });
    await inState('done')
      .getByRole('button', { name: /^Open result/ })
      .click();
    await expect.poll(() => page.getByRole('dialog').count(), { timeout: 30_000 }).toBe(0);
    await expect.poll(() => task('Review').getAttribute('aria-current')).toBe('step');
    await expect.poll(() => brightness(page, 'enhanced', 'axial'), { timeout: 60_000 }).toBeGreaterThan(3);
    expect(await results()).toHaveLength(1);
  });

  it('ends the whole workstation, and the enhanced series is there at the next start, and is exported', async () => {
    await remembered();
    await shell.stop();
    await page.context().close();
    shell = await startShell(join(folder.path, 'home'));
    const opened = await openPage(browser, shell.url);
    ({ page, complaints } = opened);
    await expect.poll(() => brightness(page, 'enhanced', 'axial'), { timeout: 120_000 }).toBeGreaterThan(3);
    await task('Export').click();
    const out = join(folder.path, 'exported');
    await page.getByLabel('Folder to write to (new or empty)').fill(out);
    await panel().getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByText('40 files written').waitFor({ timeout: 120_000 });
    const [file] = (await readdir(out)).filter((name) => name.endsWith('.dcm'));
    const bytes = await readFile(join(out, file ?? ''));
    expect(bytes.subarray(128, 132).toString('latin1')).toBe('DICM');
  });

  it('sees in the library what was enhanced with which model, and where it was exported', async () => {
    await task('Studies').click();
    await page.getByRole('button', { name: 'Open another' }).click();
    const study = page.locator('.library-study');
    await expect.poll(() => study.textContent()).toMatch(/enhanced once · ×2 edsr-guided-folded-x2/);
    await study.getByText('Series and results').click();
    const made = study.locator('[data-enhancement]');
    await expect.poll(() => made.textContent()).toContain(`exported to ${join(folder.path, 'exported')}`);
    await expectUsable(page);
    await made.getByRole('button', { name: /^Open result/ }).click();
    await expect.poll(() => brightness(page, 'enhanced', 'axial'), { timeout: 60_000 }).toBeGreaterThan(3);
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(complaints.filter((one) => !/WebSocket connection/.test(one))).toEqual([]);
  });

  async function results(): Promise<string[]> {
    return readdir(join(folder.path, 'home/results')).catch(() => []);
  }
});
