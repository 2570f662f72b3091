import { join } from 'node:path';
import * as z from 'zod';
import type { Progress } from '../../../core/job.ts';
import { greyPng } from '../../evaluation/report/errorMaps.ts';
import { makeFolders } from '../../export/makeFolders.ts';
import { curvesSvg } from '../../training/curves.ts';
import { livePage } from '../../training/livePage.ts';
import type { TrainingRecord } from '../../training/trainingLog.ts';
import type { ValidatedSlice } from '../../training/validation.ts';
import { type RunFolder, readJson, replaceQuietly } from './runFolder.ts';

const sampleSchema = z.object({
  case: z.string(),
  slice: z.number().int(),
  /** Names in the folder of samples. */
  truth: z.string(),
  zeroFilled: z.string(),
  /** By rising step; 0 is the base. */
  enhanced: z.array(z.object({ step: z.number().int(), file: z.string() })),
});
const number = z.number().nullable();
const liveSchema = z.object({
  stage: z.enum(['preparing', 'training', 'judging']),
  step: z.number().int(),
  steps: z.number().int(),
  seconds: z.number(),
  secondsLeft: z.number().nullable(),
  message: z.string(),
  records: z.array(
    z.object({
      step: z.number().int(),
      seconds: z.number(),
      loss: number,
      learningRate: z.number(),
      validation: z.record(z.string(), number).optional(),
    }),
  ),
  samples: z.array(sampleSchema),
});
export type Live = z.infer<typeof liveSchema>;

const NOTHING: Live = {
  stage: 'preparing',
  step: 0,
  steps: 0,
  seconds: 0,
  secondsLeft: null,
  message: '',
  records: [],
  samples: [],
};

const EVERY_MS = 1000;
const PAGE_EVERY_MS = 10_000;

/** What was last told of a run; nothing of one that has not begun. */
export async function readLive({ live }: RunFolder): Promise<Live> {
  const found = liveSchema.safeParse(await readJson(live));
  return found.success ? found.data : NOTHING;
}

/**
 * Tells of a run while it goes on, in files that whoever looks reads: how far it is, its log, slices of validation
 * patients, a page with the curves. A disk that has no room for them does not end the run.
 */
export class LiveRun {
  private readonly folder: RunFolder;
  private readonly title: string;
  private told: Live;
  private writtenAt = Number.NEGATIVE_INFINITY;
  private pageAt = Number.NEGATIVE_INFINITY;
  private writing: Promise<void> = Promise.resolve();

  constructor(folder: RunFolder, title: string, before: Live) {
    this.folder = folder;
    this.title = title;
    this.told = before;
  }

  /** How far the work of a stage is. */
  progress(stage: Live['stage'], { done, total, secondsLeft, message }: Progress): void {
    const step = stage === 'training' ? { step: done, steps: total } : {};
    this.told = { ...this.told, stage, ...step, secondsLeft: secondsLeft ?? null, message: message ?? '' };
    this.write(EVERY_MS);
  }

  /** The log has grown. */
  async recorded(records: readonly TrainingRecord[], steps: number): Promise<void> {
    const last = records.at(-1);
    this.told = {
      ...this.told,
      steps,
      seconds: last?.seconds ?? 0,
      records: records.map((line) => ({
        ...line,
        loss: finite(line.loss),
        ...(line.validation && {
          validation: Object.fromEntries(
            Object.entries(line.validation).map(([name, value]) => [name, finite(value)]),
          ),
        }),
      })) as Live['records'],
    };
    const done = last?.step ?? 0;
    const finished = done >= steps;
    this.write(finished ? 0 : EVERY_MS);
    if (!finished && performance.now() - this.pageAt < PAGE_EVERY_MS) return;
    this.pageAt = performance.now();
    const status = `Step ${done} of ${steps} after ${Math.round((last?.seconds ?? 0) / 60)} minutes.`;
    const notice = 'To pause, interrupt the command: nothing is lost, and --resume goes on from there.';
    const svg = curvesSvg(records, this.title);
    await replaceQuietly(
      this.folder.page,
      livePage({ title: this.title, svg, status, finished, notice: finished ? '' : notice }),
    );
  }

  /** Slices of patients for validation with the weights after so many steps. */
  async validated(step: number, slices: readonly ValidatedSlice[]): Promise<void> {
    await makeFolders(this.folder.samples).catch(() => {});
    const samples: Live['samples'] = [];
    for (const [n, one] of slices.entries()) {
      const png = async (name: string, pixels: Float32Array): Promise<string> => {
        const file = `${n + 1}-${name}.png`;
        await replaceQuietly(join(this.folder.samples, file), greyPng(pixels, one.rows, one.columns));
        return file;
      };
      const before = this.told.samples[n]?.enhanced.filter((known) => known.step < step) ?? [];
      samples.push({
        case: one.case,
        slice: one.slice,
        truth: await png('truth', one.truth),
        zeroFilled: await png('zero-filled', one.zeroFilled),
        enhanced: [...before, { step, file: await png(`step-${step}`, one.enhanced) }],
      });
    }
    this.told = { ...this.told, samples };
    this.write(EVERY_MS);
  }

  /** Everything that was told is written. */
  async settled(): Promise<void> {
    this.write(0);
    await this.writing;
  }

  private write(everyMs: number): void {
    if (performance.now() - this.writtenAt < everyMs) return;
    this.writtenAt = performance.now();
    const text = JSON.stringify(this.told);
    this.writing = this.writing.then(() => replaceQuietly(this.folder.live, text));
  }
}

/** JSON has neither infinity nor NaN. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
