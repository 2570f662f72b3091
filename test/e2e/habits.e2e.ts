import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectAccessible,
  expectBanner,
  launchBrowser,
  openPage,
  type RunningShell,
  startShell,
  temporaryFolder,
} from './workstation.ts';

const TASKS = ['Studies', 'Pair', 'Align', 'Enhance', 'Review', 'Export'];

describe('a user who has no data and begins with the tour', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let folder: { path: string; remove: () => Promise<void> };

  beforeAll(async () => {
    folder = await temporaryFolder();
    shell = await startShell();
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser, shell.url, { width: 1280, height: 800 }));
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const inEveryTheme = async (check: () => Promise<void>): Promise<void> => {
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
      await check();
    }
  };
  const onScreen = async (): Promise<void> => {
    await expectBanner(page);
    await expectAccessible(page);
  };

  it('sees the start page in the colours of the system', async () => {
    await page.getByRole('button', { name: 'Try it with the digital phantom' }).waitFor();
    await inEveryTheme(onScreen);
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
      await inEveryTheme(onScreen);
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor();
    await inEveryTheme(onScreen);
    await page.keyboard.press('Escape');
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
    await press(page, 'Try it with the digital phantom');
    const tour = page.getByRole('region', { name: 'Tour' });
    await tour.waitFor({ timeout: 120_000 });
    expect(await tour.textContent()).toContain('Tour, 1 of 6');
    for (const task of TASKS.slice(1, 4)) {
      await press(page, `Go on to ${task}`);
      await page.locator(`[data-task="${task.toLowerCase()}"]`).waitFor();
    }
    await press(page, 'Enhance', 'complementary');
    await page.locator('[data-moment="enhanced"]').waitFor({ timeout: 180_000 });
    await press(page, 'Go on to Review');
    await page.locator('[data-task="review"]').waitFor();
  });

  it('finds every screen usable in both themes, and in a small window', async () => {
    for (const task of TASKS) {
      await page.getByRole('navigation').getByRole('button', { name: task }).click();
      await page.locator(`[data-task="${task.toLowerCase()}"]`).waitFor();
      await inEveryTheme(onScreen);
      // The smaller is a window of 1280 × 800 at 200 %.
      for (const size of [
        { width: 900, height: 600 },
        { width: 640, height: 400 },
      ]) {
        await page.setViewportSize(size);
        await expectBanner(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        expect(overflow, `${task} at ${size.width} × ${size.height}`).toBe(false);
        const clipped = await clippedControls(page);
        expect(clipped, `${task} at ${size.width} × ${size.height}`).toEqual([]);
      }
      await page.setViewportSize({ width: 1280, height: 800 });
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
      await expect.poll(() => dialog.getByText('No folders in here.').count()).toBe(1);
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
    await press(page, 'End the tour');
    await expect.poll(() => page.getByRole('region', { name: 'Tour' }).count()).toBe(0);
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
    await inEveryTheme(onScreen);
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

/** Presses a button as who has no mouse does: it is reached by Tab, then Enter. */
async function press(page: Page, name: string, within: 'complementary' | 'any' = 'any'): Promise<void> {
  const scope = within === 'any' ? page : page.getByRole(within);
  const button = scope.getByRole('button', { name, exact: true });
  await button.waitFor();
  await expect.poll(() => button.isEnabled()).toBe(true);
  for (let n = 0; n < 150; n++) {
    if (await button.evaluate((element) => element === document.activeElement)) {
      await page.keyboard.press('Enter');
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`“${name}” is not reached by Tab`);
}

/** Controls that are on the page and cannot be scrolled into the window. */
function clippedControls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const scrolls = (element: Element): boolean => {
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        if (/auto|scroll/.test(overflowX + overflowY) && at !== document.documentElement) return true;
      }
      return false;
    };
    return [...document.querySelectorAll('button, input, select')].flatMap((element) => {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || scrolls(element)) return [];
      const inside =
        box.left >= -1 &&
        box.right <= window.innerWidth + 1 &&
        box.top >= -1 &&
        box.bottom <= window.innerHeight + 1;
      return inside
        ? []
        : [`${element.getAttribute('aria-label') ?? element.textContent} ${JSON.stringify(box)}`];
    });
  });
}
