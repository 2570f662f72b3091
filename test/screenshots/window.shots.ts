import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import {
  launchBrowser,
  openPage,
  type RunningShell,
  startShell,
  temporaryFolder,
} from '../e2e/workstation.ts';

const out = fileURLToPath(new URL('../../docs/images/', import.meta.url));

describe('screenshots of every screen, on the digital phantom', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let folder: { path: string; remove: () => Promise<void> };

  beforeAll(async () => {
    await mkdir(out, { recursive: true });
    folder = await temporaryFolder();
    shell = await startShell();
    browser = await launchBrowser();
    ({ page } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const shot = async (name: string): Promise<void> => {
    // What was pressed last keeps no ring round it.
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.waitForTimeout(700);
    await page.screenshot({ path: join(out, `${name}.png`) });
  };
  const task = async (name: string): Promise<void> => {
    await page.getByRole('navigation').getByRole('button', { name }).click();
    await page.locator(`[data-task="${name.toLowerCase()}"]`).waitFor();
  };
  const sheet = async (button: string, name: string, file: string): Promise<void> => {
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('dialog', { name }).waitFor();
    await shot(file);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };

  /** A length, a region and a profile in the enhanced image, with the numbers of the others beside them. */
  const measure = async (): Promise<void> => {
    const box = await page.locator('.viewport[data-column="enhanced"]').boundingBox();
    if (box === null) throw new Error('The enhanced image is not on the page');
    const lines: [string, number, number, number, number][] = [
      ['d', 0.35, 0.42, 0.65, 0.42],
      ['e', 0.42, 0.5, 0.5, 0.56],
      ['Shift+D', 0.3, 0.6, 0.7, 0.6],
    ];
    for (const [key, left, top, right, bottom] of lines) {
      await page.keyboard.press(key);
      await page.mouse.move(box.x + left * box.width, box.y + top * box.height);
      await page.mouse.down();
      await page.mouse.move(box.x + right * box.width, box.y + bottom * box.height, { steps: 4 });
      await page.mouse.up();
    }
    await page.locator('[data-profile="Profile 1"]').waitFor();
    await page.keyboard.press('w');
  };

  it('takes them', async () => {
    const tryIt = page.getByRole('button', { name: 'Try it with the digital phantom' });
    await page.locator('button:enabled', { hasText: 'Try it with' }).waitFor();
    await page.getByText('No study yet').waitFor();
    await shot('start');
    await sheet('Browse…', 'Choose a folder', 'folder');
    await sheet('De-identify a folder…', 'De-identify', 'deidentify');
    await tryIt.click();
    await page.getByRole('region', { name: 'Tour' }).waitFor({ timeout: 180_000 });
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 120_000 });
    await shot('studies');
    await task('Pair');
    await shot('pair');
    await page.getByRole('button', { name: 'Leave the tour' }).click();
    await task('Align');
    await page
      .getByRole('button', { name: /^Accept and go on|^Go on to Enhance/ })
      .and(page.locator(':enabled'))
      .waitFor({ timeout: 120_000 });
    await shot('align');
    await page.getByRole('checkbox', { name: 'Adjust by hand' }).check();
    await shot('align-by-hand');
    await page.getByRole('checkbox', { name: 'Adjust by hand' }).uncheck();
    await task('Enhance');
    await page.locator('[data-estimate="sample"], [data-estimate="run"]').waitFor({ timeout: 120_000 });
    await shot('enhance');
    await page.getByRole('complementary').getByRole('button', { name: 'Enhance', exact: true }).click();
    await page.locator('[data-outcome]').waitFor({ timeout: 240_000 });
    await page.locator('[data-volumes="3"]').waitFor({ timeout: 120_000 });
    await shot('enhanced');
    await task('Review');
    await page.keyboard.press('a');
    await shot('review');
    await page.emulateMedia({ colorScheme: 'light' });
    await shot('review-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await measure();
    await shot('review-measurements');
    await page.getByLabel('Layout', { exact: true }).selectOption('1x2');
    await page.getByLabel('How', { exact: true }).selectOption('difference');
    await page.locator('.colour-scale').waitFor({ timeout: 60_000 });
    await shot('review-difference');
    await page.getByLabel('How', { exact: true }).selectOption('off');
    await page.keyboard.press('q');
    await page.locator('[data-volumes="3"]').waitFor({ timeout: 60_000 });
    await page.setViewportSize({ width: 640, height: 400 });
    await shot('review-small');
    await page.setViewportSize({ width: 1280, height: 800 });
    await task('Export');
    await shot('export');
    const out = join(folder.path, 'enhanced-series');
    await page.getByLabel('Folder to write to (new or empty)').fill(out);
    await page.getByRole('complementary').getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('heading', { name: 'Check before sending' }).waitFor({ timeout: 120_000 });
    await page.locator('[data-errors]').scrollIntoViewIfNeeded();
    await shot('exported');
    await sheet('Other exports…', 'Other exports', 'other-exports');
    await page.getByRole('button', { name: 'PACS…', exact: true }).click();
    await page.getByRole('button', { name: 'Set up a PACS', exact: true }).click();
    await page.getByRole('button', { name: 'Add a PACS' }).click();
    await page.getByRole('dialog', { name: 'New PACS' }).waitFor();
    await shot('pacs');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await sheet('Models…', 'Models', 'models');
    await page.getByRole('button', { name: 'Models…', exact: true }).click();
    await page.getByRole('tab').nth(1).click();
    await shot('finetuning');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await sheet('Settings…', 'Settings', 'settings');
    await sheet('Help', 'Help', 'help');
    await sheet('Find a command', 'Commands', 'commands');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor();
    await shot('shortcuts');
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await page.getByRole('tab', { name: 'Diagnostics' }).click();
    await page.getByRole('region', { name: 'Diagnostics as text' }).waitFor({ timeout: 60_000 });
    await shot('diagnostics');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+J');
    await page.getByRole('dialog', { name: 'Jobs' }).waitFor();
    await shot('jobs');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await task('Studies');
    await page.getByRole('button', { name: 'Open another' }).click();
    await page.getByText('Series and results').click();
    await page.locator('[data-thumbnail="made"]').nth(2).waitFor({ timeout: 60_000 });
    await shot('library');
  });
});
