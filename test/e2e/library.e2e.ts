import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectAccessible,
  expectUsable,
  launchBrowser,
  openPage,
  openStudy,
  type RunningShell,
  settled,
  sliceOf,
  startShell,
  tandem,
  temporaryFolder,
  viewport,
} from './workstation.ts';

describe('a user who comes back to their studies', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let remembered: () => Promise<void>;
  let folder: { path: string; remove: () => Promise<void> };
  let disk: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    disk = join(folder.path, 'disk');
    await tandem('phantom', '--out', join(disk, 'head'), '--matrix', '64', '--slices', '8');
    await tandem(
      'phantom',
      '--out',
      join(disk, 'nifti'),
      '--matrix',
      '48',
      '--slices',
      '6',
      '--format',
      'nifti',
    );
    shell = await startShell(join(folder.path, 'home'));
    browser = await launchBrowser();
    ({ page, complaints, remembered } = await openPage(browser, shell.url));
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  /** Ends the workstation and starts it anew, in a browser that has seen nothing: as after a night. */
  async function restart(): Promise<void> {
    await shell.stop();
    await page.context().close();
    shell = await startShell(join(folder.path, 'home'));
    const opened = await openPage(browser, shell.url);
    ({ page, remembered } = opened);
    complaints.push(...opened.complaints);
    complaints = opened.complaints;
  }

  const studies = () => page.locator('.library-study');
  const task = async (): Promise<string | null> =>
    page.locator('nav.tasks [aria-current="step"]').textContent();

  it('sees an empty library that says what it will be', async () => {
    await page.getByText('No study yet.').waitFor();
    await expectUsable(page);
  });

  it('finds what was opened in the library, the latest first, with pictures', async () => {
    for (const name of ['nifti', 'head']) {
      await openStudy(page, join(disk, name));
      await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
      await page.getByRole('button', { name: 'Open another' }).click();
    }
    await expect.poll(() => studies().count()).toBe(2);
    expect(await studies().first().textContent()).toMatch(/MR.*T2.*T1.*2 series/);
    await expect.poll(() => page.locator('[data-thumbnail="made"]').count()).toBe(2);
    const bright = await page
      .locator('[data-thumbnail="made"] canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return Math.max(...data.filter((_, n) => n % 4 === 0));
      });
    expect(bright).toBeGreaterThan(200);
    await expectUsable(page);
  });

  it('searches and sorts', async () => {
    const search = page.getByLabel('Search the library');
    await search.fill('nifti t1');
    await expect.poll(() => studies().count()).toBe(1);
    await expect.poll(() => studies().first().textContent()).toContain('nifti');
    await search.fill('nothing like this');
    await page.getByText('No study fits.').waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await expect.poll(() => studies().count()).toBe(2);
    await page.getByLabel('From').fill('1990-01-01');
    await expect.poll(() => studies().count()).toBe(1);
    await page.getByLabel('From').fill('');
    await page.getByLabel('Sort by').selectOption('Added last');
    await expect.poll(() => studies().count()).toBe(2);
  });

  it('opens one with a click and is at the pair', async () => {
    await studies()
      .first()
      .getByRole('button', { name: /^Open / })
      .click();
    await page.getByRole('region', { name: 'Suggested pair' }).waitFor();
    await expect.poll(task).toBe('Pair');
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 60_000 });
    // Every series has its picture, and can be made target or reference beside it.
    const series = page.getByRole('region', { name: 'Series of the study' });
    await expect.poll(() => series.locator('[data-thumbnail="made"]').count(), { timeout: 30_000 }).toBe(2);
    expect(await series.getByRole('button', { name: /^Target/, pressed: true }).count()).toBe(1);
    await expectAccessible(page);
  });

  it('comes back after a restart to the same study, task, slices and window', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Review' }).click();
    await viewport(page, 'target', 'axial').hover();
    await page.mouse.wheel(0, 120);
    const label = (): Promise<string> =>
      viewport(page, 'target', 'axial').locator('.bottom-right').innerText();
    const before = await settled(label);
    const box = (await viewport(page, 'target', 'axial').boundingBox())!;
    await page.mouse.move(box.x + 50, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + 50, box.y + 110);
    await page.mouse.up();
    await expect.poll(label).not.toBe(before);
    const left = {
      window: await settled(label),
      slice: await settled(() => sliceOf(page, 'target', 'axial')),
    };
    await remembered();
    await restart();
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 60_000 });
    await expect.poll(task).toBe('Review');
    await expect.poll(label).toBe(left.window);
    await expect.poll(() => sliceOf(page, 'target', 'axial')).toBe(left.slice);
  });

  it('is told that a disk is not plugged in, and nothing is forgotten', async () => {
    await rename(disk, join(folder.path, 'unplugged'));
    await restart();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain(disk);
    await expect.poll(() => page.locator('.library-study.missing').count()).toBe(2);
    await expect
      .poll(() =>
        studies()
          .first()
          .getByRole('button', { name: /^Open / })
          .isDisabled(),
      )
      .toBe(true);
    await expectUsable(page);
    await rename(join(folder.path, 'unplugged'), disk);
    await page.reload();
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 60_000 });
    await expect.poll(task).toBe('Review');
  });

  it('points to where a moved folder is now, and opens the study from there', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Studies' }).click();
    await page.getByRole('button', { name: 'Open another' }).click();
    await rename(join(disk, 'head'), join(folder.path, 'archive'));
    await page.reload();
    const moved = page.locator('.library-study.missing');
    await moved.waitFor();
    await moved.getByRole('button', { name: 'Find where it is now …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Where is the study now?' });
    await dialog.getByLabel('Path').fill(join(folder.path, 'archive'));
    await dialog.getByLabel('Path').press('Enter');
    await dialog.getByRole('button', { name: 'series-1-t2' }).waitFor();
    await dialog.getByRole('button', { name: 'Choose this folder' }).click();
    await page.getByText('2 series found again').waitFor();
    await expect.poll(() => page.locator('.library-study.missing').count()).toBe(0);
    await page
      .locator('.library-study', { hasNotText: 'nifti' })
      .getByRole('button', { name: /^Open / })
      .click();
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 60_000 });
    await page.getByRole('navigation').getByRole('button', { name: 'Studies' }).click();
    await page.getByRole('button', { name: 'Open another' }).click();
  });

  it('forgets a study after being told what goes, and its files stay', async () => {
    const nifti = page.locator('.library-study', { hasText: 'nifti' });
    await nifti.getByText('Series and results').click();
    await nifti.getByRole('button', { name: 'Forget …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Forget this study?' });
    await dialog.getByText('The files of the study are not touched.').waitFor();
    await expectUsable(page);
    await dialog.getByRole('button', { name: 'Forget' }).click();
    await expect.poll(() => studies().count()).toBe(1);
    await openStudy(page, join(disk, 'nifti'));
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
  });

  it('works in a small window', async () => {
    await page.getByRole('button', { name: 'Open another' }).click();
    await page.setViewportSize({ width: 900, height: 600 });
    await expect.poll(() => studies().count()).toBe(2);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(overflow).toBe(false);
    await expectAccessible(page);
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(complaints).toEqual([]);
  });
});

it('a user who comes from an earlier version finds their studies, results, jobs and settings', async () => {
  const home = await temporaryFolder();
  const earlier = new URL('../main/library/versions/v2.sql', import.meta.url);
  const made = new DatabaseSync(join(home.path, 'library.db'));
  made.exec(await readFile(earlier, 'utf8'));
  made.close();
  const shell = await startShell(home.path);
  const browser = await launchBrowser();
  try {
    const { page, complaints } = await openPage(browser, shell.url);
    const study = page.locator('.library-study');
    await study.waitFor();
    expect(await study.textContent()).toContain('DOE JANE');
    // Its folder was on another machine: that is told without being asked for.
    await page.locator('.library-study.missing').waitFor();
    await expect.poll(() => study.textContent()).toContain('exported to /out');
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await page.getByRole('button', { name: /^Jobs/ }).click();
    const failed = page.locator('[data-queued][data-state="failed"]', { hasText: 'Too much' });
    await failed.waitFor();
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await shell.stop();
    await home.remove();
  }
});
