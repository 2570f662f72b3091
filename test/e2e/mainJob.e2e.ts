import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
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
  settled,
  sliceOf,
  startShell,
  tandem,
  temporaryFolder,
  viewport,
  type WatchedPage,
} from './workstation.ts';

const SLICES = 10;
const PLANES = ['axial', 'sagittal', 'coronal'] as const;

/** One user, one study, one after the other: each test goes on where the one before ended. */
describe('a user with a T2 and a T1 of one patient', () => {
  let browser: Browser;
  let shell: RunningShell;
  let watched: WatchedPage;
  let page: Page;
  let folder: { path: string; remove: () => Promise<void> };
  let study: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    study = join(folder.path, 'study');
    await tandem('phantom', '--out', study, '--matrix', '96', '--slices', String(SLICES), '--gap-after', '6');
    shell = await startShell();
    browser = await launchBrowser();
    watched = await openPage(browser, shell.url);
    page = watched.page;
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  it('finds a window that says what it is for, and takes its token out of the address', async () => {
    await page.getByRole('heading', { name: 'Open a study' }).waitFor();
    await expectBanner(page);
    await expectAccessible(page);
    expect(page.url()).not.toContain('token');
  });

  it('is told plainly that a folder holds no images, and can go on', async () => {
    await openStudy(page, join(folder.path, 'nowhere'));
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.getAttribute('data-code')).toBe('not-found');
    expect(await alert.textContent()).toContain(join(folder.path, 'nowhere'));
    await expectBanner(page);
  });

  it('opens the study by its path and sees series, contrasts and the missing slice', async () => {
    await openStudy(page, study);
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
    const warning = page.locator('[data-code="gap"]');
    expect(await warning.count()).toBe(2);
    expect(await warning.first().textContent()).toMatch(/after slice \d+, at -?\d+\.\d mm/);
    await expectBanner(page);
    await expectAccessible(page);
  });

  it('sees target and reference in three planes, with the gap shown as a gap', async () => {
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 60_000 });
    for (const column of ['target', 'reference']) {
      for (const plane of PLANES) {
        await expect.poll(() => brightness(page, column, plane), { timeout: 30_000 }).toBeGreaterThan(3);
      }
      expect(await viewport(page, column, 'sagittal').locator('[data-gap]').count()).toBe(1);
    }
  });

  it('goes to any screen at any time, and is told what is missing there', async () => {
    const go = (task: string) =>
      page.getByRole('navigation').getByRole('button', { name: task, exact: true });
    const said = page.getByRole('complementary');
    await go('Export').click();
    await said.getByText('There is no enhanced series yet.').waitFor();
    await said.getByRole('button', { name: 'Go to Enhance' }).click();
    await page.locator('[data-task="enhance"]').waitFor();
    await go('Pair').click();
    const reference = page.getByLabel('Reference', { exact: true });
    const suggested = await reference.inputValue();
    await reference.selectOption('');
    await go('Align').click();
    await said.getByText('There is no reference to align.').waitFor();
    await expectUsable(page);
    await go('Review').click();
    await page.locator('[data-task="review"]').waitFor();
    await go('Pair').click();
    await reference.selectOption(suggested);
    await go('Studies').click();
  });

  it('accepts the suggested pair', async () => {
    await page.getByRole('button', { name: 'Go on to the pair' }).click();
    await page.getByRole('region', { name: 'Suggested pair' }).waitFor();
    expect(await page.getByLabel('Target', { exact: true }).locator('option:checked').textContent()).toMatch(
      /T2/,
    );
    expect(
      await page.getByLabel('Reference', { exact: true }).locator('option:checked').textContent(),
    ).toMatch(/T1/);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Use this pair' }).click();
    await page.getByRole('button', { name: 'Accept and go on' }).click({ timeout: 120_000 });
  });

  it('cancels an enhancement, and nothing has come of it', async () => {
    await expectAccessible(page);
    const model = page.getByLabel('Model', { exact: true });
    expect(await model.inputValue()).toBe('edsr-guided-folded-x2');
    // The quick one may be done before anybody can cancel it.
    await model.selectOption('glmamba-x2');
    await panelButton(page, 'Enhance').click();
    await page.locator('[data-job="enhance"]').waitFor();
    await waitUnlessRefused(page, page.getByRole('progressbar'), 20_000);
    const cancelledAt = Date.now();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByText('Cancelled. Nothing was written.').waitFor();
    // Far less than the enhancement takes, on a machine that is busy too.
    expect(Date.now() - cancelledAt).toBeLessThan(10_000);
    expect(await page.locator('[data-outcome]').count()).toBe(0);
    await expectBanner(page);
  });

  it('enhances the T2 with the help of the T1 and reads the verdict', async () => {
    await page.getByLabel('Model', { exact: true }).selectOption('edsr-guided-folded-x2');
    await panelButton(page, 'Enhance').click();
    const outcome = page.locator('[data-outcome]');
    await waitUnlessRefused(page, outcome, 240_000);
    const facts = await outcome.textContent();
    expect(facts).toMatch(/AlignmentTrusted/);
    expect(facts).toMatch(/Mutual information[\d.]+ → [\d.]+/);
    expect(facts).toContain(`192 × 192 × ${SLICES - 1}`);
    await expectBanner(page);
    await expectAccessible(page);
  });

  it('sees the enhanced series beside the others, marked as enhanced in every view', async () => {
    await page.locator('[data-volumes="3"]').waitFor({ timeout: 60_000 });
    for (const plane of PLANES) {
      await expect.poll(() => brightness(page, 'enhanced', plane), { timeout: 30_000 }).toBeGreaterThan(3);
      const label = await viewport(page, 'enhanced', plane).textContent();
      expect(label).toContain('ENHANCED ×2 · edsr-guided-folded-x2 · RUO');
      const target = await settled(() => brightness(page, 'target', plane));
      expect(Math.abs((await brightness(page, 'enhanced', plane)) - target)).toBeLessThan(0.15 * target);
    }
    expect(await viewport(page, 'enhanced', 'coronal').locator('[data-gap]').count()).toBe(1);
  });

  it('scrolls one image and the others follow to the same place', async () => {
    const before = await sliceOf(page, 'target', 'axial');
    await viewport(page, 'target', 'axial').hover();
    await page.mouse.wheel(0, 120);
    await expect.poll(() => sliceOf(page, 'target', 'axial')).toBe(before + 2);
    await expect.poll(() => sliceOf(page, 'enhanced', 'axial')).toBe(before + 2);
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => sliceOf(page, 'enhanced', 'axial')).toBe(before + 1);
    // The enhanced series has twice the columns: its sagittal slices lie half as far apart.
    const columns = await sliceOf(page, 'enhanced', 'sagittal');
    const target = await sliceOf(page, 'target', 'sagittal');
    await viewport(page, 'enhanced', 'sagittal').hover();
    await page.mouse.wheel(0, 240);
    await expect.poll(() => sliceOf(page, 'enhanced', 'sagittal')).not.toBe(columns);
    await expect.poll(async () => Math.abs((await sliceOf(page, 'target', 'sagittal')) - target)).toBe(2);
  });

  it('scrolls to the missing slice and is told that it was not acquired', async () => {
    const axial = viewport(page, 'target', 'axial');
    await axial.hover();
    await page.keyboard.press('Home');
    await expect.poll(() => sliceOf(page, 'target', 'axial')).toBe(1);
    for (let n = 0; n < SLICES && (await axial.locator('[data-gap]').count()) === 0; n++) {
      const before = await sliceOf(page, 'target', 'axial');
      await page.keyboard.press('ArrowDown');
      await expect.poll(() => sliceOf(page, 'target', 'axial')).toBe(before + 1);
    }
    await expect.poll(() => axial.textContent()).toContain('not acquired');
    await expect.poll(() => viewport(page, 'enhanced', 'axial').textContent()).toContain('not acquired');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => axial.textContent()).not.toContain('not acquired');
  });

  it('changes the window of target and enhanced together, and puts it back', async () => {
    const label = (column: string): Promise<string> =>
      viewport(page, column, 'axial').locator('.bottom-right').innerText();
    const before = { target: await label('target'), reference: await label('reference') };
    const bright = await settled(() => brightness(page, 'target', 'axial'));
    await drag(page, 'target', 'axial', { dx: 0, dy: 90, button: 'left' });
    await expect.poll(() => label('target')).not.toBe(before.target);
    const changed = await settled(() => label('target'));
    await expect.poll(() => label('enhanced')).toBe(changed);
    expect(await label('reference')).toBe(before.reference);
    await expect.poll(() => brightness(page, 'target', 'axial')).toBeLessThan(bright);
    await page.keyboard.press('0');
    await expect.poll(() => label('target')).toBe(before.target);
  });

  it('takes window presets by the number keys', async () => {
    const label = (): Promise<string> =>
      viewport(page, 'target', 'axial').locator('.bottom-right').innerText();
    const width = async (): Promise<number> => Number(/W (\d+)/.exec(await label())?.[1]);
    const series = await width();
    await page.keyboard.press('3');
    await expect.poll(async () => (await width()) / series).toBeCloseTo(1.6, 1);
    await page.keyboard.press('4');
    await expect.poll(async () => (await width()) / series).toBeCloseTo(0.6, 1);
    await page.keyboard.press('1');
    await expect.poll(width).toBe(series);
  });

  it('zooms and moves all images together', async () => {
    const before = await settled(() => brightness(page, 'reference', 'axial'));
    await drag(page, 'target', 'axial', { dx: 0, dy: -150, button: 'right' });
    await expect.poll(() => brightness(page, 'reference', 'axial')).toBeGreaterThan(before * 1.2);
    await drag(page, 'target', 'axial', { dx: 2000, dy: 0, button: 'middle' });
    await expect.poll(() => brightness(page, 'reference', 'axial')).toBeLessThan(before * 0.5);
    await page.keyboard.press('r');
    await expect
      .poll(async () => Math.abs((await brightness(page, 'reference', 'axial')) - before))
      .toBeLessThan(1);
  });

  it('shows one plane large and comes back, by keys, and reads the sheet of shortcuts', async () => {
    await page.keyboard.press('s');
    await expect.poll(() => page.locator('.viewport').count()).toBe(3);
    await expect.poll(() => brightness(page, 'enhanced', 'sagittal')).toBeGreaterThan(3);
    await page.keyboard.press('q');
    await expect.poll(() => page.locator('.viewport').count()).toBe(9);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor();
    await expectBanner(page);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('compares with what interpolation alone gives', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Review' }).click();
    await expectAccessible(page);
    await page.getByRole('checkbox', { name: 'Zero-filled' }).check();
    await page.locator('[data-volumes="4"]').waitFor({ timeout: 60_000 });
    await expect.poll(() => brightness(page, 'zero-filled', 'axial')).toBeGreaterThan(3);
    expect(await viewport(page, 'zero-filled', 'axial').textContent()).toContain('ZERO-FILLED ×2');
    await page.getByRole('checkbox', { name: 'Zero-filled' }).uncheck();
    await expect.poll(() => page.locator('.viewport').count()).toBe(9);
  });

  it('exports DICOM and finds the files where the window says', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Export' }).click();
    const out = join(folder.path, 'enhanced');
    await page.getByLabel('Folder to write to (new or empty)').fill(out);
    await panelButton(page, 'Export').click();
    await page.getByText(`${SLICES - 1} files written`).waitFor({ timeout: 60_000 });
    expect(await page.locator('[data-exported]').getAttribute('data-exported')).toBe(out);
    const files = (await readdir(out)).sort();
    expect(files).toHaveLength(SLICES - 1);
    for (const file of files) {
      expect(file).toMatch(/\.dcm$/);
      const bytes = await readFile(join(out, file));
      expect(bytes.subarray(128, 132).toString('latin1')).toBe('DICM');
    }
    await expectBanner(page);
    await expectAccessible(page);
  });

  it('is told that a folder with files in it is not written over', async () => {
    await panelButton(page, 'Export').click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.getAttribute('data-code')).toBe('output-exists');
    await page.getByRole('button', { name: 'Dismiss' }).click();
  });

  it('exports NIfTI too', async () => {
    const out = join(folder.path, 'enhanced-nifti');
    await page.getByText('NIfTI volume').click();
    await page.getByLabel('Folder to write to (new or empty)').fill(out);
    await panelButton(page, 'Export').click();
    await page.getByText('1 file written').waitFor({ timeout: 60_000 });
    const [file] = await readdir(out);
    expect(file).toMatch(/\.nii(\.gz)?$/);
    expect((await stat(join(out, file ?? ''))).size).toBeGreaterThan(1000);
  });

  it('reloads the page, is still let in, and is where they were', async () => {
    await page.reload();
    const tasks = page.getByRole('navigation');
    await tasks.getByRole('button', { name: 'Export', exact: true }).waitFor();
    await expect
      .poll(() => tasks.getByRole('button', { name: 'Export', exact: true }).getAttribute('aria-current'))
      .toBe('step');
    await tasks.getByRole('button', { name: 'Studies', exact: true }).click();
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
  });

  it('works in a small window', async () => {
    await page.setViewportSize({ width: 1024, height: 700 });
    // The enhanced series is stored: it is back with the two it was made from.
    await page.locator('[data-volumes="3"], [data-volumes="4"]').waitFor({ timeout: 60_000 });
    await expect.poll(() => brightness(page, 'reference', 'coronal')).toBeGreaterThan(3);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(overflow).toBe(false);
    await page.getByRole('button', { name: 'Go on to the pair' }).click();
    await page.getByRole('button', { name: 'Use this pair' }).click();
    await page.getByRole('button', { name: 'Accept and go on' }).click({ timeout: 120_000 });
    // What was made before is there again.
    await panelButton(page, 'Enhance again').scrollIntoViewIfNeeded();
    await expectBanner(page);
    await expectAccessible(page);
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(watched.complaints).toEqual([]);
  });

  it('is told when the workstation stops', async () => {
    await shell.stop();
    // What was under way when it stops says so in its own panel too.
    const alert = page.locator('.connection').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('The workstation has stopped');
    await expectBanner(page);
  });
});

function panelButton(page: Page, name: string) {
  return page.getByRole('complementary').getByRole('button', { name, exact: true });
}

/** Waits for what should appear; fails at once, with its words, when an error appears instead. */
async function waitUnlessRefused(page: Page, wanted: Locator, timeout: number): Promise<void> {
  const alert = page.locator('[role="alert"][data-code]');
  await wanted.or(alert).first().waitFor({ timeout });
  if ((await alert.count()) > 0) throw new Error(`The window says: ${await alert.first().innerText()}`);
}

async function drag(
  page: Page,
  column: string,
  plane: string,
  { dx, dy, button }: { dx: number; dy: number; button: 'left' | 'middle' | 'right' },
): Promise<void> {
  const box = await viewport(page, column, plane).boundingBox();
  if (box === null) throw new Error('The viewport is not on the page');
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  await page.mouse.move(x, y);
  await page.mouse.down({ button });
  await page.mouse.move(x + dx / 2, y + dy / 2);
  await page.mouse.move(x + dx, y + dy);
  await page.mouse.up({ button });
}
