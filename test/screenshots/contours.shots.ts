import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  launchBrowser,
  openPage,
  openStudy,
  startShell,
  tandem,
  temporaryFolder,
} from '../e2e/workstation.ts';
import { dataRoot } from '../helpers/data.ts';

const out = process.env.TANDEM_SHOTS ?? fileURLToPath(new URL('../../docs/images/', import.meta.url));
const models = fileURLToPath(new URL('../../models/segmentation/', import.meta.url));

const pairs = join(dataRoot() ?? '', 'pairs');
const isThere = (path: string): Promise<boolean> =>
  readdir(path).then(
    (files) => files.length > 0,
    () => false,
  );
/** A patient that no shipped model was trained on. */
const CASE = join(pairs, process.env.TANDEM_SHOTS_CASE ?? 'tcga-lgg-du-8162');
const possible = (await isThere(CASE)) && ((await isThere(models)) || process.env.TANDEM_HOME !== undefined);

describe.skipIf(!possible)('screenshots of the tumour preview, on a patient that no model knows', () => {
  it('takes them', async () => {
    const folder = await temporaryFolder();
    const study = join(folder.path, 'case');
    await mkdir(study);
    // FLAIR with half of its matrix, as it would be acquired in less time, and T1 whole.
    await copyFile(join(CASE, 't1.nii.gz'), join(study, 't1.nii.gz'));
    const flair = ['--input', join(CASE, 'flair.nii.gz'), '--out', join(study, 'flair.nii.gz')];
    await tandem('degrade', ...flair, '--scale', '2');
    const shell = await startShell(process.env.TANDEM_HOME ?? join(folder.path, 'home'));
    const browser = await launchBrowser();
    try {
      const { page } = await openPage(browser, shell.url, { width: 1440, height: 900 });
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
      await openStudy(page, study);
      await page.getByRole('button', { name: 'Go on to the pair' }).click();
      const choose = async (label: string, words: string): Promise<void> => {
        const list = page.getByLabel(label, { exact: true });
        const value = await list.locator('option', { hasText: words }).first().getAttribute('value');
        await list.selectOption(value!);
      };
      await choose('Target', 'flair');
      await choose('Reference', 't1');
      await page.getByRole('navigation').getByRole('button', { name: 'Enhance' }).click();
      await page.getByRole('complementary').getByRole('button', { name: 'Enhance', exact: true }).click();
      await page.locator('[data-outcome]').waitFor({ timeout: 500_000 });
      await page.getByRole('navigation').getByRole('button', { name: 'Review' }).click();
      await page.locator('[data-volumes="3"]').waitFor({ timeout: 120_000 });
      await page.getByText('Tumour outline (preview)').click();
      await page.getByRole('button', { name: 'Find the outline' }).click();
      await page.locator('tr[data-image="enhanced"]').waitFor({ timeout: 500_000 });
      await page.locator('[data-compared="true"]').waitFor({ timeout: 120_000 });
      await page.getByText('Labels over the images', { exact: true }).click();
      const path = page.getByLabel('NIfTI of whole numbers, or DICOM Segmentation', { exact: true });
      await path.fill(join(CASE, 'tumour.nii.gz'));
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await page.getByRole('checkbox', { name: 'The labels over the images are the truth' }).check();
      await page.locator('tr[data-image="truth"]').waitFor({ timeout: 120_000 });
      await page.locator('[data-compared="true"]').waitFor({ timeout: 120_000 });
      await page.getByRole('checkbox', { name: 'Outlines only' }).check();
      await page.getByLabel('Layout', { exact: true }).selectOption('2x2');
      await page.locator('[data-found-in="target"] button').first().click();
      await page.keyboard.press('Shift+L');
      await expect.poll(() => page.locator('canvas.contours').count(), { timeout: 60_000 }).toBe(4);
      const shot = async (name: string): Promise<void> => {
        await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
        await page.waitForTimeout(700);
        await page.screenshot({ path: join(out, `${name}.png`) });
      };
      const table = page.getByText('Volumes and agreement');
      await table.evaluate((element) => element.scrollIntoView({ block: 'start' }));
      await shot('tumour-preview');
    } finally {
      await browser.close();
      await shell.stop();
      await folder.remove();
    }
  });
});
