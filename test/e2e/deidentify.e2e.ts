import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOrthanc, type Orthanc, startOrthanc } from '../helpers/orthanc.ts';
import {
  expectAccessible,
  expectUsable,
  launchBrowser,
  openPage,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
} from './workstation.ts';

const SLICES = 4;
const NAME = 'PHANTOM';

/** One user, one study: each test goes on where the one before ended. */
describe('a user who hands images on without names', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let orthanc: Orthanc | undefined;
  let folder: { path: string; remove: () => Promise<void> };
  let study: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    study = join(folder.path, 'study');
    process.env.TANDEM_SETTINGS = join(folder.path, 'settings');
    const motion = ['--motion-deg', '3,0,0', '--motion-mm', '2,1,0'];
    await tandem('phantom', '--out', study, '--matrix', '64', '--slices', String(SLICES), ...motion);
    if (findOrthanc() !== undefined) {
      orthanc = await startOrthanc(join(folder.path, 'orthanc'));
      await tandem('pacs', 'destinations', 'add', 'Archive', '--url', orthanc.web.url);
    }
    shell = await startShell();
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
    page.setDefaultTimeout(60_000);
  }, 240_000);

  afterAll(async () => {
    delete process.env.TANDEM_SETTINGS;
    await browser?.close();
    await shell?.stop();
    await orthanc?.stop();
    await folder?.remove();
  });

  it('sees what would change in a folder before anything is written', async () => {
    await page.getByRole('button', { name: 'De-identify a folder…' }).click();
    const sheet = page.getByRole('dialog', { name: 'De-identify' });
    await sheet.getByLabel('Folder or file to de-identify', { exact: true }).fill(study);
    const out = await sheet.getByLabel('New folder to write to', { exact: true }).inputValue();
    expect(out).toBe(`${study}-deidentified`);
    await expectUsable(page);
    await sheet.getByText('Shift', { exact: true }).click();
    await sheet.getByRole('checkbox', { name: /Device/ }).check();
    await sheet.getByRole('button', { name: 'Show what would change' }).focus();
    await page.keyboard.press('Enter');
    await sheet.getByText(`Dry run, nothing was written: ${2 * SLICES} files of 1 patient`).waitFor();
    const row = sheet.getByRole('row', { name: /^PatientName/ });
    expect(await row.textContent()).toContain('Replaced by a pseudonym');
    expect(await sheet.getByRole('row', { name: /^StudyDate/ }).textContent()).toContain('Shifted');
    expect(await sheet.textContent()).not.toContain(NAME);
    expect(existsSync(out)).toBe(false);
    await expectUsable(page);
  });

  it('de-identifies it into a new folder and opens that', async () => {
    const sheet = page.getByRole('dialog', { name: 'De-identify' });
    await sheet.getByRole('button', { name: 'De-identify', exact: true }).click();
    await sheet.getByText(`De-identified: ${2 * SLICES} files`).waitFor();
    const out = `${study}-deidentified`;
    const files = (await readdir(out, { recursive: true })).filter((name) => name.endsWith('.dcm'));
    expect(files).toHaveLength(2 * SLICES);
    for (const file of files) expect((await readFile(join(out, file))).includes(NAME)).toBe(false);
    await sheet.getByRole('button', { name: 'Open it' }).click();
    await sheet.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
    expect(await page.getByRole('complementary').textContent()).toContain('TMR-');
  });

  it('is told plainly that a folder with files in it is not written over', async () => {
    await page.getByRole('button', { name: 'De-identify…' }).click();
    const sheet = page.getByRole('dialog', { name: 'De-identify' });
    await sheet.getByLabel('New folder to write to', { exact: true }).fill(study);
    await sheet.getByRole('button', { name: 'De-identify', exact: true }).click();
    const alert = sheet.getByRole('alert');
    await alert.waitFor();
    expect(await alert.getAttribute('data-code')).toBe('output-exists');
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
  });

  it('enhances the original, and sees what a de-identified export of it would change', async () => {
    await page.getByRole('button', { name: 'Open another' }).click();
    await page.getByLabel('Folder or file').fill(study);
    await page.getByLabel('Folder or file').press('Enter');
    const panel = page.getByRole('complementary');
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 120_000 });
    const tasks = page.getByRole('navigation', { name: 'Tasks' });
    await tasks.getByRole('button', { name: 'Enhance', exact: true }).click();
    await page.getByLabel('Model', { exact: true }).selectOption('srcnn-guided-x2');
    await panel.getByRole('button', { name: 'Enhance', exact: true }).click();
    const outcome = page.locator('[data-outcome]');
    const untrusted = page.getByRole('button', { name: 'Accept and go on' });
    await outcome.or(untrusted).first().waitFor({ timeout: 200_000 });
    if ((await untrusted.count()) > 0) await untrusted.click();
    await outcome.waitFor({ timeout: 200_000 });
    await tasks.getByRole('button', { name: 'Export', exact: true }).click();
    await panel.getByRole('checkbox', { name: /With the registration/ }).check();
    await panel.getByRole('checkbox', { name: 'De-identify', exact: true }).check();
    await expectUsable(page);
    await panel.getByRole('button', { name: 'Show what would change' }).click();
    const changes = page.getByRole('dialog', { name: 'What de-identifying would change' });
    await changes.getByText(`Of ${SLICES + 1} objects of this export. Nothing was written.`).waitFor();
    const row = changes.getByRole('row', { name: /^PatientName/ });
    expect(await row.textContent()).toMatch(new RegExp(`pseudonym.*${SLICES + 1}$`));
    await expectUsable(page);
    await page.keyboard.press('Escape');
    await changes.waitFor({ state: 'detached' });
  });

  it('exports it without names, the registration beside it, checked', async () => {
    const panel = page.getByRole('complementary');
    const out = join(folder.path, 'enhanced');
    await page.getByLabel('Folder to write to').fill(out);
    await panel.getByRole('button', { name: 'Export', exact: true }).click();
    await page.locator('[data-exported]').waitFor({ timeout: 60_000 });
    const files = (await readdir(out)).sort();
    expect(files).toHaveLength(SLICES + 1);
    expect(files.at(-1)).toBe('registration.dcm');
    for (const file of files) expect((await readFile(join(out, file))).includes(NAME)).toBe(false);
    expect(await panel.locator('[data-errors]').getAttribute('data-errors')).toBe('0');
    await expectUsable(page);
  });

  it.skipIf(findOrthanc() === undefined)(
    'sends series and registration together [needs orthanc and orthanc-dicomweb]',
    async () => {
      const panel = page.getByRole('complementary');
      await panel.getByRole('button', { name: 'Send', exact: true }).click();
      await page.locator('[data-sent]').waitFor({ timeout: 60_000 });
      expect(await page.locator('[data-sent]').getAttribute('data-failed')).toBe('0');
      expect(await orthanc?.instances()).toHaveLength(SLICES + 1);
    },
  );

  it('exports a report of measurements and a series as NIfTI beside the study, by the same words as the command line', async () => {
    const measurements = join(folder.path, 'measurements.json');
    const group = { trackingId: 'lesion 1', measurements: [{ name: 'volume', value: 3.2, units: 'ml' }] };
    await writeFile(measurements, JSON.stringify({ groups: [group] }));
    await page.getByRole('button', { name: 'Other exports…' }).click();
    const sheet = page.getByRole('dialog', { name: 'Other exports' });
    await sheet.getByRole('button', { name: 'Add a label' }).click();
    await expectUsable(page);
    await sheet.getByLabel('What to export').selectOption('measurement-report');
    await sheet.getByLabel('File of measurements (JSON)', { exact: true }).fill(measurements);
    await sheet.getByRole('checkbox', { name: /De-identify/ }).check();
    const report = await sheet.getByLabel('File to write').inputValue();
    expect(report).toBe(`${study}-measurement-report.dcm`);
    await sheet.getByRole('button', { name: 'Export', exact: true }).click();
    await sheet.locator('[data-written="1"]').waitFor();
    expect((await readFile(report)).includes(NAME)).toBe(false);
    if (orthanc !== undefined) {
      const before = (await orthanc.instances()).length;
      await sheet.getByRole('button', { name: 'Send', exact: true }).click();
      await sheet.locator('[data-sent="1"]').waitFor();
      expect(await orthanc.instances()).toHaveLength(before + 1);
    }
    await sheet.getByLabel('What to export').selectOption('nifti');
    await sheet.getByRole('button', { name: 'Export', exact: true }).click();
    await expect.poll(() => existsSync(`${study}-nifti.nii.gz`)).toBe(true);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(complaints).toEqual([]);
  });
});
