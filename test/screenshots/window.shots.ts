import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { launchBrowser, openPage, type RunningShell, startShell } from '../e2e/workstation.ts';

const out = fileURLToPath(new URL('../../docs/images/', import.meta.url));

describe('screenshots of every screen, on the digital phantom', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;

  beforeAll(async () => {
    await mkdir(out, { recursive: true });
    shell = await startShell();
    browser = await launchBrowser();
    ({ page } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
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

  it('takes them', async () => {
    const tryIt = page.getByRole('button', { name: 'Try it with the digital phantom' });
    await page.locator('button:enabled', { hasText: 'Try it with' }).waitFor();
    await page.getByText('No study yet').waitFor();
    await shot('start');
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
    await task('Enhance');
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
    await task('Export');
    await shot('export');
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
  });
});
