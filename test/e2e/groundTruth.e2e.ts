import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectAccessible,
  launchBrowser,
  openPage,
  openStudy,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
  type WatchedPage,
} from './workstation.ts';

describe('a physicist who knows the truth', () => {
  let browser: Browser;
  let shell: RunningShell;
  let watched: WatchedPage;
  let page: Page;
  let folder: { path: string; remove: () => Promise<void> };
  const choose = (label: string, value: string) =>
    page.getByLabel(label, { exact: true }).selectOption(value);

  beforeAll(async () => {
    folder = await temporaryFolder();
    const scans = join(folder.path, 'scans');
    const study = join(folder.path, 'case');
    await mkdir(study);
    await tandem('phantom', '--out', scans, '--matrix', '96', '--slices', '8');
    const [t2, t1] = (await readdir(scans)).sort();
    await tandem('convert', join(scans, t2!), '--out', join(study, 'truth_t2.nii.gz'));
    await tandem('convert', join(scans, t1!), '--out', join(study, 't1.nii.gz'));
    await tandem(
      'degrade',
      '--input',
      join(study, 'truth_t2.nii.gz'),
      '--scale',
      '2',
      '--out',
      join(study, 'low_t2.nii.gz'),
    );
    shell = await startShell();
    browser = await launchBrowser();
    watched = await openPage(browser, shell.url, { width: 1400, height: 900 });
    page = watched.page;
    await openStudy(page, study);
    await page.getByRole('button', { name: 'Go on to the pair' }).click();
    const targets = page.getByLabel('Target', { exact: true });
    const low = await targets.locator('option', { hasText: 'low_t2' }).getAttribute('value');
    await targets.selectOption(low!);
    await page.getByRole('navigation').getByRole('button', { name: 'Enhance' }).click();
    await page.getByRole('complementary').getByRole('button', { name: 'Enhance', exact: true }).click();
    await page.locator('[data-outcome]').waitFor({ timeout: 240_000 });
    await page.getByRole('navigation').getByRole('button', { name: 'Review' }).click();
    await page.locator('[data-volumes="3"]').waitFor({ timeout: 60_000 });
  }, 400_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  it('sees the error of the enhanced image against the series it chose, with PSNR and SSIM', async () => {
    await choose('Layout', '1x2');
    await choose('How', 'error');
    const truths = page.getByLabel('Ground truth', { exact: true });
    const truth = await truths.locator('option', { hasText: 'truth_t2' }).getAttribute('value');
    expect(await truths.locator('option', { hasText: 'low_t2' }).count()).toBe(0);
    await truths.selectOption(truth!);
    const scale = page.locator('.viewport[data-cell="0-1"] .colour-scale');
    await scale.waitFor({ timeout: 30_000 });
    expect(await scale.innerText()).toMatch(/\|Enhanced − /);
    await page.getByRole('button', { name: 'Measure the error' }).click();
    const numbers = page.locator('[data-agreement]');
    await numbers.waitFor({ timeout: 60_000 });
    const [whole, inside] = (await numbers.locator('tbody tr').allInnerTexts()).map((row) =>
      row.match(/-?[\d.]+/g)?.map(Number),
    );
    expect(whole?.[0]).toBeGreaterThan(20);
    expect(whole?.[1]).toBeGreaterThan(0.5);
    expect(inside?.[0]).toBeLessThan(whole![0]!);
    await expectAccessible(page);
  });

  it('sees that interpolation alone is further from the truth', async () => {
    const psnr = async (): Promise<number> =>
      Number((await page.locator('[data-agreement] tbody td').first().innerText()).replace(' dB', ''));
    const enhanced = await psnr();
    await choose('Image', 'zero-filled');
    await choose('Image in row 1, column 2', 'zero-filled');
    const truths = page.getByLabel('Ground truth', { exact: true });
    await truths.waitFor({ timeout: 30_000 });
    const truth = await truths.locator('option', { hasText: 'truth_t2' }).getAttribute('value');
    await truths.selectOption(truth!);
    await page.getByRole('button', { name: 'Measure the error' }).click();
    await page.locator('[data-agreement]').waitFor({ timeout: 60_000 });
    expect(await psnr()).toBeLessThan(enhanced);
    expect(watched.complaints).toEqual([]);
  });
});
