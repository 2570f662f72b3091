import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FinetunePlan, finetune } from '../../../core/contract/finetune.ts';
import type { Request } from '../../../core/contract/operations.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import type { Handler } from '../../host/handler.ts';
import { loadModelPackage, type ModelPackage } from '../../models/loadModelPackage.ts';
import { chooseDevice } from '../../runtime/devices.ts';
import { trainingBudgetMb } from '../../runtime/memory.ts';
import { type FoundCases, findCases } from '../../training/data/findCases.ts';
import type { FoundCase } from '../../training/data/layouts.ts';
import { pairStacks } from '../../training/data/pairStacks.ts';
import type { TrainingCase } from '../../training/data/trainingCase.ts';
import type { TrainingSettings } from '../../training/settings.ts';
import { stepMemoryMb } from '../../training/stepModel.ts';
import { checkCase, type SoundCase } from '../checkCase.ts';
import { countOf } from '../run/beginRun.ts';
import { contrastsOf, trainRequestOf, tuningSettings } from '../run/decide.ts';
import { runFolder } from '../run/runFolder.ts';
import { type AskedSides, askedSides } from '../run/sides.ts';
import { headLikeness } from '../sameHead.ts';
import { freeDiskMb, noRoom, runDiskMb } from './disk.ts';
import { secondsPerStep, secondsPerValidation } from './measureRun.ts';
import { whatWouldFit } from './memory.ts';

/** Cases that are read before it is given up to find a suitable one. */
const MOST_TRIED = 3;
/** Of a training (`pace.ts`), and one before it. */
const VALIDATIONS = 21;
/** Runs over a case that an acceptance report makes of each model: as it is, and three wrong references. */
const JUDGED_RUNS = 4;

type Plan = Request<'finetunePlan'>;

/**
 * `tandem finetune plan`: what a run would be and take in memory, time and disk, and what would fit where it does
 * not. One case is read and checked, a few steps are tried.
 *
 * Throws `usage`, `not-found`, `model-not-found`, `bad-model`, `device-unavailable`, `cancelled`.
 */
export const finetunePlanOperation: Handler<'finetunePlan'> = async (request, job) => {
  if (request.base === undefined) {
    throw new TandemError('usage', 'There is no model to begin with', { hint: 'Name one with --base.' });
  }
  const base = await loadModelPackage(request.base);
  const device = await chooseDevice(request.device);
  const out = request.out ?? join(tmpdir(), 'tuned');
  const asked = finetune.request.parse({
    ...request,
    out,
    id: request.out === undefined ? 'tuned' : undefined,
  });
  const contrasts = contrastsOf(request, base);
  const train = trainRequestOf(asked, base, contrasts, runFolder(out).data);
  const settings = tuningSettings(train, request, base, device.kind);
  const sides = askedSides(request);
  if (sides.sources.length === 0) {
    throw new TandemError('usage', 'There are no cases to learn from', {
      hint: 'Name folders with --cases.',
    });
  }
  const { sources } = sides;
  const found = await findCases({ sources: [...sources], layout: request.layout, ...contrasts }, job);
  const count = peopleOn(found, sides);
  const notes: string[] = [];
  if (count.test === 0) notes.push('There would be no test set, and no acceptance report.');
  if (count.validation === 0) notes.push('Nobody would be kept for validation.');

  const tried = await tryCase(found.cases, request, contrasts, job, notes);
  const disk = {
    neededMb: tried === undefined ? 0 : Math.ceil(diskMb(settings, tried.sound, found, count, contrasts)),
    availableMb: Math.floor(await freeDiskMb(out)),
  };
  const availableMb = trainingBudgetMb();
  const memory = { neededMb: Math.round(stepMemoryMb(settings)), availableMb: Math.floor(availableMb) };
  const fitsMemory = device.kind !== 'cpu' || memory.neededMb <= availableMb;
  const refusals = [
    ...(fitsMemory
      ? []
      : [`It takes about ${memory.neededMb} MB of memory, and ${memory.availableMb} MB are free.`]),
    ...(disk.neededMb <= disk.availableMb ? [] : [`${noRoom(disk.neededMb, disk.availableMb)}.`]),
    ...(count.train > 0 ? [] : ['No patient would be left to learn from.']),
    ...(tried === undefined ? ['None of the cases that were tried can be learned from.'] : []),
  ];
  const time =
    fitsMemory && tried !== undefined
      ? await timeOf(request, base, settings, found, count, tried, job)
      : {
          perStep: null,
          steps: request.steps ?? null,
          preparing: null,
          training: null,
          judging: null,
          all: null,
        };
  return {
    base: { id: base.id, version: base.card.version },
    ...contrasts,
    reference: contrasts.reference ?? null,
    change: request.change,
    ...countOf(base, request.change),
    device: device.kind,
    batch: settings.batch,
    patch: settings.patch,
    patients: new Set(found.cases.map(({ patient }) => patient)).size,
    cases: found.cases.length,
    without: found.without.map((one) => ({ ...one })),
    sides: count,
    memory,
    time,
    disk,
    fits: refusals.length === 0,
    refusals,
    instead: fitsMemory ? [] : whatWouldFit(settings, availableMb),
    notes,
  };
};

