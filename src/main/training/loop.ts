import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import { type Parameter, type ShardedStep, STEP_LOSS, type TrainingStep } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import type { JobContext } from '../../core/job.ts';
import { createRandom, type Random, restoreRandom } from '../../core/random.ts';
import { isDiskFull } from '../export/writeErrors.ts';
import { machineBudget } from '../runtime/memory.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { TrainingJournal } from './journal.ts';
import { openSteps } from './openSteps.ts';
import { type Position, paceOf } from './pace.ts';
import type { TrainingSettings } from './settings.ts';
import { startValues } from './startWeights.ts';
import { finalWeights, initialState, type TrainingState } from './state.ts';
import type { Scores, TrainingRecord, ValidationScore } from './trainingLog.ts';

/** What is trained, on what, and how it is judged: all that the loop does not know itself. */
export interface TrainingTask<S extends Scores = ValidationScore> {
  readonly model: TrainingStep | ShardedStep;
  /** The arrays behind the model's inputs, by name. */
  readonly data: ReadonlyMap<string, NamedTensor>;
  /** Puts the next batch into the arrays; all that is drawn comes from `random`. */
  fill(random: Random): void;
  /** Equal where a checkpoint may be gone on from: all that decides the weights. */
  readonly identity: unknown;
  readonly settings: LoopSettings;
  /** Scores weights on patients that are not trained on; absent without any, and the last weights are kept. */
  readonly validate?:
    | ((weights: ReadonlyMap<string, NamedTensor>, signal: AbortSignal, step: number) => Promise<S>)
    | undefined;
  readonly scores: {
    readonly names: readonly (keyof S & string)[];
    /** The number by which weights are compared: more is better. */
    decisive(score: S): number;
    /** In few words, for the line of progress. */
    words(score: S): string;
  };
}

/** Of the settings of a training, what concerns its course. */
export type LoopSettings = Parameters<typeof paceOf>[0] &
  Pick<TrainingSettings, 'seed' | 'shards' | 'patience' | 'keep'>;

/** Why a training ended: its time was over, validations became no better, it was asked to, it diverged. */
export type LoopEnd = 'planned' | 'worsening' | 'asked' | 'diverged';

export interface LoopResult<S extends Scores = ValidationScore> {
  /** What the package gets: of the step that was kept, the weights or their moving average, and the buffers. */
  readonly weights: ReadonlyMap<string, NamedTensor>;
  readonly parameters: readonly Parameter[];
  /** Steps done, and planned: fewer where it was stopped early. */
  readonly steps: number;
  readonly plannedSteps: number;
  readonly keptStep: number;
  readonly ended: LoopEnd;
  /** Of the weights that were kept; absent without validation. */
  readonly validation: S | undefined;
  /** Time spent training, over all runs of a training that was resumed. */
  readonly seconds: number;
  /** Mean losses of the first and of the last steps (up to 50, up to a quarter of all). */
  readonly firstLoss: number;
  readonly lastLoss: number;
  readonly records: readonly TrainingRecord<S>[];
}

export interface LoopOptions<S extends Scores = ValidationScore> {
  /** Where checkpoints go; none are written where it is absent. */
  readonly checkpoint?: string | undefined;
  readonly checkpointSeconds?: number;
  readonly resume?: boolean;
  /** Weights to begin with, by path; drawn from the seed where absent. */
  readonly start?: ReadonlyMap<string, NamedTensor> | undefined;
  /** Asked after every step: true ends the training with the best weights so far, the last ones among them. */
  readonly finish?: (() => boolean) | undefined;
  /** Where it diverges after a validation, it ends with the best weights so far instead of throwing. */
  readonly keepBestWhenDiverged?: boolean | undefined;
  /** A checkpoint that a full disk has no room for is tried again, so many milliseconds apart, until there is room. */
  readonly waitForDiskMs?: number | undefined;
  /** Called with the log whenever it has grown, and all the steps that there will be, as far as that is known. */
  readonly onRecord?: (records: readonly TrainingRecord<S>[], steps: number) => Promise<void>;
}

/** Lines of a log, but for those of validations. */
const RECORDS = 200;

/**
 * Trains from a seeded start, from other weights, or from a checkpoint. On the CPU the same task gives the same
 * weights, bit for bit, interrupted or not. (With `minutes` for `steps` the number of steps is this machine's, and
 * so are the weights.)
 *
 * Throws `diverged`, `cancelled` (the last good state is in the checkpoint), and what reading data throws.
 */
