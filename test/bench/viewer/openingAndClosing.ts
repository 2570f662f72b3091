import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tandem } from '../../e2e/workstation.ts';
import { type BenchResult, median, shareOf } from '../measure.ts';
import { processorSeconds, processTree } from './processes.ts';
import { openUnwatched, type UnwatchedPage, type WindowSize } from './unwatched.ts';

const STUDIES_IN_TURN = 10;
const STUDY_OF_230 = fileURLToPath(new URL('../../../../shared/data/dicom/t1-t2-study', import.meta.url));

/**
 * The first image of a study of 230 files, and what ten studies opened and closed leave behind.
 * @param shell process of the workstation
 * @param folder for a study, where the shared one is not there
 */
export async function openingAndClosing(
  url: string,
  shell: number,
  folder: string,
  size: WindowSize,
): Promise<BenchResult[]> {
  let study = STUDY_OF_230;
  if (!existsSync(study)) {
    study = join(folder, 'study');
    await tandem('phantom', '--out', study, '--matrix', '256', '--slices', '115');
  }
  const page = await openUnwatched(url, size);
  const processors = (): number => processorSeconds([...processTree(page.pid), ...processTree(shell)]);
  const openings: { readonly seconds: number; readonly processorSeconds: number }[] = [];
  const left: { readonly page: number; readonly drawing: number }[] = [];
  let pid: number | undefined;
  try {
    await page.until(IS_CONNECTED);
    // Nobody types a path faster; the viewer's code is read meanwhile.
    await pause(3000);
    for (let n = 0; n < STUDIES_IN_TURN; n++) {
      await page.until(FIELD_HAS_FOCUS);
      await page.type(study);
      const start = performance.now();
      const processorsBefore = processors();
      await page.press('Enter');
      await page.until(SHOWS_AN_IMAGE);
      openings.push({
        seconds: (performance.now() - start) / 1000,
        processorSeconds: processors() - processorsBefore,
      });
      await page.until(`document.querySelector('[data-volumes="2"]') !== null`);
      pid ??= await pageWithVolumes(page);
      await page.press('Control+O');
      await page.until(`document.querySelector('.viewport') === null`);
      left.push(await heldBy(page, pid));
    }
  } finally {
    await page.close();
  }
  const all = (name: string, value: number, unit: string): BenchResult => ({
    name,
    value,
    unit,
    against: null,
    ratio: null,
    runs: STUDIES_IN_TURN,
  });
  return [
    all('230 files to the first image', median(openings.map(({ seconds }) => seconds)), 's'),
    all('the same, of one processor', median(openings.map((one) => one.processorSeconds)), 's'),
    { ...all('the first time', openings[0]!.seconds, 's'), runs: 1 },
    { ...all('the first time, of one processor', openings[0]!.processorSeconds, 's'), runs: 1 },
    // The first study brings the viewer's own code and buffers with it.
    shareOf('page after ten studies / after one', left.at(-1)!.page, left[0]!.page),
    shareOf('drawing process after ten studies / after one', left.at(-1)!.drawing, left[0]!.drawing),
  ];
}

const IS_CONNECTED = `document.querySelector('.app') !== null && document.querySelector('.connection') === null`;

const FIELD_HAS_FOCUS = `(() => {
  const field = [...document.querySelectorAll('input')].find((input) =>
    [...(input.labels ?? [])].some((label) => label.textContent.includes('Folder or file')));
  field?.focus();
  field?.select();
  return field !== undefined;
})()`;

/** Only a cell that has its volume is looked at: reading pixels back holds up the page and what draws for it. */
const SHOWS_AN_IMAGE = `(() => {
  const canvas = document.querySelector('[data-ready="true"] .picture canvas');
  if (canvas === null || canvas.width === 0) return false;
  const middle = canvas.getContext('2d').getImageData(0, canvas.height >> 1, canvas.width, 1).data;
  return middle.some((value, at) => at % 4 === 0 && value > 20);
})()`;

/** The process of the page, which is by far the largest of its kind while it holds volumes. */
async function pageWithVolumes(page: UnwatchedPage): Promise<number> {
  const pages = (await page.processes()).filter(({ type }) => type === 'renderer');
  return pages.reduce((most, one) => (one.bytes > most.bytes ? one : most)).pid;
}

/**
 * Bytes that the page and what draws for it hold when all that is free was given back: Chromium's allocators keep
 * some free pages for a while, and return them when memory is short.
 */
async function heldBy(page: UnwatchedPage, pid: number): Promise<{ page: number; drawing: number }> {
  // The list of recent studies comes after the last one was closed.
  await pause(1000);
  for (let n = 0; n < 3; n++) {
    await page.collectGarbage();
    await page.shortenMemory();
    await pause(300);
  }
  const processes = await page.processes();
  return {
    page: processes.find((one) => one.pid === pid)?.bytes ?? 0,
    drawing: Math.max(...processes.filter(({ type }) => type === 'GPU').map(({ bytes }) => bytes)),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