/** How many people each side would have. */
function peopleOn({ cases }: FoundCases, sides: AskedSides): FinetunePlan['sides'] {
  const patients = [...new Set(cases.map(({ patient }) => patient))];
  const on = (side: 'validation' | 'test') =>
    patients.filter(
      (patient) =>
        sides[side].some((name) => patient === name || patient.startsWith(name)) ||
        cases.some((one) => one.patient === patient && sides.demanded(one) === side),
    ).length;
  const [tested, validated] = [on('test'), on('validation')];
  const free = patients.length - tested - validated;
  const shares = sides.shares({ free, tested, validated });
  const test = tested + Math.round(shares.testShare * free);
  const validation = validated + Math.round(shares.validationShare * free);
  return { train: Math.max(0, patients.length - test - validation), validation, test };
}

/** The first case that can be learned from, and what it took to find that out. */
async function tryCase(
  cases: readonly FoundCase[],
  { registration, leastSlices }: Plan,
  contrasts: { readonly target: string; readonly reference: string | undefined },
  job: JobContext,
  notes: string[],
): Promise<{ readonly sound: SoundCase; readonly seconds: number } | undefined> {
  for (const one of cases.slice(0, MOST_TRIED)) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'checking', done: 0, total: 1, message: one.name });
    const began = performance.now();
    try {
      const options = { ...contrasts, leastSlices, placing: registration };
      const sound = await checkCase(one, options, { ...job, progress: () => {} });
      return { sound, seconds: (performance.now() - began) / 1000 };
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (!(error instanceof TandemError) || code === 'cancelled') throw error;
      notes.push(`${one.name} would be left out: ${message}.`);
    }
  }
  return undefined;
}

function diskMb(
  settings: TrainingSettings,
  { slices, pixels }: SoundCase,
  { cases }: FoundCases,
  count: FinetunePlan['sides'],
  { reference }: { readonly reference: string | undefined },
): number {
  const learned = Math.ceil((cases.length * (count.train + count.validation)) / peopleOf(count));
  const each = Array.from({ length: learned }, () => ({ slices, pixels }));
  return runDiskMb(settings, each, reference === undefined ? 1 : 2);
}

async function timeOf(
  { steps, hours }: Plan,
  base: ModelPackage,
  settings: TrainingSettings,
  { cases }: FoundCases,
  count: FinetunePlan['sides'],
  { sound, seconds }: { readonly sound: SoundCase; readonly seconds: number },
  job: JobContext,
): Promise<FinetunePlan['time']> {
  const example = await exampleOf(sound, job);
  const perStep = await secondsPerStep(settings, base, example, job);
  const validation = await secondsPerValidation(settings, base, example, job);
  const perSlice = validation.seconds / validation.slices;
  const validating = count.validation === 0 ? 0 : VALIDATIONS * validation.seconds;
  const budget = hours === undefined ? undefined : 3600 * hours;
  const training = budget ?? validating + (steps ?? 0) * perStep;
  const planned = steps ?? Math.max(1, Math.round((0.95 * (budget ?? 0)) / perStep));
  const preparing =
    cases.length * seconds + ((cases.length * (cases.length - 1)) / 2) * secondsToCompare(sound);
  const tested = Math.round((cases.length * count.test) / peopleOf(count));
  const running = (2 * JUDGED_RUNS * sound.slices * perSlice) / availableParallelism();
  const judging = tested * (seconds + running);
  return { perStep, steps: planned, preparing, training, judging, all: preparing + training + judging };
}

/** The slices of a case, as a training has them. */
async function exampleOf({ found, transform, ...sound }: SoundCase, job: JobContext): Promise<TrainingCase> {
  const pair = await found.read({ ...job, progress: () => {} });
  const [stack] = pairStacks({ ...pair, transform }, 'acquired');
  return { ...sound, ...stack!, slice: (n) => stack!.slice(n) };
}

/** Of two heads: those of the case with themselves. */
function secondsToCompare({ prints }: SoundCase): number {
  const began = performance.now();
  for (const print of prints.values()) headLikeness(print, print);
  return (performance.now() - began) / 1000;
}

function peopleOf({ train, validation, test }: FinetunePlan['sides']): number {
  return Math.max(1, train + validation + test);
}
