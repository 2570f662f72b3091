import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOrthanc, freePort, ORTHANC_AE, type Orthanc, startOrthanc } from '../helpers/orthanc.ts';
import {
  expectAccessible,
  expectBanner,
  expectUsable,
  launchBrowser,
  openPage,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
} from './workstation.ts';

const SLICES = 4;

/** One user, one PACS with one study in it: each test goes on where the one before ended. */
describe.skipIf(findOrthanc() === undefined)(
  'a user who fetches a study from a PACS [needs orthanc and orthanc-dicomweb]',
  () => {
    let browser: Browser;
    let shell: RunningShell;
    let page: Page;
    let sheet: Locator;
    let complaints: string[];
    let orthanc: Orthanc;
    let folder: { path: string; remove: () => Promise<void> };
    let movePort: number;
    let study: string;

    beforeAll(async () => {
      folder = await temporaryFolder();
      process.env.TANDEM_SETTINGS = join(folder.path, 'settings');
      movePort = await freePort();
      orthanc = await startOrthanc(join(folder.path, 'orthanc'), {
        DicomModalities: { tandem: ['TANDEM', '127.0.0.1', movePort] },
      });
      study = join(folder.path, 'study');
      await tandem('phantom', '--out', study, '--matrix', '64', '--slices', String(SLICES));
      const { port, calledAeTitle } = orthanc.dimse;
      const node = ['--host', '127.0.0.1', '--port', String(port), '--called', calledAeTitle];
      await tandem('pacs', 'destinations', 'add', 'Archive', ...node);
      await tandem('pacs', 'destinations', 'add', 'Web', '--url', orthanc.web.url);
      const nobody = ['--host', '127.0.0.1', '--port', String(await freePort())];
      await tandem('pacs', 'destinations', 'add', 'Gone', ...nobody);
      await tandem('pacs', 'store', study, '--to', 'Archive');
      shell = await startShell(join(folder.path, 'data'));
      browser = await launchBrowser();
      ({ page, complaints } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
      page.setDefaultTimeout(60_000);
      sheet = page.getByRole('dialog', { name: 'PACS' });
    }, 240_000);

    afterAll(async () => {
      delete process.env.TANDEM_SETTINGS;
      await browser?.close();
      await shell?.stop();
      await orthanc?.stop();
      await folder?.remove();
    });

    const search = async (fields: Record<string, string>): Promise<void> => {
      for (const [label, value] of Object.entries(fields)) await sheet.getByLabel(label).fill(value);
      await sheet.getByRole('button', { name: 'Search' }).click();
    };

    it('opens the search from the first screen and by a key, and closes it by another', async () => {
      await page.getByRole('button', { name: 'Find in a PACS…' }).click();
      await sheet.getByLabel('Patient name').waitFor();
      await expectUsable(page);
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
      await page.keyboard.press('p');
      await expect.poll(() => sheet.getByLabel('Patient name').evaluate(isFocused)).toBe(true);
    });

    it('is told plainly that a PACS does not answer, and that nothing was found', async () => {
      await sheet.getByLabel('PACS', { exact: true }).selectOption('Gone');
      await search({ 'Patient name': 'PHANTOM' });
      const alert = sheet.getByRole('alert');
      await alert.waitFor();
      expect(await alert.textContent()).toContain('nothing listens there');
      expect(await alert.textContent()).toContain('Check host and port');
      await expectUsable(page);
      await sheet.getByLabel('PACS', { exact: true }).selectOption('Archive');
      await search({ 'Patient name': 'NOBODY OF THIS NAME' });
      await sheet.getByText('Nothing was found.').waitFor();
      expect(await alert.count()).toBe(0);
    });

    it.each([
      'Web',
      'Archive',
    ])('finds the study in %s by the beginning of a name and a range of dates, and sees its series with their images', async (name) => {
      await sheet.getByLabel('PACS', { exact: true }).selectOption(name);
      await search({ 'Patient name': 'PHAN', 'Study date from': '2001-01-01', 'Study date to': '' });
      await sheet.locator('[data-found="1"]').waitFor();
      await sheet.getByRole('button', { name: /PHANTOM/ }).focus();
      await page.keyboard.press('Enter');
      const series = sheet.getByRole('region', { name: 'Series of the chosen study' });
      await series.getByRole('row', { name: /T2/ }).waitFor();
      expect(await series.locator('tbody tr').count()).toBe(2);
      expect(await series.getByRole('row', { name: /T2/ }).textContent()).toContain(String(SLICES));
      await expectUsable(page);
    });

    it('chooses one series, fetches it into the folder of received studies, and it opens', async () => {
      await sheet.getByRole('checkbox', { name: /T1/ }).uncheck();
      const target = await sheet.getByLabel('Folder to fetch into').inputValue();
      expect(target).toContain(join(folder.path, 'data', 'received'));
      await sheet.getByRole('button', { name: 'Fetch 1 series' }).click();
      await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
      await sheet.waitFor({ state: 'detached' });
      expect(await page.locator('[data-series]').count()).toBe(1);
      expect(await readdir(target)).toHaveLength(SLICES);
    });

    it('fetches the other one too, by a C-MOVE to this machine; what is there is not fetched again', async () => {
      await page.keyboard.press('p');
      await sheet.getByRole('checkbox', { name: /T1/ }).check();
      await sheet.getByLabel('Way of fetching').selectOption('move');
      await sheet.getByLabel('Port on this machine').fill(String(movePort));
      const fetchBoth = sheet.getByRole('button', { name: 'Fetch 2 series' });
      await sheet.getByLabel(/Sent by/).fill('SOMEBODY');
      await fetchBoth.click();
      const alert = sheet.getByRole('alert');
      await alert.waitFor();
      expect(await alert.textContent()).toContain(`${ORTHANC_AE} at 127.0.0.1`);
      expect(await page.locator('[data-series]').count()).toBe(1);
      await sheet.getByLabel(/Sent by/).fill('');
      await fetchBoth.click();
      await sheet.waitFor({ state: 'detached' });
      await expect.poll(() => page.locator('[data-series]').count()).toBe(2);
    });

    it('receives what others send while receiving is on, sees what has arrived, and switches it off', async () => {
      await page.keyboard.press('p');
      await sheet.getByRole('tab', { name: /Receive/ }).click();
      await sheet.getByText('Off. Nothing listens.').waitFor();
      await sheet.getByText('No AE title is named').waitFor();
      await expectUsable(page);
      const port = String(await freePort());
      await sheet.getByLabel('Port').fill(port);
      await sheet.getByLabel('Listen on').selectOption('This machine only');
      await sheet.getByLabel('AE titles that may send').fill('SCANNER');
      await sheet.getByRole('button', { name: 'Start receiving' }).click();
      await sheet.locator('[data-listening="true"]').waitFor();
      await page.getByRole('button', { name: 'Receiving is on', includeHidden: true }).waitFor();
      const here = ['--host', '127.0.0.1', '--port', port, '--called', 'TANDEM', '--retries', '0'];
      await expect(tandem('pacs', 'store', study, ...here, '--calling', 'STRANGER')).rejects.toThrow(
        /refused-by-peer/,
      );
      await tandem('pacs', 'store', study, ...here, '--calling', 'SCANNER');
      await sheet.locator(`[data-arrived="${2 * SLICES}"]`).waitFor();
      await sheet.getByText(/STRANGER.*was turned away/).waitFor();
      await sheet.getByText('1 study, 2 series').waitFor();
      await expectUsable(page);
      await sheet.getByRole('button', { name: 'Stop receiving' }).click();
      await sheet.locator(`[data-received="${2 * SLICES}"]`).waitFor();
      await expect(tandem('pacs', 'echo', ...here.slice(0, -2))).rejects.toThrow(/nothing listens there/);
      await sheet.getByRole('button', { name: 'Open what has arrived' }).click();
      await sheet.waitFor({ state: 'detached' });
      await expect.poll(() => page.locator('[data-series]').count()).toBe(2);
    });

    it('works in a small window', async () => {
      await page.setViewportSize({ width: 900, height: 600 });
      await page.keyboard.press('p');
      await sheet.getByRole('tab', { name: 'Find and fetch' }).click();
      await sheet.getByRole('button', { name: 'Search' }).click();
      await sheet.getByRole('button', { name: /PHANTOM/ }).click();
      await sheet.getByRole('button', { name: 'Fetch 2 series' }).scrollIntoViewIfNeeded();
      expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
      await expectAccessible(page);
      await expectBanner(page);
    });

    it('has seen no console error, no failed request and no request to another place', () => {
      expect(complaints).toEqual([]);
    });
  },
);

function isFocused(element: Element): boolean {
  return document.activeElement === element;
}
