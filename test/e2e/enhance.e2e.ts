import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  brightness,
  expectAccessible,
  expectBanner,
  expectUsable,
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

  it('reads, before anything runs, what the card says, how this scan differs, and what it will take', async () => {
    await page.getByLabel('Model', { exact: true }).selectOption('edsr-guided-x2');
    const fit = page.getByRole('region', { name: 'This scan and what the model was trained on' });
    await fit.waitFor();
    expect(await fit.getAttribute('data-likeness')).toBe('beyond');
    expect(await fit.locator('[data-subject="thickness"]').textContent()).toMatch(/is 5 mm; .*trained with/);
    await page.locator('[data-alignment="trusted"]').waitFor();
    await page.getByText('Model card', { exact: true }).click();
    const card = page.locator('.model-card');
    expect(await card.textContent()).toMatch(/Learned from\d+ patients/);
    expect(await card.getByRole('table').first().textContent()).toMatch(/\d\d\.\d\d → \d\d\.\d\d/);
    await page.getByText('The whole card', { exact: true }).click();
    expect(await card.locator('.markdown').textContent()).not.toContain('##');
    await page.locator('[data-estimate="sample"]').waitFor({ timeout: 90_000 });
    expect(await page.locator('[data-estimate]').textContent()).toMatch(
      /Estimate: about .* and \d+ MB on cpu/,
    );
    await shoot('enhance-card');
    await expectUsable(page);
    await page.getByText('Model card', { exact: true }).click();
  });

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

  it('compares the models, queues two at once, and finds both done', async () => {
    await page.getByText(/^Compare \d+ models$/).click();
    const table = page.locator('.model-table');
    for (const id of ['srcnn-x2', 'srcnn-x4']) await table.getByRole('checkbox', { name: id }).check();
    await shoot('enhance-compare');
    await expectUsable(page);
    await table.getByRole('button', { name: /^Enhance with 2 models/ }).click();
    await page.getByRole('button', { name: /^Jobs/ }).click();
    const sheet = page.getByRole('dialog', { name: 'Jobs' });
    const done = sheet.locator('[data-queued][data-state="done"]');
    await expect.poll(() => done.count(), { timeout: 120_000 }).toBe(3);
    expect(await sheet.locator('[data-queued]').allTextContents()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('×4 · srcnn-x4'),
        expect.stringContaining('×2 · srcnn-x2'),
      ]),
    );
    expect(watched.complaints).toEqual([]);
  });

  it('finds every result in Review by itself, and chooses which is shown', async () => {
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    const shown = panel().getByLabel(/^Enhanced series shown, of 3/);
    await expect
      .poll(() => shown.locator('option').allTextContents(), { timeout: 30_000 })
      .toEqual(
        expect.arrayContaining(
          ['glmamba-x2', 'srcnn-x2', 'srcnn-x4'].map((id) => expect.stringContaining(id)),
        ),
      );
    await page.getByRole('navigation').getByRole('button', { name: 'Review', exact: true }).click();
    const images = page.getByLabel('Image in row 1, column 1').first().locator('option');
    await expect
      .poll(async () => (await images.allTextContents()).filter((name) => /^Enhanced/.test(name)).length, {
        timeout: 30_000,
      })
      .toBe(3);
    await page.getByRole('navigation').getByRole('button', { name: 'Enhance', exact: true }).click();
    await shown.selectOption({ label: await shown.locator('option', { hasText: 'srcnn-x4' }).innerText() });
    await viewport(page, 'enhanced', 'axial').getByText('ENHANCED ×4 · srcnn-x4 · RUO').waitFor();
    await expect.poll(() => brightness(page, 'enhanced', 'axial'), { timeout: 60_000 }).toBeGreaterThan(3);
    expect(watched.complaints).toEqual([]);
  });

  it('reloads the window in the middle of a job, and it is followed on: progress, slices, cancel', async () => {
    await page.getByLabel('Model', { exact: true }).selectOption('glmamba-x2');
    await panel()
      .getByRole('button', { name: /^Enhance( again)?$/ })
      .click();
    await page
      .locator('[data-header-job]')
      .getByText(/Enhancing \d+ of/)
      .waitFor({ timeout: 120_000 });
    await page.reload();
    await page.locator('[data-header-job]').waitFor({ timeout: 60_000 });
    await panel()
      .locator('[data-job="enhance"]')
      .getByText(/\d+ of 24/)
      .waitFor({ timeout: 60_000 });
    await viewport(page, 'enhanced', 'sagittal').getByText('being computed').waitFor({ timeout: 60_000 });
    await expectAccessible(page);
    await page
      .locator('[data-header-job]')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await panel().getByText('Cancelled. Nothing was written.').waitFor({ timeout: 60_000 });
    await expect.poll(() => page.locator('[data-header-job]').count()).toBe(0);
    // What was shown before is there again.
    await viewport(page, 'enhanced', 'axial').getByText('ENHANCED ×4 · srcnn-x4 · RUO').waitFor();
    expect(watched.complaints).toEqual([]);
  });
});
