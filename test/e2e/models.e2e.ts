import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testReport } from '../helpers/acceptance.ts';
import { testModel, writeTestPackage } from '../helpers/modelPackage.ts';
import {
  expectBanner,
  expectUsable,
  launchBrowser,
  openPage,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
} from './workstation.ts';

describe('a physicist who keeps the models of her site', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let folder: { path: string; remove: () => Promise<void> };

  beforeAll(async () => {
    folder = await temporaryFolder();
    const trained = join(folder.path, 'trained');
    const card = await writeTestPackage(
      trained,
      'our-t2',
      testModel('srcnn-guided', 2, { correction: true }),
    );
    const report = testReport(card.weights.sha256);
    await writeFile(join(trained, 'acceptance.json'), JSON.stringify(report));
    await tandem('models', 'export-package', trained, '--out', join(folder.path, 'our-t2.tar'));
    shell = await startShell();
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const sheet = () => page.getByRole('dialog');
  const about = (model: string) => sheet().getByRole('region', { name: `About ${model}` });
  const rowOf = (model: string) =>
    sheet()
      .getByRole('row')
      .filter({ has: page.getByRole('button', { name: model, exact: true }) });
  it('opens the list of models by a key and sees that those that ship cannot be changed', async () => {
    await expect.poll(() => page.getByRole('button', { name: 'Browse…' }).isEnabled()).toBe(true);
    await page.keyboard.press('Shift+M');
    await sheet().waitFor();
    await rowOf('glmamba-x2').getByRole('button').click();
    await expect.poll(() => about('glmamba-x2').getAttribute('data-state')).toBe('shipped');
    expect(await about('glmamba-x2').getByRole('button', { name: 'Accept' }).count()).toBe(0);
    expect(await rowOf('glmamba-x2').textContent()).toContain('Shipped');
    await expectUsable(page);
  });

  it('is told that a file is no package, and imports one, which is a candidate', async () => {
    const field = sheet().getByLabel('File of a model package', { exact: true });
    await field.fill(join(folder.path, 'trained', 'acceptance.json'));
    await field.press('Enter');
    await sheet().getByRole('alert').waitFor();
    expect(await sheet().getByRole('alert').textContent()).toContain('acceptance.json');
    await field.fill(join(folder.path, 'our-t2.tar'));
    await field.press('Enter');
    await about('our-t2').waitFor();
    expect(await about('our-t2').getAttribute('data-state')).toBe('candidate');
    expect(await sheet().getByRole('alert').count()).toBe(0);
  });

  it('reads its acceptance report', async () => {
    await about('our-t2').getByRole('button', { name: 'Read the report' }).click();
    await sheet().getByText('The mean gain is 1.5 dB.').waitFor();
    await expectUsable(page);
    await sheet().getByRole('button', { name: 'Back to the models' }).click();
  });

  it('accepts it in her name: it is the default, and the list says who and why', async () => {
    await about('our-t2').getByRole('button', { name: 'Accept' }).click();
    const accept = sheet().getByRole('button', { name: 'Accept' });
    expect(await accept.isDisabled()).toBe(true);
    await sheet().getByLabel('Your name').fill('Dr Ada');
    await sheet().getByLabel('Notes').fill('Agreed on Monday');
    await expectUsable(page);
    await accept.click();
    await expect.poll(() => about('our-t2').getAttribute('data-state')).toBe('accepted');
    expect(await rowOf('our-t2').textContent()).toContain('Default for its scans');
    expect(await about('our-t2').textContent()).toContain('Accepted by Dr Ada');
    expect(await about('our-t2').textContent()).toContain('Agreed on Monday');
  });

  it('writes it as one file for another site', async () => {
    await about('our-t2').getByRole('button', { name: 'Export as one file…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose a folder for the package' });
    await dialog.getByLabel('Path').fill(folder.path);
    await dialog.getByLabel('Path').press('Enter');
    await dialog.getByRole('button', { name: 'trained' }).waitFor();
    await dialog.getByRole('button', { name: 'Choose this folder' }).click();
    await sheet().getByText('Written to').waitFor();
    expect(await readdir(folder.path)).toContain('our-t2-0.0.1.tar');
  });

  it('goes back to the model before it, with one click and her name, which is remembered', async () => {
    await about('our-t2').getByRole('button', { name: 'Roll back' }).click();
    expect(await sheet().getByLabel('Your name').inputValue()).toBe('Dr Ada');
    await sheet().getByRole('button', { name: 'Roll back' }).click();
    await expect.poll(() => about('our-t2').getAttribute('data-state')).toBe('retired');
    expect(await rowOf('our-t2').textContent()).not.toContain('Default for its scans');
  });

  it('works in a small window', async () => {
    await page.setViewportSize({ width: 640, height: 400 });
    await expectBanner(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(overflow).toBe(false);
    await sheet().getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(complaints).toEqual([]);
  });
});
