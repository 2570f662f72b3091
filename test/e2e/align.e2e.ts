import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  brightness,
  expectAccessible,
  expectUsable,
  killHost,
  launchBrowser,
  openPage,
  openStudy,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
  type WatchedPage,
} from './workstation.ts';

/** One user after the other: each test goes on where the one before ended. */
describe('a user whose patient moved between the T2 and the T1', () => {
  let browser: Browser;
  let shell: RunningShell;
  let watched: WatchedPage;
  let page: Page;
  let folder: { path: string; remove: () => Promise<void> };
  let study: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    study = join(folder.path, 'study');
    await tandem(
      ...['phantom', '--out', study, '--matrix', '96', '--slices', '20', '--thickness', '5'],
      ...['--motion-deg', '3,-2,4', '--motion-mm', '5,-4,3'],
    );
    shell = await startShell(join(folder.path, 'home'));
    browser = await launchBrowser();
    watched = await openPage(browser, shell.url);
    page = watched.page;
    await openStudy(page, study);
    await page.getByRole('button', { name: 'Go on to the pair' }).click();
    await page.getByRole('button', { name: 'Use this pair' }).click();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  const plane = (name: string) => page.locator(`[data-align-plane="${name}"]`);
  const verdict = () => page.getByRole('region', { name: 'Verdict' });
  const number = (axis: string) => page.locator(`[data-axis="${axis}"]`);
  const picture = (name: string) =>
    plane(name).evaluate((element) => {
      const canvas = element.querySelector('canvas');
      const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      let [red, blue, difference] = [0, 0, 0];
      for (let n = 0; n < data.length; n += 4) {
        red += data[n]!;
        blue += data[n + 2]!;
        difference += Math.abs(data[n]! - data[n + 2]!);
      }
      const count = Math.max(1, data.length / 4);
      return { red: red / count, blue: blue / count, difference: difference / count };
    });
  const shoot = async (name: string) => {
    const to = process.env.TANDEM_SHOTS;
    if (to === undefined) return;
    await mkdir(to, { recursive: true });
    await page.screenshot({ path: join(to, `${name}.png`) });
  };

  it('loses the compute process while it registers, is told plainly, and registers again', async () => {
    await page.locator('[data-job="align"]').waitFor({ timeout: 60_000 });
    killHost(shell);
    const alert = page.getByRole('complementary').getByRole('alert');
    await alert.waitFor();
    expect(await alert.getAttribute('data-code')).toBe('host-crashed');
    expect(await alert.textContent()).toMatch(/Registering did not work.*ended unexpectedly/);
    // The images stay, and nothing is accepted by mistake.
    expect(await plane('axial').count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Accept and go on' }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.locator('[data-job="align"]').waitFor();
    expect(await alert.count()).toBe(0);
  });

  it('sees the reference laid over the target, registered, with the verdict in a physicist’s words', async () => {
    await verdict().and(page.locator('[data-verdict="trusted"]')).waitFor({ timeout: 120_000 });
    const said = await verdict().textContent();
    expect(said).toMatch(/Mutual information[\d.]+ → [\d.]+ nats/);
    expect(said).toMatch(/Overlap\d+ % of the target covered/);
    expect(said).toMatch(/Reference turned.*nodded back by [23]\.\d°.*turned to the right by [34]\.\d°/);
    for (const name of ['axial', 'sagittal', 'coronal']) {
      await expect.poll(async () => (await picture(name)).red, { timeout: 30_000 }).toBeGreaterThan(3);
    }
    await shoot('align-blend');
    await expectUsable(page);
  });

  it('goes to a slice by a click on the curve of agreement, and by its arrow keys', async () => {
    const curve = page.getByRole('slider', { name: 'Agreement of each slice' });
    const box = (await curve.boundingBox())!;
    await page.mouse.click(box.x + box.width * 0.72, box.y + box.height / 2);
    await expect.poll(() => curve.getAttribute('aria-valuenow')).toBe('15');
    await curve.press('ArrowLeft');
    await expect.poll(() => curve.getAttribute('aria-valuenow')).toBe('14');
    expect(await curve.getAttribute('aria-valuetext')).toMatch(/^Slice 14 of 20: \d+ %$/);
    await expect.poll(() => plane('axial').getAttribute('data-slice')).toMatch(/^(14|7)$/);
  });

  it('compares with a blend, checks, a swipe and edges', async () => {
    const blend = page.getByRole('slider', { name: 'Share of the reference' });
    await blend.fill('0');
    await expect
      .poll(async () => (await picture('axial')).blue / (await picture('axial')).red)
      .toBeGreaterThan(1.5);
    await blend.fill('100');
    await expect
      .poll(async () => (await picture('axial')).red / (await picture('axial')).blue)
      .toBeGreaterThan(1.5);
    await blend.fill('50');
    await page.getByText('Checks', { exact: true }).click();
    await page.getByRole('slider', { name: 'Size of a field' }).fill('20');
    await shoot('align-checks');
    await expectAccessible(page);
    await page.getByText('Swipe', { exact: true }).click();
    const border = page.getByRole('slider', { name: 'Border of the swipe' });
    const box = (await plane('axial').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.25, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => Number(await border.inputValue())).toBe(25);
    await shoot('align-swipe');
    await page.getByText('Edges', { exact: true }).click();
    await expect.poll(async () => (await picture('axial')).difference).toBeGreaterThan(1);
    await shoot('align-edges');
    await expectUsable(page);
    await page.getByText('Blend', { exact: true }).click();
  });

  it('moves and turns the reference by keys, by drags and by numbers, is told what that does, and takes it back', async () => {
    await page.getByRole('checkbox', { name: 'Adjust by hand' }).check();
    const before = Number(await number('left').inputValue());
    await plane('axial').focus();
    for (let n = 0; n < 6; n++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(async () => Number(await number('left').inputValue())).toBeCloseTo(before + 6.1, 1);
    await page.locator('[data-placed-by="hand"]').waitFor({ timeout: 60_000 });
    await shoot('align-by-hand');
    await page.keyboard.press('Control+z');
    await expect.poll(async () => Number(await number('left').inputValue())).toBeCloseTo(before, 1);
    await page.locator('[data-verdict="trusted"][data-placed-by="registration"]').waitFor();

    const box = (await plane('axial').boundingBox())!;
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.down();
    await page.mouse.move(middle.x + 40, middle.y, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => Number(await number('left').inputValue())).toBeGreaterThan(before + 5);

    const turn = Number(await number('turn').inputValue());
    const radius = 0.36 * Math.min(box.width, box.height);
    await page.mouse.move(middle.x + radius, middle.y);
    await page.mouse.down();
    await page.mouse.move(middle.x + radius * Math.cos(0.2), middle.y - radius * Math.sin(0.2), { steps: 5 });
    await page.mouse.up();
    // Counter-clockwise for the reader, who sees an axial slice from the feet: about −z.
    await expect
      .poll(async () => Math.abs(Number(await number('turn').inputValue()) - turn))
      .toBeGreaterThan(8);
    await number('superior').fill('12.5');
    await number('superior').press('Enter');
    await page.locator('[data-verdict="untrusted"][data-placed-by="hand"]').waitFor({ timeout: 60_000 });
    expect(await verdict().textContent()).toContain('given by the user');
    await shoot('align-untrusted');
    await expectUsable(page);
  });

  it('registers again from there, or takes the scanner’s positions', async () => {
    await number('superior').fill('0');
    await number('superior').press('Enter');
    await page.getByRole('button', { name: 'Register from here' }).click();
    await page.locator('[data-verdict="trusted"][data-placed-by="refinement"]').waitFor({ timeout: 120_000 });
    await page.getByRole('button', { name: 'Scanner positions' }).click();
    await page.locator('[data-placed-by="scanner"]').waitFor({ timeout: 60_000 });
    await expect.poll(() => number('left').inputValue()).toBe('0');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('[data-placed-by="refinement"]').waitFor();
  });

  it('goes on without the reference, with single-image models only, and comes back', async () => {
    await page.getByRole('button', { name: 'Go on without the reference' }).click();
    const model = page.getByLabel('Model', { exact: true });
    await model.waitFor();
    const offered = await model.locator('option').allTextContents();
    expect(offered.length).toBeGreaterThan(0);
    for (const option of offered) expect(option).toContain('single image');
    await page.getByRole('navigation', { name: 'Tasks' }).getByRole('button', { name: 'Align' }).click();
    await page.getByRole('button', { name: 'Use the reference after all' }).click();
    await page.getByRole('button', { name: 'Accept and go on' }).click();
    await expect
      .poll(async () => (await model.locator('option').allTextContents()).join())
      .toContain('guided');
    // Align has a canvas of its own: the images of the other screens are still there afterwards.
    for (const kind of ['target', 'reference']) {
      await expect.poll(() => brightness(page, kind, 'axial'), { timeout: 30_000 }).toBeGreaterThan(3);
    }
    await expectAccessible(page);
    expect(watched.complaints).toEqual([]);
  });

  /** Ends the workstation and starts it anew, in a browser that has seen nothing: as after a night. */
  async function restart(): Promise<void> {
    // What has settled is kept.
    await page.waitForTimeout(1000);
    await shell.stop();
    await page.context().close();
    shell = await startShell(join(folder.path, 'home'));
    watched = await openPage(browser, shell.url);
    page = watched.page;
  }
  const goTo = (task: string) =>
    page.getByRole('navigation', { name: 'Tasks' }).getByRole('button', { name: task, exact: true }).click();

  it('comes back the next day to the reference where it was left, with its verdict and the yes to it', async () => {
    await goTo('Align');
    await number('superior').fill('12.5');
    await number('superior').press('Enter');
    await page.locator('[data-verdict="untrusted"][data-placed-by="hand"]').waitFor({ timeout: 60_000 });
    const left = await Promise.all(['left', 'superior', 'turn'].map((axis) => number(axis).inputValue()));
    await page.getByRole('button', { name: 'Accept all the same and go on' }).click();
    await restart();
    const line = page.locator('[data-alignment="untrusted"]');
    await line.waitFor({ timeout: 60_000 });
    expect(await line.textContent()).toContain('accepted by you');
    expect(await page.getByRole('button', { name: 'Enhance', exact: true }).last().isEnabled()).toBe(true);
    await goTo('Align');
    await page.locator('[data-verdict="untrusted"][data-placed-by="hand"]').waitFor({ timeout: 60_000 });
    const found = await Promise.all(['left', 'superior', 'turn'].map((axis) => number(axis).inputValue()));
    expect(found).toEqual(left);
    expect(await page.locator('[data-job="align"]').count()).toBe(0);
  });

  it('is told where the files have changed since: the alignment of others is dropped, and made anew', async () => {
    const [file] = (await readdir(study, { recursive: true })).filter((name) => name.endsWith('.dcm'));
    await utimes(join(study, file ?? ''), new Date(), new Date());
    await restart();
    await page.locator('[data-dropped]').waitFor({ timeout: 60_000 });
    await page
      .locator('[data-verdict="trusted"][data-placed-by="registration"]')
      .waitFor({ timeout: 120_000 });
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Accept and go on' }).click();
    await expect.poll(() => page.locator('[data-dropped]').count()).toBe(0);
    expect(watched.complaints).toEqual([]);
  });
});
