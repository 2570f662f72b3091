import type { NamedTensor } from '../../core/graph/safetensors.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Position } from './pace.ts';
import type { Scores, TrainingRecord, ValidationScore } from './trainingLog.ts';

/** Most losses that a reported mean is taken over; never more than a quarter of the steps. */
const LONGEST_LOSS_WINDOW = 50;

/**
 * How far a training is, its losses, its log, and its best weights: what a checkpoint holds beside the state of
 * the weights and of the generator.
 */
export class TrainingJournal<S extends Scores = ValidationScore> {
  private readonly began = performance.now();
  private readonly secondsBefore: number;
  private readonly firstLosses: number[];
  private readonly lastLosses: number[];
  private unrecorded: number[];
  private best: Checkpoint<S>['best'];
  private kept: ReadonlyMap<string, NamedTensor> | undefined;
  private lastLearningRate: number;
  private doneSteps: number;
  private lastValidation: Position & { readonly took: number };
  private readonly lines: TrainingRecord<S>[];
  private readonly decisive: (score: S) => number;

  /**
   * @param resumed the checkpoint that is gone on from
   * @param decisive the number by which weights are compared: more is better
   */
  constructor(resumed: Checkpoint<S> | undefined, decisive: (score: S) => number) {
    this.decisive = decisive;
    this.secondsBefore = resumed?.seconds ?? 0;
    this.firstLosses = [...(resumed?.losses.first ?? [])];
    this.lastLosses = [...(resumed?.losses.last ?? [])];
    this.unrecorded = [...(resumed?.losses.unrecorded ?? [])];
    this.best = resumed?.best ?? null;
    this.kept = resumed?.kept;
    this.lastLearningRate = resumed?.learningRate ?? 0;
    this.doneSteps = resumed?.step ?? 0;
    this.lines = [...(resumed?.records ?? [])];
    const validation = this.lines.findLast((record) => record.validation !== undefined);
    this.lastValidation = { step: validation?.step ?? 0, seconds: validation?.seconds ?? 0, took: 0 };
  }

  /** Steps done. */
  get step(): number {
    return this.doneSteps;
  }

  get position(): Position {
    return { step: this.step, seconds: this.secondsBefore + (performance.now() - this.began) / 1000 };
  }

  get records(): readonly TrainingRecord<S>[] {
    return this.lines;
  }

  /** The learning rate of the last step. */
  get learningRate(): number {
    return this.lastLearningRate;
  }

  /** Where the last validation was, and the seconds it took. */
  get validated(): Position & { readonly took: number } {
    return this.lastValidation;
  }

  /** Validations since the best one; none before the first. */
  get sinceBest(): number {
    return this.best?.since ?? 0;
  }

  /** A step has been done. */
  stepped(loss: number, learningRate: number): void {
    this.doneSteps++;
    this.lastLearningRate = learningRate;
    if (this.firstLosses.length < LONGEST_LOSS_WINDOW) this.firstLosses.push(loss);
    this.lastLosses.push(loss);
    if (this.lastLosses.length > LONGEST_LOSS_WINDOW) this.lastLosses.shift();
    this.unrecorded.push(loss);
  }

  /** A validation begins: where it is cut short, it counts as made. */
  validationBegins(): void {
    this.lastValidation = { ...this.position, took: 0 };
  }

  /** The validation that began has given this score of these weights, which are kept where they are the best so far. */
  validationEnds(score: S, weights: ReadonlyMap<string, NamedTensor>): void {
    const { step, seconds } = this.position;
    this.lastValidation = { step, seconds, took: seconds - this.lastValidation.seconds };
    const number = this.decisive(score);
    if (this.best === null || number > this.best.score || Number.isNaN(this.best.score)) {
      this.best = { step, score: number, since: 0 };
      this.kept = weights;
    } else this.best = { ...this.best, since: this.best.since + 1 };
  }

  /** Mean loss of the steps since the last line of the log. */
  get unrecordedLoss(): number {
    return mean(this.unrecorded);
  }

  /** Mean loss of the latest steps. */
  get lastLoss(): number {
    return mean(this.lastLosses);
  }

  record(line: TrainingRecord<S>): void {
    this.lines.push(line);
    this.unrecorded = [];
  }

  /** The best weights and their step; absent without validation. */
  get bestKept(): { readonly step: number; readonly weights: ReadonlyMap<string, NamedTensor> } | undefined {
    return this.best === null ? undefined : { step: this.best.step, weights: this.kept! };
  }

  /** Mean losses of the first and of the last steps (up to 50, up to a quarter of all). */
  get firstAndLastLoss(): { readonly firstLoss: number; readonly lastLoss: number } {
    const window = Math.min(LONGEST_LOSS_WINDOW, Math.ceil(this.step / 4));
    return {
      firstLoss: mean(this.firstLosses.slice(0, window)),
      lastLoss: mean(this.lastLosses.slice(-window)),
    };
  }

  /** Its part of a checkpoint. */
  forCheckpoint(): Omit<Checkpoint<S>, 'settings' | 'random' | 'state'> {
    const { firstLosses: first, lastLosses: last, unrecorded, best, kept } = this;
    return {
      ...this.position,
      learningRate: this.lastLearningRate,
      losses: { first, last, unrecorded },
      records: this.lines,
      best,
      kept,
    };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
