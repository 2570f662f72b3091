import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boxLabels } from '../helpers/labelsNifti.ts';
import { brightFiles, brightModel } from '../main/segmentation/models.ts';
import {
  expectAccessibleInEveryTheme,
  expectFitsSmallWindows,
  launchBrowser,
  openPage,
  openStudy,
  press,
  type RunningShell,
  sliceOf,
  startShell,
  tabTo,
  tandem,
  temporaryFolder,
  viewport,
  type WatchedPage,
} from './workstation.ts';

/** Of the first label, and of the acquired image among all. */
const SKY_BLUE = [86, 180, 233] as const;
/** Of the zero-filled image. */
const YELLOW = [240, 228, 66] as const;

/** One physicist, one enhanced study with a gap: each test goes on where the one before ended. */
describe('a physicist who asks what enhancement does to a contour', () => {
  let browser: Browser;
  let shell: RunningShell;
  let watched: WatchedPage;
  let page: Page;
  let folder: { path: string; remove: () => Promise<void> };
  const home = process.env.TANDEM_HOME;

  const section = () => page.locator('details.section', { has: page.getByText('Tumour outline (preview)') });
  const row = (kind: string, table = 'base') =>
    page.locator(`[data-agreement-with="${table}"] tr[data-image="${kind}"]`);
  const mlOf = async (kind: string): Promise<number> =>
    Number(await row(kind).locator('td').first().innerText());
  const measured = () => page.locator('[data-compared="true"]').waitFor({ timeout: 60_000 });
  /** How many pixels of the outlines over an image are of about this colour. */
  const pixelsOf = (cell: Locator, color: readonly [number, number, number]): Promise<number> =>
    cell.evaluate((element, wanted) => {
      const canvas = element.querySelector<HTMLCanvasElement>('canvas.contours');
      const context = canvas?.getContext('2d');
      if (!canvas || !context) return 0;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let n = 0; n < data.length; n += 4) {
        if (data[n + 3]! < 200) continue;
        if (wanted.every((value, channel) => Math.abs(data[n + channel]! - value) < 30)) count++;
      }
      return count;
    }, color);

  beforeAll(async () => {
    folder = await temporaryFolder();
    process.env.TANDEM_HOME = join(folder.path, 'home');
    const study = join(folder.path, 'study');
    await tandem('phantom', '--out', study, '--matrix', '96', '--slices', '10', '--gap-after', '6');
    const spec = {
      contrasts: [
        { name: 't2', required: true },
        { name: 't1', required: false },
      ],
    };
    const { onnx, description } = brightFiles(join(folder.path, 'bright'), {
      spec,
      model: brightModel({ above: 1 }),
    });
    await tandem('segment', 'import', onnx, '--description', description, '--id', 'bright');
    await writeFile(join(folder.path, 'truth.nii'), boxLabels());
    shell = await startShell(process.env.TANDEM_HOME);
    browser = await launchBrowser();
    watched = await openPage(browser, shell.url, { width: 1500, height: 950 });
    page = watched.page;
    await openStudy(page, study);
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Enhance' }).click();
    await page.getByRole('complementary').getByRole('button', { name: 'Enhance', exact: true }).click();
    await page.locator('[data-outcome]').waitFor({ timeout: 240_000 });
    await page.getByRole('navigation').getByRole('button', { name: 'Review' }).click();
    await page.locator('[data-volumes="3"]').waitFor({ timeout: 60_000 });
  }, 400_000);

  afterAll(async () => {
    if (home === undefined) delete process.env.TANDEM_HOME;
    else process.env.TANDEM_HOME = home;
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  it('finds the outline in the acquired, the zero-filled and the enhanced image', async () => {
    await page.getByText('Tumour outline (preview)').click();
    await section().getByText('Research-use preview').waitFor();
    await section().getByLabel('Segmentation model').selectOption('bright');
    await section().locator('[data-mark="CANDIDATE"]').waitFor();
    for (const name of ['Acquired', 'Zero-filled ×2', 'Enhanced ×2']) {
      expect(await section().getByRole('checkbox', { name }).isChecked()).toBe(true);
    }
    await page.getByRole('button', { name: 'Find the outline' }).click();
    await row('enhanced').waitFor({ timeout: 120_000 });
    await measured();
    await page.keyboard.press('a');
    for (const column of ['target', 'enhanced']) {
      const cell = viewport(page, column, 'axial');
      await expect.poll(() => pixelsOf(cell, SKY_BLUE)).toBeGreaterThan(50);
      expect(await cell.locator('.contour-mark').first().innerText()).toMatch(/PREVIEW/);
    }
    expect(await viewport(page, 'reference', 'axial').locator('canvas.contours').count()).toBe(0);
    await section().locator('[data-code="model-not-accepted"]').waitFor();
    expect(await section().locator('[data-code="model-not-accepted"]').count()).toBe(1);
  });

  it('reads volumes, differences and agreement', async () => {
    const [acquired, enhanced] = [await mlOf('target'), await mlOf('enhanced')];
    expect(acquired).toBeGreaterThan(10);
    const cells = await row('enhanced').locator('td').allInnerTexts();
    const difference = Number.parseFloat(cells[1]!.replace('−', '-'));
    expect(difference).not.toBe(0);
    expect(difference).toBeCloseTo(enhanced - acquired, 1);
    expect(Number(cells[2])).toBeGreaterThan(0.5);
    expect(Number(cells[2])).toBeLessThan(1);
    expect(Number(cells[3])).toBeGreaterThanOrEqual(0);
  });

  it('lays all outlines over every image, in colours of their own, and hides them with a key', async () => {
    await page.keyboard.press('Shift+L');
    const cell = viewport(page, 'reference', 'axial');
    await expect.poll(() => pixelsOf(cell, SKY_BLUE)).toBeGreaterThan(10);
    await expect.poll(() => pixelsOf(cell, YELLOW)).toBeGreaterThan(10);
    expect(await cell.locator('.contour-name').allInnerTexts()).toEqual([
      'Acquired',
      'Zero-filled ×2',
      'Enhanced ×2',
    ]);
    await page.keyboard.press('Shift+T');
    await expect.poll(() => page.locator('canvas.contours').count()).toBe(0);
    await page.keyboard.press('Shift+T');
    await page.keyboard.press('Shift+L');
    await page.locator('canvas.contours').first().waitFor();
  });

  it('finds outlines and their mark in a picture, whatever else is left out of it', async () => {
    await watched.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const cell = viewport(page, 'enhanced', 'axial');
    const box = await cell.boundingBox();
    if (box === null) throw new Error('The enhanced image is not on the page');
    await cell.hover();
    const words = () => cell.innerText();
    const before = await words();
    await page.keyboard.press('l');
    await expect.poll(words).not.toBe(before);
    // It moves up when the labels above it go.
    const mark = await cell.locator('.contour-mark').first().boundingBox();
    if (mark === null) throw new Error('The mark is not on the page');
    /** Blue pixels of the picture on the clipboard, and lit ones where the mark is. */
    const picture = () =>
      page.evaluate(
        async ({ place, blue }) => {
          const [item] = await navigator.clipboard.read();
          const blob = await item?.getType('image/png');
          if (blob === undefined) throw new Error('There is no picture on the clipboard');
          const image = await createImageBitmap(blob);
          const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
          context?.drawImage(image, 0, 0);
          const { data } = context!.getImageData(0, 0, image.width, image.height - 22);
          let outlined = 0;
          for (let n = 0; n < data.length; n += 4) {
            if (blue.every((value, channel) => Math.abs(data[n + channel]! - value) < 40)) outlined++;
          }
          const lit = context!.getImageData(place.x, place.y, place.width, place.height).data;
          const marked = lit.filter((value, n) => n % 4 === 0 && value > 150).length;
          return { outlined, marked };
        },
        {
          place: { ...mark, x: mark.x - box.x, y: mark.y - box.y },
          blue: SKY_BLUE,
        },
      );
    await page.keyboard.press('Control+c');
    await expect
      .poll(async () => (await picture().catch(() => ({ outlined: 0 }))).outlined, { timeout: 60_000 })
      .toBeGreaterThan(50);
    expect((await picture()).marked).toBeGreaterThan(60);
    await page.keyboard.press('Shift+T');
    await page.keyboard.press('Control+c');
    await expect.poll(async () => (await picture()).outlined, { timeout: 60_000 }).toBe(0);
    await page.keyboard.press('Shift+T');
    await page.keyboard.press('l');
  });

  it('goes to a slice with a click on the curve, and with keys, in all images', async () => {
    const curve = page.getByRole('slider', { name: 'Dice, slice by slice' });
    await curve.scrollIntoViewIfNeeded();
    const box = await curve.boundingBox();
    if (box === null) throw new Error('There is no curve');
    await curve.click({ position: { x: box.width * 0.25, y: 20 } });
    const before = Number(await curve.getAttribute('aria-valuenow'));
    expect(before).toBe(3);
    const slice = await sliceOf(page, 'target', 'axial');
    expect(await sliceOf(page, 'enhanced', 'axial')).toBe(slice);
    await curve.press('ArrowRight');
    await expect.poll(() => curve.getAttribute('aria-valuenow')).toBe(String(before + 1));
    expect(Math.abs((await sliceOf(page, 'enhanced', 'axial')) - slice)).toBe(1);
    // Before and after the gap: the curve has the slices that were acquired, the images one more.
    await curve.press('End');
    await expect
      .poll(() => curve.getAttribute('aria-valuenow'))
      .toBe(await curve.getAttribute('aria-valuemax'));
    await curve.press('Home');
    const part = section().locator('[data-found-in="enhanced"] button').first();
    const wanted = /slice (\d+)/.exec(await part.innerText())?.[1];
    await part.click();
    await expect.poll(() => curve.getAttribute('aria-valuenow')).toBe(wanted);
  });

  it('holds them against labels that it says are the truth', async () => {
    await page.getByText('Labels over the images', { exact: true }).click();
    await page
      .getByLabel('NIfTI of whole numbers, or DICOM Segmentation', { exact: true })
      .fill(join(folder.path, 'truth.nii'));
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await section().getByRole('checkbox', { name: 'The labels over the images are the truth' }).check();
    await row('truth', 'truth').waitFor({ timeout: 60_000 });
    await measured();
    // 15 × 15 × 14 voxels of 4 × 4 × 6 mm.
    expect(await row('truth', 'truth').locator('td').first().innerText()).toBe('302.40');
    expect(Number(await row('target', 'truth').locator('td').nth(1).innerText())).toBeLessThan(1);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect.poll(() => page.locator('[data-agreement-with="truth"]').count()).toBe(0);
    await measured();
  });

  it('paints with the brush, sees another volume, and takes it back', async () => {
    const before = await mlOf('target');
    const cell = viewport(page, 'target', 'axial');
    await page.keyboard.press('u');
    const box = await cell.boundingBox();
    if (box === null) throw new Error('The target is not on the page');
    // In a corner, where there is air.
    const [x, y] = [box.x + 0.32 * box.width, box.y + 0.5 * box.height - 0.3 * box.width];
    await page.mouse.move(x, y);
    const ring = cell.locator('.brush-ring g');
    await expect.poll(() => ring.getAttribute('visibility')).toBe('visible');
    await page.mouse.down();
    await page.mouse.move(x + 40, y, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => mlOf('target'), { timeout: 60_000 }).toBeGreaterThan(before + 0.5);
    await row('target').getByText('Acquired, corrected').waitFor();
    const painted = await mlOf('target');
    await page.keyboard.press('Control+z');
    await expect.poll(() => mlOf('target'), { timeout: 60_000 }).toBe(before);
    expect(await row('target').locator('th').innerText()).toBe('Acquired');
    await page.keyboard.press('Control+Shift+Z');
    await expect.poll(() => mlOf('target'), { timeout: 60_000 }).toBe(painted);
    // The eraser takes away what it passes over.
    await page.keyboard.press('Shift+U');
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 40, y, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => mlOf('target'), { timeout: 60_000 }).toBeLessThanOrEqual(before);
    await page.keyboard.press('Control+z');
    await expect.poll(() => mlOf('target'), { timeout: 60_000 }).toBe(painted);
  });

  it('paints with the keyboard alone, with a brush as wide as it wants', async () => {
    const before = await mlOf('enhanced');
    await page.mouse.move(5, 5);
    const cell = viewport(page, 'enhanced', 'axial');
    await tabTo(page, cell);
    await page.keyboard.press('u');
    const radius = async () => Number(await cell.locator('.brush-ring').getAttribute('data-radius'));
    const narrow = await radius();
    for (let n = 0; n < 3; n++) await page.keyboard.press('}');
    await expect.poll(radius).toBeGreaterThan(1.5 * narrow);
    for (let n = 0; n < 4; n++) await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+U');
    await page.keyboard.press('Enter');
    // No number is there until the correction was measured.
    await expect
      .poll(async () => Math.abs((await mlOf('enhanced')) - before), { timeout: 60_000 })
      .toBeGreaterThan(0.05);
    await page.getByRole('button', { name: 'Back to what the model found, Enhanced ×2' }).click();
    await expect.poll(() => mlOf('enhanced'), { timeout: 60_000 }).toBe(before);
  });

  it('is told that a slice that was not acquired cannot be painted', async () => {
    const cell = viewport(page, 'target', 'axial');
    await cell.focus();
    await page.keyboard.press('Home');
    for (let n = 0; n < 12 && (await cell.locator('[data-gap]').count()) === 0; n++) {
      await page.keyboard.press('ArrowDown');
    }
    await cell.locator('[data-gap]').first().waitFor();
    await page.keyboard.press('u');
    await page.keyboard.press('Enter');
    await page.locator('[data-brush-note]', { hasText: 'not acquired' }).waitFor();
    await page.keyboard.press('w');
  });

  it('is asked before its corrections are lost', async () => {
    await page.getByRole('button', { name: 'Find it again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Corrections were not written' });
    await dialog.waitFor();
    await expectAccessibleInEveryTheme(page);
    await dialog.getByRole('button', { name: 'Keep my corrections' }).click();
    await dialog.waitFor({ state: 'detached' });
    await row('target').getByText('Acquired, corrected').waitFor();
  });

  it('writes the corrected outline and those as found, checked, and may go on then', async () => {
    const out = join(folder.path, 'outlines');
    await page.getByLabel('Folder for the outline (new or empty)').fill(out);
    await press(page, page.getByRole('button', { name: 'Write', exact: true }));
    await expect.poll(() => page.locator('[data-written-outline]').count(), { timeout: 120_000 }).toBe(3);
    const folders = (await readdir(out)).sort();
    expect(folders).toEqual(['acquired-corrected', 'enhanced-x2', 'zero-filled-x2']);
    for (const name of folders) {
      expect((await readdir(join(out, name))).sort()).toEqual(['report.dcm', 'segmentation.dcm']);
    }
    expect(await page.locator('[data-written-outline] [data-errors="0"]').count()).toBe(3);
  });

  it('finds all of it usable in both themes and in small windows', async () => {
    await expectAccessibleInEveryTheme(page);
    await expectFitsSmallWindows(page);
    expect(watched.complaints).toEqual([]);
  });

  it('goes on without being asked once corrections were written', async () => {
    await page.getByRole('button', { name: 'Find it again' }).click();
    await page.locator('[data-job="segment"]').waitFor();
    await page.locator('[data-job="segment"]').getByRole('button', { name: 'Cancel' }).click();
    await section().getByText('What was found before that stays').waitFor({ timeout: 60_000 });
    expect(watched.complaints).toEqual([]);
  });
});
