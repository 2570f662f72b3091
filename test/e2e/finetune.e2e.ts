import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testModel, writeTestPackage } from '../helpers/modelPackage.ts';
import { writePeople } from '../main/finetune/people.ts';
import {
  expectUsable,
  launchBrowser,
  openPage,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
} from './workstation.ts';

describe('a physicist who has never trained a network', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let folder: { path: string; remove: () => Promise<void> };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await writePeople(join(folder.path, 'people'), 7);
    // It spoils the images: whatever is learned helps at once.
    const base = join(folder.path, 'base');
    await writeTestPackage(base, 'a-base', testModel('srcnn-guided', 2, { correction: true }));
    await tandem('models', 'export-package', base, '--out', join(folder.path, 'a-base.tar'));
    shell = await startShell(join(folder.path, 'home'));
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const sheet = () => page.getByRole('dialog');
  const run = (stage: string) => page.locator(`[data-run="${stage}"]`);
  const button = (name: string) => sheet().getByRole('button', { name, exact: true });
  it('takes the base in and opens the page for fine-tuning', async () => {
    await expect.poll(() => page.getByRole('button', { name: 'Browse…' }).isEnabled()).toBe(true);
    await page.keyboard.press('Shift+M');
    await sheet()
      .getByLabel('File of a model package', { exact: true })
      .fill(join(folder.path, 'a-base.tar'));
    await sheet().getByLabel('File of a model package', { exact: true }).press('Enter');
    await sheet().getByRole('region', { name: 'About a-base' }).waitFor();
    await sheet().getByRole('tab', { name: 'Fine-tune' }).click();
    await sheet().getByText('No folder yet.').waitFor();
    await expectUsable(page);
  });

  it('looks at her cases before anything is learned, and sees what is left out and why', async () => {
    const field = sheet().getByLabel('Learn from', { exact: true });
    await field.fill(join(folder.path, 'people'));
    await field.press('Enter');
    await sheet().getByLabel('Model to begin with').selectOption('a-base');
    await sheet().getByLabel('Reference onto target').selectOption('headers-unchecked');
    await button('Look at the cases').click();
    await page.locator('[data-cases="7"]').waitFor({ timeout: 60_000 });
    await expectUsable(page);
  });

  it('is told beforehand what it would take, by a short measurement', async () => {
    await sheet().getByLabel('Hours of training').fill('0.02');
    await button('What would it take?').click();
    await page.locator('[data-fits="true"]').waitFor({ timeout: 120_000 });
    expect(await page.locator('[data-fits="true"]').textContent()).toMatch(/MB of [\d,]+ MB that are free/);
    await expectUsable(page);
  });

  it('starts a run, sees how it goes, and pauses it', async () => {
    // A place for it, and what it is called: the dialog of a browser shows folders that are there.
    await button('Browse: Folder of the run').click();
    const dialog = page.getByRole('dialog', { name: 'Choose where to: Folder of the run' });
    await dialog.getByRole('textbox').fill(folder.path);
    await dialog.getByRole('textbox').press('Enter');
    await dialog.getByRole('button', { name: 'people' }).waitFor();
    await dialog.getByRole('button', { name: 'Choose this folder' }).click();
    const out = sheet().getByLabel('Folder of the run', { exact: true });
    await expect.poll(() => out.inputValue()).toBe(join(folder.path, 'a-base-tuned'));
    await out.fill(join(folder.path, 'ours'));
    await button('Start').click();
    await run('training').waitFor({ timeout: 120_000, state: 'attached' });
    await sheet()
      .getByText(/Step \d+ of \d+/)
      .waitFor({ timeout: 60_000 });
    await button('Pause').click();
    await run('paused').waitFor({ timeout: 60_000, state: 'attached' });
  });

  it('closes the window, comes back, and goes on where it was', async () => {
    await page.reload();
    await expect.poll(() => page.getByRole('button', { name: 'Browse…' }).isEnabled()).toBe(true);
    await page.keyboard.press('Shift+M');
    await sheet().getByRole('tab', { name: 'Fine-tune' }).click();
    await sheet().getByLabel('Run', { exact: true }).selectOption({ label: 'ours · Paused' });
    await run('paused').waitFor({ state: 'attached' });
    await button('Go on').click();
    await run('training').waitFor({ timeout: 60_000, state: 'attached' });
    await sheet()
      .getByRole('img', { name: /PSNR inside/ })
      .waitFor({ timeout: 60_000 });
    await expectUsable(page);
  });

  it('stops it, keeps the best, and reads what it was judged by', async () => {
    await button('Stop and keep the best').click();
    await run('finished').waitFor({ timeout: 180_000, state: 'attached' });
    await sheet()
      .getByText(/The acceptance report (passed|did not pass)/)
      .waitFor();
    expect(await sheet().getByText('Judges (locked)').count()).toBe(3);
    await button('Read the report').click();
    await sheet().getByRole('heading', { name: 'Verdict' }).waitFor();
    await button('Back to the models').click();
    const report: { tuned: { id: string } } = JSON.parse(
      await readFile(join(folder.path, 'ours', 'acceptance.json'), 'utf8'),
    );
    expect(report.tuned.id).toBe('ours');
  });

  it('accepts what passed in her name, and it is the default', async () => {
    await button('Accept the model…').click();
    await sheet().getByLabel('Your name').fill('Dr Ada');
    await button('Accept').click();
    await sheet().getByText('ours is accepted.').waitFor({ timeout: 60_000 });
    await sheet().getByRole('tab', { name: 'Models' }).click();
    const row = sheet()
      .getByRole('row')
      .filter({ has: page.getByRole('button', { name: 'ours', exact: true }) });
    expect(await row.textContent()).toContain('Default for its scans');
    await sheet().getByRole('tab', { name: 'Fine-tune' }).click();
  });

  it('is told why a run on nothing usable does not start', async () => {
    await sheet().getByLabel('Run', { exact: true }).selectOption({ label: 'A new run' });
    await sheet()
      .getByRole('button', { name: `Leave out ${join(folder.path, 'people')}` })
      .or(sheet().getByText('No folder yet.'))
      .first()
      .waitFor();
    const leave = sheet().getByRole('button', { name: `Leave out ${join(folder.path, 'people')}` });
    if ((await leave.count()) > 0) await leave.click();
    const field = sheet().getByLabel('Learn from', { exact: true });
    await field.fill(join(folder.path, 'base'));
    await field.press('Enter');
    await sheet().getByLabel('Folder of the run', { exact: true }).fill(join(folder.path, 'nothing'));
    await button('Start').click();
    await page.locator('[data-code]').waitFor({ timeout: 60_000 });
    expect(await page.locator('[data-code]').textContent()).not.toBe('');
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(complaints).toEqual([]);
  });
});