export async function runTraining<S extends Scores>(
  task: TrainingTask<S>,
  options: LoopOptions<S>,
  job: JobContext,
): Promise<LoopResult<S>> {
  const { model, settings, identity, scores } = task;
  const start = initialState(model.state, startValues(model.parameters, settings.seed, options.start));
  const resumed =
    options.resume && options.checkpoint !== undefined
      ? await loadCheckpoint<S>(options.checkpoint, identity, start, scores.names)
      : undefined;
  const random = resumed ? restoreRandom(resumed.random) : createRandom(settings.seed).fork('patches');
  const journal = new TrainingJournal<S>(resumed, (score) => scores.decisive(score));
  const pace = paceOf(settings);

  /** Scores weights on the patients for validation, where there are any. */
  const validate = async (state: TrainingState): Promise<S | undefined> => {
    journal.validationBegins();
    if (task.validate === undefined) return undefined;
    const weights = finalWeights(model, state);
    const score = await task.validate(weights, job.signal, journal.step);
    journal.validationEnds(score, weights);
    return score;
  };
  if (resumed === undefined) {
    const score = await validate(start);
    const nothing = { loss: Number.NaN, learningRate: 0 };
    if (score !== undefined) journal.record({ ...journal.position, ...nothing, validation: score });
  }

  const cores = Math.min(settings.shards ?? 1, machineBudget().cores);
  const session = await openSteps(model, task.data, resumed?.state ?? start, journal.step, cores);
  /** The generator's state belongs to the step that has been done: it is taken before a batch is drawn. */
  let drawn = random.state();
  const save = async () => {
    if (options.checkpoint === undefined) return;
    const state = await session.state();
    await saveCheckpoint(options.checkpoint, {
      ...journal.forCheckpoint(),
      settings: identity,
      random: drawn,
      state,
    });
  };
  /** As `save`; where the disk is full and that is to be waited for, as soon as there is room. */
  const saveOnTheWay = async () => {
    for (;;) {
      try {
        return await save();
      } catch (error) {
        if (options.waitForDiskMs === undefined || !isDiskFull(error)) throw error;
        const message = 'the disk is full: it goes on as soon as there is room for the checkpoint';
        job.progress({
          stage: 'disk-full',
          done: journal.step,
          total: pace.steps(journal.position),
          message,
        });
        await sleep(options.waitForDiskMs, undefined, { signal: job.signal }).catch(() => {});
        throwIfCancelled(job.signal);
      }
    }
  };
  const worsens = () => settings.patience !== undefined && journal.sinceBest >= settings.patience;
  const asked = () => options.finish?.() === true;
  const endAt = (at: Position): LoopEnd | undefined => {
    if (pace.isOver(at)) return 'planned';
    if (worsens()) return 'worsening';
    return asked() ? 'asked' : undefined;
  };

  /** Writes the line of the log, and does the validation, that the step just done is due for. */
  const recordDue = async (at: Position) => {
    if ((journal.records.at(-1)?.step ?? 0) >= at.step) return;
    const lastOfAll = asked() && at.step > journal.validated.step;
    const validates = lastOfAll || pace.validationIsDue(at, journal.validated);
    if (!validates && at.step % Math.max(1, Math.ceil(pace.steps(at) / RECORDS)) !== 0) return;
    const line = { ...at, loss: journal.unrecordedLoss, learningRate: journal.learningRate };
    journal.record({ ...line, validation: validates ? await validate(await session.state()) : undefined });
    await options.onRecord?.(journal.records, pace.steps(at));
  };

  const result = async (ended: LoopEnd): Promise<LoopResult<S>> => {
    const best = settings.keep === 'best' || ended === 'diverged' ? journal.bestKept : undefined;
    const keptStep = best?.step ?? journal.step;
    return {
      weights: best?.weights ?? finalWeights(model, await session.state()),
      parameters: model.parameters,
      steps: journal.step,
      plannedSteps: pace.steps(journal.position),
      keptStep,
      ended,
      validation: journal.records.find((record) => record.step === keptStep)?.validation,
      seconds: journal.position.seconds,
      ...journal.firstAndLastLoss,
      records: journal.records,
    };
  };

  try {
    const firstStep = journal.step;
    const loopBegan = performance.now();
    // From here on nothing is lost, whatever happens: not the first validation either.
    if (resumed === undefined) await saveOnTheWay();
    let savedAt = performance.now();
    let ended: LoopEnd | undefined;
    for (;;) {
      const at = journal.position;
      // First of all, so that a validation that was interrupted is made up for.
      await recordDue(at);
      // By the same clock as the validation, so that the last step has one; a later clock once it has.
      ended = endAt(journal.validated.step === at.step ? journal.position : at);
      if (ended !== undefined) break;
      throwIfCancelled(job.signal);
      task.fill(random);
      const learningRate = pace.learningRate(journal.position);
      const told = await session.run(learningRate);
      journal.stepped(told.get(STEP_LOSS)!, learningRate);
      drawn = random.state();
      const elapsed = (performance.now() - loopBegan) / 1000;
      const here = journal.position;
      job.progress({
        stage: 'training',
        done: here.step,
        total: pace.steps(here),
        secondsLeft: pace.secondsLeft(here, elapsed / (here.step - firstStep)),
        message: progressMessage(journal, told, scores),
      });
      if (performance.now() - savedAt > (options.checkpointSeconds ?? 120) * 1000) {
        await saveOnTheWay();
        savedAt = performance.now();
      }
      // A step blocks the thread; a request to cancel is heard here.
      await nextTurn();
    }
    await saveOnTheWay();
    return await result(ended);
  } catch (error) {
    // The state before the step that failed; where that is not good either, the checkpoint before it stays.
    await save().catch((second: unknown) => {
      if (error instanceof TandemError && error.code === 'cancelled') throw second;
    });
    const diverged = error instanceof TandemError && error.code === 'diverged';
    if (diverged && options.keepBestWhenDiverged === true && journal.bestKept !== undefined) {
      return await result('diverged');
    }
    throw error;
  } finally {
    await session.release();
  }
}

/** `loss 0.0123 (l1 0.01, mse 0.0002), learning rate 1e-3, validation +1.20 dB inside`. */
function progressMessage<S extends Scores>(
  journal: TrainingJournal<S>,
  told: ReadonlyMap<string, number>,
  scores: TrainingTask<S>['scores'],
): string {
  const others = [...told].filter(([name]) => name !== STEP_LOSS);
  const terms = others.map(([name, value]) => `${name.replaceAll('_', ' ')} ${value.toPrecision(3)}`);
  const inBrackets = terms.length > 0 ? ` (${terms.join(', ')})` : '';
  const { validation } = journal.records.findLast((record) => record.validation !== undefined) ?? {};
  const validated = validation === undefined ? '' : `, validation ${scores.words(validation)}`;
  const [loss, rate] = [journal.lastLoss.toPrecision(4), journal.learningRate.toPrecision(2)];
  return `loss ${loss}${inBrackets}, learning rate ${rate}${validated}`;
}
