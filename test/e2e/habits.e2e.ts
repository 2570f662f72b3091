import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectAccessible,
  expectUsable,
  launchBrowser,
  openPage,
  press,
  type RunningShell,
  startShell,
  temporaryFolder,
} from './workstation.ts';

/** A folder by which the folder that it lies in is known again. */
const MARK = 'a-folder-in-here';
const TASKS = ['Studies', 'Pair', 'Align', 'Enhance', 'Review', 'Export'];

describe('a user who has no data and begins with the tour', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let folder: { path: string; remove: () => Promise<void> };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder.path, MARK));
    shell = await startShell();
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  it('sees the start page in the colours of the system', async () => {
    await page.getByRole('button', { name: 'Try it with the digital phantom' }).waitFor();
    await expectUsable(page);
  });

  it('reads the settings, the shortcuts, the help and the palette, in both themes', async () => {
    const sheets: [string, string][] = [
      ['Settings…', 'Settings'],
      ['Find a command', 'Commands'],
      ['Help', 'Help'],
    ];
    for (const [button, name] of sheets) {
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.getByRole('dialog', { name }).waitFor();
      await expectUsable(page);
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor();
    await expectUsable(page);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('chooses the light theme, and finds it again after a reload', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await runCommand(page, 'theme light');
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await page.reload();
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Browse…' }).isEnabled()).toBe(true);
    await runCommand(page, 'theme as the system');
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  });

  it('goes through the whole tour with the keyboard alone, to an enhanced series', async () => {
    await press(page, button('Try it with the digital phantom'));
    const tour = page.getByRole('region', { name: 'Tour' });
    await tour.waitFor({ timeout: 120_000 });
    expect(await tour.textContent()).toContain('Tour, 1 of 6');
    for (const task of TASKS.slice(1, 4)) {
      await press(page, button(`Go on to ${task}`));
      await page.locator(`[data-task="${task.toLowerCase()}"]`).waitFor();
    }
    await press(page, page.getByRole('complementary').getByRole('button', { name: 'Enhance', exact: true }));
    await page.locator('[data-moment="enhanced"]').waitFor({ timeout: 180_000 });
    await press(page, button('Go on to Review'));
    await page.locator('[data-task="review"]').waitFor();
  });

  it('finds every screen usable in both themes, and in a small window', async () => {
    for (const task of TASKS) {
      await page.getByRole('navigation').getByRole('button', { name: task }).click();
      await page.locator(`[data-task="${task.toLowerCase()}"]`).waitFor();
      await expectUsable(page);
    }
  });

  it('saves a picture of all views, and a page of the case that needs nothing beside it', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Review' }).click();
    await page.locator('summary', { hasText: 'Pictures and page' }).click();
    const inFolder = async (button: string): Promise<string> => {
      await page.getByRole('button', { name: button }).click();
      const dialog = page.getByRole('dialog', { name: 'Choose a folder to write to' });
      await dialog.getByLabel('Path').fill(folder.path);
      await dialog.getByLabel('Path').press('Enter');
      await dialog.getByRole('button', { name: MARK, exact: true }).waitFor();
      await dialog.getByRole('button', { name: 'Choose this folder' }).click();
      const saved = page.locator('[data-saved]');
      await saved.waitFor({ timeout: 60_000 });
      return (await saved.getAttribute('data-saved')) ?? '';
    };
    const picture = await readFile(await inFolder('Save to a folder…'));
    expect(picture.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect(picture.readUInt32BE(16)).toBeGreaterThan(400);
    const html = await readFile(await inFolder('Write a page of this case…'), 'utf8');
    expect(html).toMatch(/Weights \(SHA-256\)<\/th><td>[0-9a-f]{64}/);
    expect(html).toContain('Research use only — not for diagnosis');
    const shown = await page.context().newPage();
    const asked: string[] = [];
    shown.on('request', (request) => asked.push(request.url()));
    await shown.setContent(html, { waitUntil: 'load' });
    expect(await shown.locator('img').count()).toBe(1);
    expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([]);
    await expectAccessible(shown);
    await shown.close();
  });

  it('leaves the tour, goes on with it later, and ends it', async () => {
    await page.getByRole('button', { name: 'Leave the tour' }).click();
    await expect.poll(() => page.getByRole('region', { name: 'Tour' }).count()).toBe(0);
    await page.reload();
    await page.locator('[data-task]').waitFor({ timeout: 60_000 });
    await runCommand(page, 'digital phantom');
    await page.getByRole('region', { name: 'Tour' }).waitFor({ timeout: 60_000 });
    await page.getByRole('navigation').getByRole('button', { name: 'Export' }).click();
    await press(page, button('End the tour'));
    await expect.poll(() => page.getByRole('region', { name: 'Tour' }).count()).toBe(0);
  });

  it('asks for help about the screen it is on', async () => {
    for (const task of TASKS) {
      await page.getByRole('navigation').getByRole('button', { name: task, exact: true }).click();
      await page
        .getByRole('complementary')
        .getByRole('button', { name: `Help about ${task}` })
        .click();
      const help = page.getByRole('dialog', { name: 'Help' });
      await help.getByRole('heading', { name: task, exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    }
  });

  it('hides who the patient is', async () => {
    const study = page.locator('.study-name');
    const before = await study.textContent();
    await runCommand(page, 'hide names');
    await expect.poll(() => study.textContent()).toContain('•••');
    expect(before).not.toContain('•••');
  });

  it('copies diagnostics without the patient and without paths', async () => {
    await page.keyboard.press('F1');
    await page.getByRole('tab', { name: 'Diagnostics' }).click();
    const told = page.getByRole('region', { name: 'Diagnostics as text' });
    await told.waitFor({ timeout: 60_000 });
    const text = (await told.textContent()) ?? '';
    expect(text).toContain('onnxruntime');
    expect(text).toContain('WebGL: ');
    expect(text).not.toMatch(/phantom|\/tmp|\/home|practice/i);
    await expectUsable(page);
    await page.keyboard.press('Escape');
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(complaints).toEqual([]);
  });
});

/** Finds a command by a few letters, as fast as one types. */
async function runCommand(page: Page, letters: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'What do you want to do?' }).waitFor();
  await page.keyboard.type(letters);
  await page.keyboard.press('Enter');
}
