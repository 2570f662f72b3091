import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser, openPage, openStudy, startShell, tandem } from '../../e2e/workstation.ts';
import { writePeople } from '../../main/finetune/people.ts';
import type { BenchResult } from '../measure.ts';

/**
 * How long the window takes to answer while a model is tuned beside it: wheel turns and keys as the system gives
 * them, from the input to the picture after it. The same study and the same inputs without a training, and with one. Build the window before (`npm run build`).
 */

/** A whole number of times down and up again. */
const INPUTS = 160;
/** About as fast as a hand turns a wheel, slice by slice. */
const PAUSE_MS = 80;

export async function benchLag(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-lag-'));
  const shell = await startShell(join(folder, 'home'));
  const browser = await launchBrowser();
  try {
    await tandem('phantom', '--out', join(folder, 'study'), '--matrix', '256', '--slices', '40');
    await writePeople(join(folder, 'people'), 7);
    const { page } = await openPage(browser, shell.url, { width: 1280, height: 800 });
    await page.getByRole('button', { name: 'Browse…' }).and(page.locator(':enabled')).waitFor();
    await openStudy(page, join(folder, 'study'));
    await page.locator('[data-volumes="2"]').waitFor({ timeout: 120_000 });
    await scroll(page);
    const quiet = await lags(page);
    await startTuning(page, folder);
    const beside = await lags(page);
    const stage = await stageOf(page);
    if (stage !== 'training')
      throw new Error(`The training did not last as long as the measurement: ${stage}`);
    return [
      line('input to picture, 95 of 100 within: no training', percentile(quiet, 95), null),
      line('the same beside a fine-tuning', percentile(beside, 95), percentile(quiet, 95)),
      line('median: no training', percentile(quiet, 50), null),
      line('median beside a fine-tuning', percentile(beside, 50), percentile(quiet, 50)),
    ];
  } finally {
    await browser.close();
    await shell.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function line(name: string, value: number, base: number | null): BenchResult {
  const against = base === null ? null : 'without';
  return { name, value, unit: 'ms', against, ratio: base === null ? null : value / base, runs: INPUTS };
}

/** Starts a tuning of GLMamba in the window, as a user does, and closes the sheet once it trains. */
async function startTuning(page: Page, folder: string): Promise<void> {
  await page.keyboard.press('Shift+M');
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('tab', { name: 'Fine-tune' }).click();
  await sheet.getByLabel('Learn from', { exact: true }).fill(join(folder, 'people'));
  await sheet.getByLabel('Learn from', { exact: true }).press('Enter');
  await sheet.getByLabel('Model to begin with').selectOption('glmamba-x2');
  await sheet.getByLabel('Reference onto target').selectOption('headers-unchecked');
  await sheet.getByLabel('Hours of training').fill('0.5');
  await sheet.getByLabel('Folder of the run').fill(join(folder, 'tuned'));
  await sheet.getByRole('button', { name: 'Start', exact: true }).click();
  await sheet.getByText(/Step \d+ of \d+/).waitFor({ timeout: 300_000 });
  await page.keyboard.press('Escape');
}

async function stageOf(page: Page): Promise<string | null> {
  await page.keyboard.press('Shift+M');
  await page.getByRole('dialog').getByRole('tab', { name: 'Fine-tune' }).click();
  const run = page.locator('[data-run]:not([data-run="none"])');
  await run.waitFor({ state: 'attached' });
  return run.getAttribute('data-run');
}

async function scroll(page: Page): Promise<void> {
  const box = await page.locator('.viewport').first().boundingBox();
  if (box === null) throw new Error('There is no image on the page');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let n = 0; n < INPUTS; n++) {
    // A wheel turn and a key in turns, down the stack and up again, never to its end, where nothing answers.
    const down = Math.floor(n / 10) % 2 === 0;
    if (n % 2 === 0) await page.mouse.wheel(0, down ? 60 : -60);
    else await page.keyboard.press(down ? 'ArrowDown' : 'ArrowUp');
    await page.waitForTimeout(PAUSE_MS);
  }
}

/** Milliseconds from each input, by the system's own stamp on it, to the frame after the picture that it changes. */
async function lags(page: Page): Promise<number[]> {
  await page.evaluate(() => {
    const noted: number[] = [];
    const waiting: number[] = [];
    const begun = ({ timeStamp }: Event): void => {
      waiting.push(timeStamp);
    };
    const drawn = (): void => {
      const answered = waiting.splice(0);
      requestAnimationFrame(() => {
        for (const stamp of answered) noted.push(performance.now() - stamp);
      });
    };
    const inputs = ['wheel', 'keydown'];
    for (const name of inputs) window.addEventListener(name, begun, { capture: true, passive: true });
    const pictures = [...document.querySelectorAll('.picture')];
    for (const picture of pictures) picture.addEventListener('CORNERSTONE_IMAGE_RENDERED', drawn);
    const end = (): number[] => {
      for (const name of inputs) window.removeEventListener(name, begun, { capture: true });
      for (const picture of pictures) picture.removeEventListener('CORNERSTONE_IMAGE_RENDERED', drawn);
      return noted;
    };
    Object.assign(window, { endOfLags: end });
  });
  await scroll(page);
  await page.waitForTimeout(1000);
  const noted = await page.evaluate(() => (window as unknown as { endOfLags: () => number[] }).endOfLags());
  if (noted.length < 0.9 * INPUTS)
    throw new Error(`Only ${noted.length} of ${INPUTS} inputs changed a picture`);
  return noted;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((share / 100) * sorted.length) - 1)]!;
}
