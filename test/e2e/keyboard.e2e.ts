import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  launchBrowser,
  openPage,
  press,
  type RunningShell,
  sliceOf,
  startShell,
  tabTo,
  tandem,
  temporaryFolder,
  viewport,
} from './workstation.ts';

const SLICES = 8;

/** Only keys: Tab, arrows, Enter, Space, what is typed, and the shortcuts of the sheet. */
describe('a user who has no mouse', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let folder: { path: string; remove: () => Promise<void> };
  let study: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    study = join(folder.path, 'study');
    const moved = ['--motion-deg', '2,0,0', '--motion-mm', '2,1,0'];
    await tandem('phantom', '--out', study, '--matrix', '96', '--slices', String(SLICES), ...moved);
    await mkdir(join(folder.path, 'exports', 'series'), { recursive: true });
    shell = await startShell();
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
    await page.evaluate(() => {
      const noted = (): void => document.documentElement.setAttribute('data-pointer-used', 'true');
      for (const type of ['pointerdown', 'mousedown', 'wheel']) window.addEventListener(type, noted, true);
    });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const panel = () => page.getByRole('complementary');
  const button = (name: string) => panel().getByRole('button', { name, exact: true });
  const isAt = (task: string) => page.locator(`[data-task="${task}"]`).waitFor();
  /** What stands in the field that has the focus is typed over. */
  const type = async (words: string): Promise<void> => {
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(words);
  };
  /** Arrow keys in a list, until it shows the wanted value. */
  const choose = async (label: string, value: string): Promise<void> => {
    const list = page.getByLabel(label, { exact: true });
    await tabTo(page, list);
    for (const key of ['ArrowDown', 'ArrowUp']) {
      for (let n = 0; n < 40 && (await list.inputValue()) !== value; n++) await page.keyboard.press(key);
    }
    expect(await list.inputValue()).toBe(value);
  };

  it('opens a study by its path', async () => {
    await tabTo(page, page.getByLabel('Folder or file'));
    await page.keyboard.type(study);
    await page.keyboard.press('Enter');
    await isAt('studies');
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 120_000 });
  });

  it('looks through its slices before going on', async () => {
    await tabTo(page, viewport(page, 'target', 'axial'));
    const before = await sliceOf(page, 'target', 'axial');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => sliceOf(page, 'target', 'axial')).toBe(before + 1);
    expect(await sliceOf(page, 'reference', 'axial')).toBe(before + 1);
    await press(page, button('Go on to the pair'));
    await isAt('pair');
  });

  it('swaps the pair and swaps it back, and uses it', async () => {
    const target = page.getByLabel('Target', { exact: true });
    const suggested = await target.inputValue();
    await press(page, button('Swap target and reference'));
    await expect.poll(() => target.inputValue()).not.toBe(suggested);
    await page.keyboard.press('Space');
    await expect.poll(() => target.inputValue()).toBe(suggested);
    await press(page, button('Use this pair'));
    await isAt('align');
  });

  it('moves the reference by a millimetre, takes it back, and accepts the alignment', async () => {
    const trusted = page.locator('[data-verdict="trusted"][data-placed-by="registration"]');
    await trusted.waitFor({ timeout: 120_000 });
    await tabTo(page, page.getByRole('checkbox', { name: 'Adjust by hand' }));
    await page.keyboard.press('Space');
    const left = page.locator('[data-axis="left"]');
    const before = Number(await left.inputValue());
    await tabTo(page, page.locator('[data-align-plane="axial"]'));
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => Number(await left.inputValue())).toBeCloseTo(before + 1, 1);
    await page.keyboard.press('ControlOrMeta+z');
    await expect.poll(async () => Number(await left.inputValue())).toBeCloseTo(before, 1);
    await trusted.waitFor({ timeout: 60_000 });
    await press(page, button('Accept and go on'));
    await isAt('enhance');
  });

  it('chooses a model and enhances', async () => {
    await tabTo(page, page.getByRole('radio', { name: '×2' }));
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.getByRole('radio', { name: '×4' }).isChecked()).toBe(true);
    await page.keyboard.press('ArrowLeft');
    await choose('Model', 'srcnn-guided-x2');
    await press(page, button('Enhance'));
    await page.locator('[data-outcome]').waitFor({ timeout: 240_000 });
    await press(page, button('Review'));
    await isAt('review');
    await page.locator('[data-volumes="3"]').waitFor({ timeout: 60_000 });
  });

  it('compares the enhanced image with its original, in one plane, and measures a length', async () => {
    await page.keyboard.press('a');
    await expect.poll(() => page.locator('.viewport').count()).toBe(3);
    const enhanced = page.locator('.viewport[data-column="enhanced"]');
    await tabTo(page, enhanced);
    await page.keyboard.press('o');
    await expect.poll(() => enhanced.getAttribute('data-shown')).toBe('target');
    await page.keyboard.press('o');
    await expect.poll(() => enhanced.getAttribute('data-shown')).toBe('enhanced');
    await page.keyboard.press('d');
    await page.keyboard.press('Enter');
    for (let n = 0; n < 6; n++) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    const length = page.locator('[data-measured="Length 1"]');
    // Six voxels of the enhanced image, whose field of 240 mm has twice the columns of the target.
    await expect
      .poll(async () => Number(/([\d.]+) mm/.exec(await length.innerText())?.[1]))
      .toBeCloseTo((6 * 240) / (2 * 96), 1);
  });

  it('exports DICOM into a folder of the dialog, and the files are on the disk', async () => {
    await page.keyboard.press(']');
    await isAt('export');
    await press(page, button('Browse…'));
    const dialog = page.getByRole('dialog', { name: 'Choose a folder to write to' });
    await tabTo(page, dialog.getByLabel('Path'));
    await type(join(folder.path, 'exports'));
    await page.keyboard.press('Enter');
    await press(page, dialog.getByRole('button', { name: 'series', exact: true }));
    const out = join(folder.path, 'exports', 'series');
    await expect.poll(() => dialog.getByLabel('Path').inputValue()).toBe(out);
    await press(page, dialog.getByRole('button', { name: 'Choose this folder' }));
    const path = page.getByLabel('Folder to write to (new or empty)');
    await expect.poll(() => path.inputValue()).toBe(out);
    await tabTo(page, page.getByRole('checkbox', { name: /With the registration/ }));
    await page.keyboard.press('Space');
    await press(page, button('Export'));
    await page.locator('[data-exported]').waitFor({ timeout: 120_000 });
    const files = (await readdir(out)).sort();
    expect(files).toHaveLength(SLICES + 1);
    expect(files).toContain('registration.dcm');
    for (const file of files) {
      const bytes = await readFile(join(out, file));
      expect(bytes.subarray(128, 132).toString('latin1'), file).toBe('DICM');
      expect(bytes.includes('Research use only'), file).toBe(true);
    }
  });

  it('has used no pointer, and seen no console error, no failed request and no request to another place', async () => {
    expect(await page.evaluate(() => document.documentElement.getAttribute('data-pointer-used'))).toBeNull();
    expect(complaints).toEqual([]);
  });
});
