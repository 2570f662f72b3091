import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  brightness,
  expectAccessible,
  expectBanner,
  launchBrowser,
  openPage,
  openStudy,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
  viewport,
  type WatchedPage,
} from './workstation.ts';

const SLICES = 24;

/** One user after the other: each test goes on where the one before ended. */
describe('a user who enhances', () => {
  let browser: Browser;
  let shell: RunningShell;
  let watched: WatchedPage;
  let page: Page;
  let folder: { path: string; remove: () => Promise<void> };

  beforeAll(async () => {
    folder = await temporaryFolder();
    const study = join(folder.path, 'study');
    await tandem('phantom', '--out', study, '--matrix', '128', '--slices', String(SLICES));
    shell = await startShell();
    browser = await launchBrowser();
    watched = await openPage(browser, shell.url);
    page = watched.page;
    await openStudy(page, study);
    await page.getByRole('button', { name: 'Go on to the pair' }).click();
    await page.getByRole('button', { name: 'Use this pair' }).click();
    await page.getByRole('button', { name: 'Accept and go on' }).click({ timeout: 120_000 });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const panel = () => page.getByRole('complementary', { name: 'Enhance' });
  const shoot = async (name: string) => {
    const to = process.env.TANDEM_SHOTS;
    if (to !== undefined) await page.screenshot({ path: join(to, `${name}.png`) });
  };

  it('sees the result slice by slice as it is computed, what is still to come clearly blank', async () => {
    await page.getByLabel('Model', { exact: true }).selectOption('glmamba-x2');
    await panel().getByRole('button', { name: 'Enhance', exact: true }).click();
    const sagittal = viewport(page, 'enhanced', 'sagittal');
    await sagittal.getByText('not computed yet').first().waitFor({ timeout: 120_000 });
    expect(await sagittal.textContent()).toContain('being computed');
    const pending = async (): Promise<number> => {
      const runs = await sagittal.locator('[data-gap]').all();
      const counts = await Promise.all(runs.map((run) => run.getAttribute('data-gap')));
      return counts.reduce((sum, count) => sum + Number(count), 0);
    };
    const first = await pending();
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(SLICES);
    await expect.poll(pending, { timeout: 120_000 }).toBeLessThan(first);
    await shoot('enhance-computing');
    await expectBanner(page);
    // What is there is an image: slices that came in are seen.
    await expect.poll(() => brightness(page, 'enhanced', 'sagittal'), { timeout: 60_000 }).toBeGreaterThan(1);
    await page.locator('[data-outcome]').waitFor({ timeout: 240_000 });
    await expect.poll(pending, { timeout: 60_000 }).toBe(0);
    await expect.poll(() => brightness(page, 'enhanced', 'axial'), { timeout: 60_000 }).toBeGreaterThan(3);
    expect(await sagittal.textContent()).not.toContain('being computed');
    await expectAccessible(page);
    expect(watched.complaints).toEqual([]);
  });
});
