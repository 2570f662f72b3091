import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataRoot } from '../helpers/data.ts';
import { zipOf } from '../helpers/zipBuilder.ts';
import {
  brightness,
  expectBanner,
  launchBrowser,
  openPage,
  openStudy,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
  viewport,
} from './workstation.ts';

describe('a user who gets images into the window', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let complaints: string[];
  let folder: { path: string; remove: () => Promise<void> };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await tandem('phantom', '--out', join(folder.path, 'study'), '--matrix', '64', '--slices', '6');
    shell = await startShell();
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser, shell.url));
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  it('cannot use the address a second time, in another browser', async () => {
    await expect.poll(() => page.getByRole('button', { name: 'Browse…' }).isEnabled()).toBe(true);
    const other = await openPage(browser, shell.url);
    const alert = other.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('no longer known');
    await expectBanner(other.page);
    await other.context.close();
  });

  it('is let in again where its own tab opens the address once more, and keeps it out of sight', async () => {
    const browse = page.getByRole('button', { name: 'Browse…' });
    await expect.poll(() => browse.isEnabled()).toBe(true);
    await page.goto('about:blank');
    await page.goto(shell.url);
    await expect.poll(() => browse.isEnabled()).toBe(true);
    // Pasted into the open page: only what stands after the # changes, and nothing is loaded.
    await page.evaluate((address) => window.location.assign(address), shell.url);
    await expect.poll(() => page.url()).not.toContain('token');
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('cannot get in without the token at all', async () => {
    const other = await openPage(browser, shell.origin);
    await other.page.getByRole('alert').waitFor();
    expect(await other.page.getByRole('alert').textContent()).toContain('access token');
    await other.context.close();
  });

  it('walks the folders of the machine to the study, with the keyboard alone', async () => {
    await page.getByRole('button', { name: 'Browse…' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Choose a folder' });
    await dialog.waitFor();
    await dialog.getByLabel('Path').fill(folder.path);
    await dialog.getByLabel('Path').press('Enter');
    const entry = dialog.getByRole('button', { name: 'study', exact: true });
    await entry.waitFor();
    await entry.focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'series-1-t2' }).waitFor();
    await expectBanner(page);
    await dialog.getByRole('button', { name: 'Choose this folder' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
    await page.getByRole('button', { name: 'Open another' }).click();
  });

  it('chooses a ZIP archive in the dialog, and opens the study in it', async () => {
    await writeFile(join(folder.path, 'packed.zip'), await zippedStudy(join(folder.path, 'study')));
    await page.getByRole('button', { name: 'Browse…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose a folder or a file' });
    await dialog.waitFor();
    await dialog.getByLabel('Path').fill(folder.path);
    await dialog.getByRole('button', { name: 'Go', exact: true }).click();
    await dialog.getByRole('button', { name: 'packed.zip' }).click();
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
    expect(await page.locator('.series').count()).toBe(2);
    await page.getByRole('button', { name: 'Open another' }).click();
  });

  it('drops files on the window', async () => {
    const files: { name: string; base64: string }[] = [];
    for (const series of ['series-1-t2', 'series-2-t1']) {
      const from = join(folder.path, 'study', series);
      for (const name of await readdir(from)) {
        const bytes = await readFile(join(from, name));
        files.push({ name: `${series}-${name}`, base64: bytes.toString('base64') });
      }
    }
    await page.evaluate((dropped) => {
      const data = new DataTransfer();
      for (const { name, base64 } of dropped) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name));
      }
      const event = (type: string): DragEvent =>
        new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(event('dragenter'));
      document.body.dispatchEvent(event('drop'));
    }, files);
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
    await expect.poll(() => page.locator('.series').count()).toBe(2);
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 60_000 });
    await expect.poll(() => brightness(page, 'target', 'axial')).toBeGreaterThan(3);
  });

  it('drops a whole folder on the window, and a ZIP archive', async () => {
    const study = join(folder.path, 'study');
    const names = (await readdir(study, { recursive: true })).filter((name) => name.endsWith('.dcm'));
    const files = names.map(async (name) => ({
      name: name.replaceAll('\\', '/'),
      bytes: new Uint8Array(await readFile(join(study, name))),
    }));
    const archive = join(folder.path, 'study.zip');
    await writeFile(archive, zipOf(await Promise.all(files)));
    for (const dropped of [study, archive]) {
      await page.getByRole('button', { name: 'Open another' }).click();
      await page.getByRole('heading', { name: 'Open a study' }).waitFor();
      await dropOnWindow(page, dropped);
      await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
      await expect.poll(() => page.locator('.series').count()).toBe(2);
    }
  });

  it('keeps a copy of what was dropped, which is temporary otherwise', async () => {
    await page.getByRole('button', { name: 'Keep a copy' }).click();
    await page.getByText('A copy is in the library.').waitFor();
    await page.getByRole('button', { name: 'Open another' }).click();
    const kept = page.locator('.library-study', { hasText: 'A copy in the library' });
    await kept.waitFor();
    await kept.getByRole('button', { name: /^Open / }).click();
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 60_000 });
    await page.getByRole('navigation').getByRole('button', { name: 'Studies' }).click();
    expect(await page.locator('.panel .path').first().textContent()).toContain('copies');
    await page.getByRole('button', { name: 'Open another' }).click();
  });

  it('is told about a folder that holds only a text file', async () => {
    const broken = join(folder.path, 'broken');
    await mkdir(broken);
    await writeFile(join(broken, 'notes.txt'), 'no image');
    await openStudy(page, broken);
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.getAttribute('data-code')).toMatch(/^(not-an-image|nothing-readable)$/);
    expect(await alert.textContent()).toContain(broken);
  });

  it.skipIf(dataRoot() === undefined)(
    'reads a real study and sees the missing slice of both series [needs shared data]',
    async () => {
      await openStudy(page, join(dataRoot() ?? '', 'dicom/t1-t2-study'));
      await page.getByRole('button', { name: 'Go on to the pair' }).waitFor({ timeout: 60_000 });
      expect(await page.locator('[data-code="gap"]').count()).toBe(2);
      await page.locator('[data-volumes="2"]').waitFor({ timeout: 120_000 });
      for (const plane of ['axial', 'sagittal', 'coronal']) {
        await expect.poll(() => brightness(page, 'target', plane), { timeout: 60_000 }).toBeGreaterThan(10);
        await expect
          .poll(() => brightness(page, 'reference', plane), { timeout: 60_000 })
          .toBeGreaterThan(10);
      }
      expect(await viewport(page, 'target', 'sagittal').locator('[data-gap]').count()).toBe(1);
      expect(await viewport(page, 'reference', 'axial').locator('[data-gap]').count()).toBe(1);
      await page.getByRole('button', { name: 'Go on to the pair' }).click();
      expect(await page.locator('[data-code="reference-coarser-than-target"]').count()).toBe(1);
    },
  );

  it('is served a page that may run and fetch nothing but what comes with it', async () => {
    const answer = await fetch(`${shell.origin}/`);
    const policy = new Map(
      (answer.headers.get('content-security-policy') ?? '').split(';').map((directive) => {
        const [name = '', ...sources] = directive.trim().split(/\s+/);
        return [name, sources];
      }),
    );
    expect(policy.get('default-src')).toEqual(["'none'"]);
    // Compiling WebAssembly, and no JavaScript from text.
    expect(policy.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    expect(policy.get('style-src')).toEqual(["'self'"]);
    expect(policy.get('connect-src')).toEqual(["'self'"]);
    for (const name of ['base-uri', 'form-action', 'frame-ancestors']) {
      expect(policy.get(name), name).toEqual(["'none'"]);
    }
    const sources = [...policy.values()].flat();
    expect(sources).not.toContain("'unsafe-inline'");
    expect(sources).not.toContain("'unsafe-eval'");
    expect(sources.filter((source) => /[*]|^https?:|^wss?:/.test(source))).toEqual([]);
    const html = await answer.text();
    expect(html.match(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/gi)).toBeNull();
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(complaints).toEqual([]);
  });
});

/** Drops a file or folder of this machine as the system does, by its path. */
async function dropOnWindow(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  }
  await session.detach();
}

/** All files of a folder as one ZIP archive. */
async function zippedStudy(study: string): Promise<Uint8Array> {
  const entries = await readdir(study, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return zipOf(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        return { name: relative(study, path), bytes: await readFile(path) };
      }),
    ),
  );
}
