import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../helpers/orthanc.ts';
import {
  brightness,
  expectUsable,
  launchBrowser,
  openPage,
  openStudy,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
} from './workstation.ts';

const SLICES = 40;

/** One user, one study: each test goes on where the one before ended. */
describe('a user whose workstation ends, and who leaves while something runs', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let folder: { path: string; remove: () => Promise<void> };
  let home: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    home = join(folder.path, 'home');
    await tandem(
      'phantom',
      '--out',
      join(folder.path, 'study'),
      '--matrix',
      '96',
      '--slices',
      String(SLICES),
    );
    shell = await startShell(home);
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
    await openStudy(page, join(folder.path, 'study'));
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor({ timeout: 60_000 });
    await task('Enhance').click();
    await page.getByLabel('Model', { exact: true }).selectOption('srcnn-guided-x2');
    await enhance().click();
    await page.locator('[data-outcome]').waitFor({ timeout: 240_000 });
    await page.locator('[data-volumes="3"]').waitFor({ timeout: 60_000 });
  }, 400_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const task = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true });
  const enhance = () => page.getByRole('complementary').getByRole('button', { name: /^Enhance( again)?$/ });
  const alert = () => page.getByRole('alert');

  it('is told when the workstation is gone in the middle of a job, the images still there', async () => {
    await page.getByLabel('Model', { exact: true }).selectOption('glmamba-x2');
    await enhance().click();
    await expect
      .poll(() => page.locator('[data-job="enhance"]').textContent(), { timeout: 120_000 })
      .toMatch(/Enhancing \d/);
    shell.process.kill('SIGKILL');
    await alert().first().waitFor();
    await expect
      .poll(() => alert().allTextContents())
      .toContainEqual(expect.stringContaining('The workstation has stopped'));
    expect(await brightness(page, 'target', 'axial')).toBeGreaterThan(3);
    await expectUsable(page);
  });

  it('starts it again, and the window is back by itself, where it was', async () => {
    const port = new URL(shell.url).port;
    shell = await startShell(home);
    expect(new URL(shell.url).port).toBe(port);
    await expect
      .poll(() => page.getByText('The workstation has stopped').count(), { timeout: 60_000 })
      .toBe(0);
    await expect.poll(() => task('Enhance').getAttribute('aria-current')).toBe('step');
    await expect.poll(() => page.getByRole('button', { name: 'Settings…' }).isEnabled()).toBe(true);
  });

  it('finds the job interrupted, with what was done before still there, and tries it again', async () => {
    await page.getByRole('button', { name: /^Jobs/ }).click();
    const jobs = page.getByRole('dialog', { name: 'Jobs' });
    const interrupted = jobs.locator('[data-queued][data-state="interrupted"]');
    await interrupted.waitFor({ timeout: 60_000 });
    await expect.poll(() => jobs.locator('[data-queued][data-state="done"]').count()).toBe(1);
    await expectUsable(page);
    await interrupted.getByRole('button', { name: /^Retry/ }).click();
    await expect
      .poll(() => jobs.locator('[data-state="running"]').textContent(), { timeout: 120_000 })
      .toMatch(/Enhancing \d/);
    await jobs
      .locator('[data-state="running"]')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await jobs.locator('[data-queued][data-state="cancelled"]').waitFor({ timeout: 60_000 });
    await jobs
      .locator('[data-state="done"]')
      .getByRole('button', { name: /^Open result/ })
      .click();
    await expect.poll(() => page.getByRole('dialog').count(), { timeout: 60_000 }).toBe(0);
    await expect.poll(() => brightness(page, 'enhanced', 'axial'), { timeout: 60_000 }).toBeGreaterThan(3);
  });

  it('exports what was enhanced before the workstation ended', async () => {
    await task('Export').click();
    const out = join(folder.path, 'exported');
    await page.getByLabel('Folder to write to (new or empty)').fill(out);
    await page.getByRole('complementary').getByRole('button', { name: 'Export', exact: true }).click();
    await page.locator('[data-exported]').waitFor({ timeout: 120_000 });
    expect(await readdir(out)).toHaveLength(SLICES);
    await expectUsable(page);
  });

  it('is asked before it leaves while studies are being received, and not when nothing would be lost', async () => {
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.getByRole('button', { name: 'PACS…', exact: true }).click();
    const sheet = page.getByRole('dialog', { name: 'PACS' });
    await sheet.getByRole('tab', { name: /Receive/ }).click();
    await sheet.getByLabel('Port').fill(String(await freePort()));
    await sheet.getByLabel('Listen on').selectOption('This machine only');
    await sheet.getByRole('button', { name: 'Start receiving' }).click();
    await sheet.locator('[data-listening="true"]').waitFor({ timeout: 60_000 });
    await page.close({ runBeforeUnload: true });
    await expect.poll(() => asked, { timeout: 20_000 }).toEqual(['beforeunload']);
    expect(page.isClosed()).toBe(false);
    await sheet.getByRole('button', { name: 'Stop receiving' }).click();
    await sheet.locator('[data-received]').waitFor({ timeout: 60_000 });
    // The connection breaks off with the workstation: that much is told on the console.
    expect(complaints.filter((one) => !/WebSocket connection/.test(one))).toEqual([]);
    await page.close({ runBeforeUnload: true });
    await expect.poll(() => page.isClosed(), { timeout: 20_000 }).toBe(true);
    expect(asked).toEqual(['beforeunload']);
  });
});
