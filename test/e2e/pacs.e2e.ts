import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOrthanc, freePort, ORTHANC_AE, type Orthanc, startOrthanc } from '../helpers/orthanc.ts';
import {
  expectUsable,
  launchBrowser,
  openPage,
  openStudy,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
} from './workstation.ts';

const SLICES = 4;

/** One user, one PACS: each test goes on where the one before ended. */
describe.skipIf(findOrthanc() === undefined)(
  'a user who sends an enhanced series to a PACS [needs orthanc and orthanc-dicomweb]',
  () => {
    let browser: Browser;
    let shell: RunningShell;
    let page: Page;
    let complaints: string[];
    let orthanc: Orthanc;
    let folder: { path: string; remove: () => Promise<void> };

    beforeAll(async () => {
      folder = await temporaryFolder();
      process.env.TANDEM_SETTINGS = join(folder.path, 'settings');
      orthanc = await startOrthanc(join(folder.path, 'orthanc'));
      await tandem(
        'phantom',
        '--out',
        join(folder.path, 'study'),
        '--matrix',
        '64',
        '--slices',
        String(SLICES),
      );
      shell = await startShell();
      browser = await launchBrowser();
      ({ page, complaints } = await openPage(browser, shell.url));
      page.setDefaultTimeout(60_000);
    }, 240_000);

    afterAll(async () => {
      delete process.env.TANDEM_SETTINGS;
      await browser?.close();
      await shell?.stop();
      await orthanc?.stop();
      await folder?.remove();
    });

    it('sets the PACS up with the keyboard alone, is told what is wrong, tests it and keeps it', async () => {
      await page.getByRole('button', { name: 'PACS…', exact: true }).focus();
      await page.keyboard.press('Enter');
      const sheet = page.getByRole('dialog', { name: 'PACS' });
      await sheet.getByText('No PACS is set up yet.').waitFor();
      await expectUsable(page);
      await page.getByRole('button', { name: 'Set up a PACS' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Add a PACS' }).focus();
      await page.keyboard.press('Enter');
      const form = page.getByRole('dialog', { name: 'New PACS' });
      await expect.poll(() => form.getByLabel('Name').count()).toBeGreaterThan(0);
      await expectUsable(page);
      await form.getByLabel('Name', { exact: true }).fill('Archive');
      await form.getByLabel('Host').fill('127.0.0.1');
      await form.getByLabel('Port').fill(String(await freePort()));
      await form.getByLabel('AE title of the PACS').fill(ORTHANC_AE);
      await form.getByRole('button', { name: 'Test' }).click();
      const alert = form.getByRole('alert');
      await alert.waitFor();
      expect(await alert.textContent()).toContain('nothing listens there');
      await form.getByLabel('Port').fill(String(orthanc.dimse.port));
      await form.getByLabel('AE title of the PACS').fill('BACK\\SLASH');
      await form.getByLabel('Seconds').press('Enter');
      await expect.poll(() => alert.textContent()).toContain('no backslash');
      await form.getByLabel('AE title of the PACS').fill(ORTHANC_AE);
      await form.getByRole('button', { name: 'Test' }).click();
      await form.getByText(/It answered in \d+ ms/).waitFor();
      await form.getByLabel('Seconds').press('Enter');
      await sheet.locator('[data-destination="Archive"]').waitFor();
      await sheet.getByRole('button', { name: 'Test Archive' }).click();
      await sheet.getByText(/It answered in \d+ ms/).waitFor();
      await expectUsable(page);
    });

    it('changes it, and removes one only when sure', async () => {
      const sheet = page.getByRole('dialog');
      await sheet.getByRole('button', { name: 'Edit Archive' }).click();
      expect(await sheet.getByLabel('Port').inputValue()).toBe(String(orthanc.dimse.port));
      await sheet.getByLabel('Name', { exact: true }).fill('Main archive');
      await sheet.getByRole('button', { name: 'Save' }).click();
      await sheet.getByRole('button', { name: 'Add a PACS' }).click();
      await sheet.getByText('DICOMweb', { exact: true }).click();
      await sheet.getByLabel('Name', { exact: true }).fill('Web');
      await sheet.getByLabel('Address').fill(orthanc.web.url);
      await sheet.getByRole('button', { name: 'Test' }).click();
      await sheet.getByText(/It answered in \d+ ms/).waitFor();
      await sheet.getByRole('button', { name: 'Save' }).click();
      await sheet.getByRole('button', { name: 'Remove Web' }).click();
      await sheet.getByRole('button', { name: 'Keep it' }).click();
      expect(await sheet.locator('[data-destination]').count()).toBe(2);
      await sheet.getByRole('button', { name: 'Remove Web' }).click();
      await sheet.getByRole('button', { name: 'Remove it' }).click();
      await expect.poll(() => sheet.locator('[data-destination]').count()).toBe(1);
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
    });

    it('exports an enhanced series and sends it: the PACS holds what was written', async () => {
      await openStudy(page, join(folder.path, 'study', 'series-1-t2'));
      const panel = page.getByRole('complementary');
      await page.locator('[data-volumes="1"]').waitFor({ timeout: 120_000 });
      await page.getByRole('button', { name: 'Enhance', exact: true }).first().click();
      await page.getByLabel('Model', { exact: true }).selectOption('srcnn-x2');
      await panel.getByRole('button', { name: 'Enhance', exact: true }).click();
      await page.locator('[data-outcome]').waitFor({ timeout: 200_000 });
      await page.getByRole('button', { name: 'Export', exact: true }).first().click();
      const out = join(folder.path, 'enhanced');
      await page.getByLabel('Folder to write to').fill(out);
      await panel.getByRole('button', { name: 'Export', exact: true }).click();
      await page.locator('[data-exported]').waitFor({ timeout: 60_000 });
      expect(await orthanc.instances()).toEqual([]);
      await expect.poll(() => page.getByLabel('PACS', { exact: true }).inputValue()).toBe('Main archive');
      await panel.getByRole('button', { name: 'Send', exact: true }).click();
      const sent = page.locator('[data-sent]');
      await sent.waitFor({ timeout: 60_000 });
      expect(await sent.getAttribute('data-failed')).toBe('0');
      expect(await sent.textContent()).toContain(`${SLICES} objects stored by Main archive`);
      expect(await orthanc.instances()).toHaveLength((await readdir(out)).length);
      await expectUsable(page);
    });

    it('has seen no console error, no failed request and no request to another place', () => {
      expect(complaints).toEqual([]);
    });
  },
);
