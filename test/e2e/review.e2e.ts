import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boxLabels } from '../helpers/labelsNifti.ts';
import {
  brightness,
  expectAccessible,
  expectBanner,
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

/** Of the digital head at this matrix, as `tandem phantom` writes it: a field of 240 mm. */
const MATRIX = 96;
const VOXEL_MM = 240 / MATRIX;

type Place = readonly [across: number, down: number];

/** One reader, one enhanced study: each test goes on where the one before ended. */
describe('a reader who compares an enhanced series with its original', () => {
  let browser: Browser;
  let shell: RunningShell;
  let watched: WatchedPage;
  let page: Page;
  let folder: { path: string; remove: () => Promise<void> };

  const cell = (id: string) => page.locator(`.viewport[data-cell="${id}"]`);
  const choose = (label: string, value: string) =>
    page.getByLabel(label, { exact: true }).selectOption(value);
  const point = async (id: string, [across, down]: Place): Promise<readonly [number, number]> => {
    const box = await cell(id).boundingBox();
    if (box === null) throw new Error(`The cell ${id} is not on the page`);
    return [box.x + across * box.width, box.y + down * box.height];
  };
  const drag = async (id: string, places: readonly Place[], button: 'left' | 'right' | 'middle' = 'left') => {
    const [first, ...others] = places;
    await page.mouse.move(...(await point(id, first!)));
    await page.mouse.down({ button });
    for (const place of others) await page.mouse.move(...(await point(id, place)), { steps: 3 });
    await page.mouse.up({ button });
  };
  const measured = (name: string) => page.locator(`[data-measured="${name}"]`);
  /** Colours of the pixels of a canvas in a cell at shares of its width and height. */
  const pixelsOf = (id: string, selector: string, places: readonly Place[]) =>
    cell(id).evaluate(
      (element, { wanted, at }) => {
        const canvas = element.querySelector<HTMLCanvasElement>(wanted);
        const context = canvas?.getContext('2d');
        if (!canvas || !context) return [];
        return at.map(([x, y]) => {
          const pixel = context.getImageData(
            Math.round(x * canvas.width),
            Math.round(y * canvas.height),
            1,
            1,
          );
          return [...pixel.data];
        });
      },
      { wanted: selector, at: places },
    );

  /** How opaque the labels are in the middle of the first cell. */
  const labelAlpha = async (): Promise<number> =>
    (await pixelsOf('0-0', '[data-labelmap]', [[0.5, 0.5]]))[0]?.[3] ?? 0;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const study = join(folder.path, 'study');
    await tandem('phantom', '--out', study, '--matrix', String(MATRIX), '--slices', '10', '--gap-after', '6');
    await writeFile(join(folder.path, 'labels.nii'), boxLabels());
    await writeFile(join(folder.path, 'halves.nii'), boxLabels({ offset: 0.5 }));
    await writeFile(
      join(folder.path, 'segments.json'),
      JSON.stringify([{ value: 1, meaning: 'edema', label: 'Box', colorRgb: [250, 0, 200] }]),
    );
    await tandem(
      ...['export', 'segmentation', study, '--series', '1', '--labels', join(folder.path, 'labels.nii')],
      ...['--segments', join(folder.path, 'segments.json'), '--out', join(study, 'segmentation.dcm')],
    );
    shell = await startShell();
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
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  it('lays out cells as wanted, and puts any series and plane into each', async () => {
    for (const [layout, count] of [
      ['1x1', 1],
      ['1x2', 2],
      ['1x3', 3],
      ['2x2', 4],
      ['coronal', 3],
      ['all', 9],
    ] as const) {
      await choose('Layout', layout);
      await expect.poll(() => page.locator('.viewport').count()).toBe(count);
      const plane = layout === 'coronal' ? 'coronal' : 'axial';
      await expect.poll(() => brightness(page, 'enhanced', plane), { timeout: 30_000 }).toBeGreaterThan(3);
    }
    await choose('Layout', '1x2');
    await choose('Image in row 1, column 1', 'reference');
    await choose('Plane in row 1, column 1', 'sagittal');
    await expect.poll(() => cell('0-0').getAttribute('data-column')).toBe('reference');
    await expect.poll(() => cell('0-0').getAttribute('data-plane')).toBe('sagittal');
    await expect.poll(() => brightness(page, 'reference', 'sagittal')).toBeGreaterThan(3);
    await expectAccessible(page);
    await choose('Image in row 1, column 1', 'target');
    await choose('Plane in row 1, column 1', 'axial');
  });

  it('uses the mouse as in other viewers', async () => {
    const target = viewport(page, 'target', 'axial');
    const before = await sliceOf(page, 'target', 'axial');
    await target.hover();
    await page.mouse.wheel(0, 60);
    await expect.poll(() => sliceOf(page, 'enhanced', 'axial')).toBe(before + 1);
    await page.mouse.wheel(0, -60);
    const bar = (): Promise<number> =>
      target.locator('.scale-bar').evaluate((element) => element.clientWidth);
    const mm = async (): Promise<number> =>
      Number(await target.locator('.scale-bar').getAttribute('data-mm'));
    const scale = async (): Promise<number> => (await bar()) / (await mm());
    const fitted = await scale();
    await drag(
      '0-0',
      [
        [0.5, 0.7],
        [0.5, 0.5],
      ],
      'right',
    );
    await expect.poll(scale).toBeGreaterThan(fitted * 1.5);
    await page.keyboard.press('r');
    await expect.poll(async () => Math.abs((await scale()) - fitted)).toBeLessThan(fitted * 0.05);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -300);
    await page.keyboard.up('Control');
    await expect.poll(scale).toBeGreaterThan(fitted * 1.5);
    await page.keyboard.press('r');
    await page.keyboard.down('Shift');
    await drag('0-0', [
      [0.5, 0.5],
      [3, 0.5],
    ]);
    await page.keyboard.up('Shift');
    await expect.poll(() => brightness(page, 'target', 'axial')).toBeLessThan(3);
    await page.keyboard.press('r');
    await target.dblclick();
    await expect.poll(() => page.locator('.viewport').count()).toBe(1);
    await target.dblclick();
    await expect.poll(() => page.locator('.viewport').count()).toBe(2);
  });

  it('sees the original while O is held, and says so', async () => {
    const enhanced = cell('0-1');
    await enhanced.hover();
    expect(await enhanced.innerText()).toContain('ENHANCED ×2');
    await page.keyboard.down('o');
    await expect.poll(() => enhanced.getAttribute('data-shown')).toBe('target');
    expect(await enhanced.innerText()).not.toContain('ENHANCED ×2');
    expect(await enhanced.getAttribute('aria-label')).toMatch(/^Target/);
    await page.waitForTimeout(400);
    await page.keyboard.up('o');
    await expect.poll(() => enhanced.getAttribute('data-shown')).toBe('enhanced');
    await page.keyboard.press('o');
    await expect.poll(() => enhanced.getAttribute('data-shown')).toBe('target');
    await page.waitForTimeout(400);
    expect(await enhanced.getAttribute('data-shown')).toBe('target');
    await page.keyboard.press('o');
    await expect.poll(() => enhanced.innerText()).toContain('ENHANCED ×2');
  });

  it('swipes between the two, with the mouse and with the keyboard', async () => {
    await choose('How', 'swipe');
    const edge = cell('0-1').getByRole('slider');
    await edge.waitFor();
    for (const place of [
      [0.4, 0.5],
      [0.6, 0.5],
    ] as const) {
      // Both lie under the edge, each on its side.
      await expect
        .poll(async () => (await pixelsOf('0-1', '.picture canvas', [place]))[0]?.[0])
        .toBeGreaterThan(20);
      await expect
        .poll(async () => (await pixelsOf('0-1', '[data-part="second"] canvas', [place]))[0]?.[0])
        .toBeGreaterThan(20);
    }
    expect(await edge.getAttribute('aria-valuenow')).toBe('50');
    await page.mouse.move(...(await point('0-1', [0.5, 0.5])));
    await page.mouse.down();
    await page.mouse.move(...(await point('0-1', [0.2, 0.5])), { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => edge.getAttribute('aria-valuenow')).toBe('20');
    await edge.focus();
    await page.keyboard.press('PageDown');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => edge.getAttribute('aria-valuenow')).toBe('32');
    const clip = await cell('0-1')
      .locator('[data-part="second"]')
      .evaluate((element) => getComputedStyle(element).clipPath);
    expect(clip).toBe('inset(0px 0px 0px 32%)');
    expect(await cell('0-1').innerText()).toContain('ENHANCED ×2');
    await expectAccessible(page);
  });

  it('lets them blink, with the label following what is seen', async () => {
    await choose('How', 'blink');
    await page.getByLabel('Blinks per second').fill('2');
    const seen = new Set<string | null>();
    for (let n = 0; n < 60 && seen.size < 2; n++) {
      const [kind, words] = await cell('0-1').evaluate((element) => [
        element.getAttribute('data-shown'),
        (element as HTMLElement).innerText,
      ]);
      expect(words?.includes('ENHANCED ×2')).toBe(kind === 'enhanced');
      seen.add(kind ?? null);
      await page.waitForTimeout(100);
    }
    expect([...seen].sort()).toEqual(['enhanced', 'target']);
  });

  it('looks at them as a checkerboard', async () => {
    await choose('How', 'checkerboard');
    await page.getByLabel('Size of the fields, pixels').fill('48');
    const size = () =>
      cell('0-1')
        .locator('[data-part="second"]')
        .evaluate((element) => getComputedStyle(element).maskSize);
    await expect.poll(size).toBe('96px 96px');
    expect(await cell('0-1').innerText()).toContain('fields: Target');
  });

  it('sees the signed difference with its scale, as acquired and interpolated', async () => {
    await choose('How', 'difference');
    const scale = cell('0-1').locator('.colour-scale');
    await scale.waitFor();
    expect(await scale.innerText()).toMatch(/Enhanced − Target[\s\S]*as acquired[\s\S]*−\d+\s+0\s+\+\d+/);
    await page.getByLabel('Ends of the colours').fill('200');
    await expect.poll(() => scale.innerText()).toContain('+200');
    const colours = async (): Promise<string> => JSON.stringify(await pixelsOf('0-1', '.difference', rim));
    const rim: Place[] = Array.from({ length: 40 }, (_, n) => [0.3 + n * 0.01, 0.5]);
    const acquired = await colours();
    const pixels = JSON.parse(acquired) as number[][];
    expect(pixels.some(([r = 0, , b = 0]) => b > r + 20)).toBe(true);
    expect(pixels.some(([r = 0, , b = 0]) => r > b + 20)).toBe(true);
    await choose('Its values', 'linear');
    await expect.poll(() => scale.innerText()).toContain('interpolated linearly');
    expect(await colours()).not.toBe(acquired);
    await choose('With', 'zero-filled');
    await expect.poll(() => scale.innerText(), { timeout: 30_000 }).toContain('on the same voxels');
    expect(await cell('0-1').innerText()).toContain('ENHANCED ×2');
  });

  it('measures lengths, angles and regions, and reads the values of every image on the screen', async () => {
    await choose('How', 'off');
    await cell('0-0').hover();
    await page.keyboard.press('d');
    await drag('0-0', [
      [0.4, 0.5],
      [0.6, 0.5],
    ]);
    await measured('Length 1').waitFor();
    const shown = Number(/([\d.]+) mm/.exec(await measured('Length 1').innerText())?.[1]);
    const bar = cell('0-0').locator('.scale-bar');
    const box = await cell('0-0').boundingBox();
    const mmPerPixel =
      Number(await bar.getAttribute('data-mm')) /
      (await bar.evaluate((element) => element.getBoundingClientRect().width));
    expect(Math.abs(shown - 0.2 * box!.width * mmPerPixel)).toBeLessThan(0.02 * shown);

    await page.keyboard.press('g');
    for (const place of [
      [0.5, 0.4],
      [0.5, 0.5],
      [0.6, 0.5],
    ] as const)
      await drag('0-1', [place, place]);
    await expect.poll(() => measured('Angle 1').innerText()).toMatch(/(89|90|91)\.\d°/);

    await page.keyboard.press('e');
    await drag('0-1', [
      [0.42, 0.42],
      [0.58, 0.58],
    ]);
    await page.keyboard.press('Shift+E');
    await drag('0-0', [
      [0.38, 0.38],
      [0.62, 0.55],
    ]);
    await page.keyboard.press('f');
    await drag('0-0', [
      [0.4, 0.45],
      [0.6, 0.45],
      [0.6, 0.62],
      [0.4, 0.62],
      [0.4, 0.46],
    ]);
    const number = async (name: string, image: string, column: number): Promise<number> =>
      Number(await measured(name).locator(`[data-image="${image}"] td`).nth(column).innerText());
    for (const name of ['Ellipse 1', 'Rectangle 1', 'Freehand 1']) {
      const [target, enhanced] = [await number(name, 'target', 4), await number(name, 'enhanced', 4)];
      // Half the spacing in both directions: four times the voxels, up to the rim.
      expect(enhanced / target).toBeGreaterThan(3.7);
      expect(enhanced / target).toBeLessThan(4.3);
      const means = [await number(name, 'target', 0), await number(name, 'enhanced', 0)] as const;
      expect(Math.abs(means[0] - means[1]) / means[0]).toBeLessThan(0.05);
    }
    await page.keyboard.press('v');
    await drag('0-0', [
      [0.45, 0.45],
      [0.45, 0.45],
    ]);
    await expect
      .poll(() => measured('Value 1').locator('[data-image="enhanced"] td').innerText())
      .toMatch(/^\d+$/);
    await cell('0-1').locator('[data-measurement="Rectangle 1"][data-whole="true"]').waitFor();
    await expectAccessible(page);
  });

  it('sees a measurement only where the plane goes through it', async () => {
    await cell('0-0').hover();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => cell('0-0').locator('[data-measurement="Rectangle 1"]').count()).toBe(0);
    await page.getByRole('button', { name: 'Show Rectangle 1' }).click();
    await expect.poll(() => cell('0-0').locator('[data-measurement="Rectangle 1"]').count()).toBe(1);
    await choose('Plane in row 1, column 1', 'coronal');
    await expect
      .poll(() => cell('0-0').locator('[data-measurement="Rectangle 1"]').getAttribute('data-whole'))
      .toBe('false');
    await choose('Plane in row 1, column 1', 'axial');
  });

  it('reads a profile of both series along one line', async () => {
    await cell('0-0').hover();
    await page.keyboard.press('Shift+D');
    await drag('0-0', [
      [0.3, 0.5],
      [0.7, 0.5],
    ]);
    const plot = page.locator('[data-profile="Profile 1"]');
    await plot.waitFor();
    expect(await plot.locator('svg[role="img"] .profile-line').count()).toBe(2);
    expect(await plot.innerText()).toContain('ENHANCED ×2');
    const paths = await plot
      .locator('svg[role="img"] .profile-line')
      .evaluateAll((lines) => lines.map((line) => line.getAttribute('d') ?? ''));
    expect(paths[0]?.length).toBeGreaterThan(200);
    expect(paths[0]).not.toBe(paths[1]);
  });

  it('deletes, takes it back, and copies all as a table', async () => {
    const count = await page.locator('[data-measured]').count();
    await page.getByRole('button', { name: 'Delete Angle 1' }).click();
    await expect.poll(() => page.locator('[data-measured]').count()).toBe(count - 1);
    await cell('0-0').hover();
    await page.keyboard.press('Control+z');
    await expect.poll(() => page.locator('[data-measured]').count()).toBe(count);
    await page.keyboard.press('Control+y');
    await expect.poll(() => page.locator('[data-measured]').count()).toBe(count - 1);
    await watched.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy as CSV' }).click();
    const csv = await page.evaluate(() => navigator.clipboard.readText());
    const lines = csv.trim().split('\r\n');
    expect(lines).toHaveLength(1 + 2 * (count - 1));
    expect(lines.filter((line) => line.includes('ENHANCED ×2'))).toHaveLength(count - 1);
    await page.getByRole('button', { name: 'Delete all' }).click();
    await expect.poll(() => page.locator('[data-measured]').count()).toBe(0);
  });

  it('measures with the keyboard alone', async () => {
    await cell('0-0').focus();
    await page.keyboard.press('d');
    await page.keyboard.press('Enter');
    for (let n = 0; n < 10; n++) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    const mm = Number(/([\d.]+) mm/.exec(await measured('Length 1').innerText())?.[1]);
    expect(mm).toBeCloseTo(10 * VOXEL_MM, 1);
    await page.keyboard.press('Delete');
    await expect.poll(() => page.locator('[data-measured]').count()).toBe(0);
    await page.keyboard.press('w');
    await page.keyboard.press('x');
  });

  it('plays the slices, there and back, and stops', async () => {
    await page.getByText('Cine', { exact: true }).click();
    await cell('0-0').hover();
    const seen = new Set<number>();
    await page.keyboard.press('k');
    await expect
      .poll(
        async () => {
          seen.add(await sliceOf(page, 'target', 'axial'));
          return seen.size;
        },
        { timeout: 30_000, interval: 50 },
      )
      .toBeGreaterThan(5);
    await page.keyboard.press('k');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const stopped = await sliceOf(page, 'target', 'axial');
    await page.waitForTimeout(500);
    expect(await sliceOf(page, 'target', 'axial')).toBe(stopped);
  });

  it('inverts and colours, and turns back', async () => {
    await cell('0-0').hover();
    const grey = await settled(() => brightness(page, 'target', 'axial'));
    await page.keyboard.press('n');
    await expect.poll(() => brightness(page, 'target', 'axial')).toBeGreaterThan(grey + 40);
    await page.keyboard.press('n');
    await expect
      .poll(async () => Math.abs((await brightness(page, 'target', 'axial')) - grey))
      .toBeLessThan(1);
    await page.locator('summary').getByText('Window', { exact: true }).click();
    await choose('Colours, Target and enhanced', 'viridis');
    await expect
      .poll(async () => {
        const pixels = await pixelsOf('0-1', 'canvas', [[0.5, 0.5]]);
        const [r = 0, g = 0, b = 0] = pixels[0] ?? [];
        return Math.max(r, g, b) - Math.min(r, g, b);
      })
      .toBeGreaterThan(30);
    await choose('Colours, Target and enhanced', 'grey');
  });

  it('hides labels and patient, and still sees that the image is enhanced', async () => {
    await cell('0-1').hover();
    expect(await cell('0-1').innerText()).toContain('PHANTOM');
    await page.keyboard.press('l');
    await expect.poll(() => cell('0-1').innerText()).not.toContain('PHANTOM');
    const words = await cell('0-1').evaluate((element) => element.querySelector('.labels')?.textContent);
    expect(words).toBe('ENHANCED ×2 · edsr-guided-folded-x2 · RUO');
    await page.keyboard.press('l');
    await expectBanner(page);
  });

  it('has the place of the pointer marked in the other cells, and its values', async () => {
    // A slice that was acquired: playing ended anywhere.
    await cell('0-0').hover();
    await page.keyboard.press('Home');
    for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('x');
    await page.mouse.move(...(await point('0-0', [0.45, 0.45])));
    const mark = cell('0-1').locator('[data-pointer-mark]');
    await expect.poll(() => mark.getAttribute('visibility')).toBe('visible');
    await expect.poll(() => cell('0-1').locator('.value').innerText()).toMatch(/^Value \d+$/);
    await page.keyboard.press('x');
    await page.keyboard.press('m');
    await page.mouse.move(...(await point('0-0', [0.5, 0.5])), { steps: 2 });
    await expect.poll(() => page.locator('[data-magnifier]:visible').count()).toBe(2);
    const lens = await pixelsOf('0-1', '[data-magnifier]', [[0.5, 0.5]]);
    expect(lens[0]?.[3]).toBe(255);
    await page.keyboard.press('m');
  });

  it('copies a picture, with the labels or without, that says what it is in any case', async () => {
    await watched.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const box = await cell('0-1').boundingBox();
    /** Size of the picture on the clipboard, and how bright its parts are: the left letter, the top left, the bottom, the middle. */
    const picture = () =>
      page.evaluate(async () => {
        const [item] = await navigator.clipboard.read();
        const blob = await item?.getType('image/png');
        if (blob === undefined) throw new Error('There is no picture on the clipboard');
        const image = await createImageBitmap(blob);
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context?.drawImage(image, 0, 0);
        const lit = (x: number, y: number, width: number, height: number): number => {
          const data = context?.getImageData(x, y, width, height).data ?? [];
          let count = 0;
          for (let n = 0; n < data.length; n += 4)
            if (Math.max(data[n]!, data[n + 1]!, data[n + 2]!) > 120) count++;
          return count;
        };
        const { width, height } = image;
        return {
          width,
          height,
          letter: lit(0, (height - 22) / 2 - 12, 24, 24),
          enhanced: lit(8, 4, 240, 34),
          mark: lit(0, height - 22, width, 22),
          head: lit(width / 2 - 50, height / 2 - 50, 100, 100),
        };
      });
    await cell('0-1').hover();
    await page.keyboard.press('Control+c');
    await expect.poll(async () => (await picture()).width, { timeout: 60_000 }).toBe(Math.round(box!.width));
    const labelled = await picture();
    expect(labelled.height).toBe(Math.round(box!.height + 22));
    for (const part of ['enhanced', 'mark', 'head'] as const) {
      expect(labelled[part]).toBeGreaterThan(100);
    }
    expect(labelled.letter).toBeGreaterThan(10);
    await page.keyboard.press('l');
    await page.keyboard.press('Control+c');
    await expect.poll(async () => (await picture()).letter, { timeout: 60_000 }).toBe(0);
    const bare = await picture();
    expect(bare.enhanced).toBeGreaterThan(100);
    expect(bare.mark).toBe(labelled.mark);
    await page.keyboard.press('l');
    await page.keyboard.press('Control+Shift+C');
    await expect
      .poll(async () => (await picture()).width, { timeout: 60_000 })
      .toBeGreaterThan(box!.width * 1.9);
  });

  it('lets cells go their own ways, and links them again', async () => {
    await page.getByRole('checkbox', { name: 'Slices' }).uncheck();
    const before = await sliceOf(page, 'target', 'axial');
    await cell('0-1').hover();
    await page.mouse.wheel(0, before > 5 ? -60 : 60);
    await expect.poll(() => sliceOf(page, 'enhanced', 'axial')).not.toBe(before);
    expect(await sliceOf(page, 'target', 'axial')).toBe(before);
    await page.getByRole('checkbox', { name: 'Slices' }).check();
    await expect
      .poll(
        async () => (await sliceOf(page, 'target', 'axial')) === (await sliceOf(page, 'enhanced', 'axial')),
      )
      .toBe(true);
  });

  it('lays labels of a file over the images, and is told when a file holds none', async () => {
    await page.locator('summary').getByText('Labels over the images').click();
    const path = page.getByLabel('NIfTI of whole numbers, or DICOM Segmentation', { exact: true });
    const show = page.getByRole('button', { name: 'Show', exact: true });
    await path.fill(join(folder.path, 'halves.nii'));
    await show.click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('holds no labels');
    // The next one is chosen in the dialog, which begins where the last one was.
    await page.getByRole('button', { name: /^Browse: NIfTI of whole/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose a file' });
    await dialog.getByRole('button', { name: 'labels.nii', exact: true }).waitFor();
    expect(await dialog.getByRole('button', { name: 'segments.json' }).count()).toBe(0);
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'labels.nii', exact: true }).click();
    await expect.poll(() => path.inputValue()).toBe(join(folder.path, 'labels.nii'));
    await show.click();
    await cell('0-0').locator('[data-labelmap]').waitFor();
    await expect.poll(() => alert.count()).toBe(0);
    await expect.poll(labelAlpha).toBeGreaterThan(100);
    await page.getByRole('checkbox', { name: 'Outlines only' }).check();
    await expect.poll(labelAlpha).toBe(0);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => page.locator('[data-labelmap]').count()).toBe(0);
  });

  it('shows a segmentation that came with the study, by its name, in its colours', async () => {
    const offered = page.getByRole('list', { name: 'Segmentations of this study' }).getByRole('listitem');
    expect(await offered.count()).toBe(1);
    expect(await offered.innerText()).toContain('Box');
    await offered.getByRole('button', { name: /^Show / }).click();
    await cell('0-0').locator('[data-labelmap]').waitFor();
    await expect.poll(labelAlpha).toBeGreaterThan(100);
    const [[red = 0, green = 0, blue = 0] = []] = await pixelsOf('0-0', '[data-labelmap]', [[0.5, 0.5]]);
    // As the file recommends, but for the rounding of CIELab and of what is half transparent.
    for (const [value, wanted] of [
      [red, 250],
      [green, 0],
      [blue, 200],
    ] as const) {
      expect(Math.abs(value - wanted)).toBeLessThan(6);
    }
    const labels = page.getByRole('list', { name: 'Labels in the file' });
    await expect.poll(() => labels.innerText()).toBe('Box');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Remove' }).click();
  });

  it('takes a tool from the toolbar, by mouse and by keys, in any size of window', async () => {
    const bar = page.getByRole('toolbar');
    const pressed = () => bar.locator('[aria-pressed="true"]').getAttribute('data-tool');
    await bar.getByRole('button', { name: 'Rectangle' }).click();
    await expect.poll(pressed).toBe('rectangle');
    await cell('0-0').hover();
    await page.keyboard.press('d');
    await expect.poll(pressed).toBe('length');
    await bar.getByRole('button', { name: 'Length' }).focus();
    const before = await sliceOf(page, 'target', 'axial');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(pressed).toBe('pan');
    // The keys moved the focus, not the slices.
    expect(await sliceOf(page, 'target', 'axial')).toBe(before);
    for (const [width, height] of [
      [900, 600],
      [640, 400],
    ] as const) {
      await page.setViewportSize({ width, height });
      const last = bar.getByRole('button', { name: 'Profile along a line' });
      await last.scrollIntoViewIfNeeded();
      await last.click();
      await expect.poll(pressed).toBe('profile');
      await page.keyboard.press('Home');
      await page.keyboard.press('Enter');
      await expect.poll(pressed).toBe('window');
      const room = await page.locator('.stage').boundingBox();
      expect(room!.height).toBeGreaterThan(0.5 * height);
      const isWider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      expect(isWider).toBe(false);
      await expectAccessible(page);
    }
    await page.setViewportSize({ width: 1500, height: 950 });
  });

  it('finds measurements again after a restart, until the study is forgotten', async () => {
    await cell('0-0').hover();
    await page.keyboard.press('d');
    await drag('0-0', [
      [0.4, 0.5],
      [0.6, 0.5],
    ]);
    await measured('Length 1').waitFor();
    const millimetres = async (): Promise<string | undefined> =>
      /[\d.]+ mm/.exec(await measured('Length 1').innerText())?.[0];
    const before = await millimetres();
    await page.reload();
    await page.locator('[data-volumes="2"], [data-volumes="3"]').waitFor({ timeout: 60_000 });
    await expect.poll(millimetres).toBe(before);
    await page.getByRole('button', { name: 'Delete Length 1' }).click();
    await expect.poll(() => page.locator('[data-measured]').count()).toBe(0);
    await page.keyboard.press('Control+z');
    await measured('Length 1').waitFor();

    await page.getByRole('navigation').getByRole('button', { name: 'Studies' }).click();
    await page.getByRole('button', { name: 'Open another' }).click();
    await page.getByText('Series and results').click();
    await page.getByRole('button', { name: 'Forget …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await page.getByText('No study yet').waitFor();
    await openStudy(page, join(folder.path, 'study'));
    await page.getByRole('button', { name: 'Go on to the pair' }).waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Review' }).click();
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 60_000 });
    expect(await page.locator('[data-measured]').count()).toBe(0);
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(watched.complaints).toEqual([]);
  });
});
