import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../../core/errors.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { inferenceModel } from '../../core/networks/index.ts';
import { insideForeground } from '../../core/volume/foreground.ts';
import { scaledAndClipped } from '../../core/volume/intensity.ts';
import { psnrVolume, ssimVolume } from '../../core/volume/metrics.ts';
import type { DeviceKind } from '../runtime/devices.ts';
import { openImageSession } from '../runtime/session.ts';
import { degradedSlice } from './data/degradedSlices.ts';
import type { FullSlice, TrainingCase } from './data/trainingCase.ts';
import type { ValidationScore } from './trainingLog.ts';

/** Slices over all cases, at least one a case. */
const MOST_SLICES = 12;
/** Larger slices are cropped to their middle: so that a validation is short, and fits where a step does. */
const LARGEST_SIDE = 256;

/** A slice of a patient for validation as the weights of a step enhance it: images in [0, 1]. */
export interface ValidatedSlice {
  readonly case: string;
  /** Place in the stack, from 1. */
  readonly slice: number;
  readonly rows: number;
  readonly columns: number;
  readonly truth: Float32Array;
  readonly zeroFilled: Float32Array;
  readonly enhanced: Float32Array;
}

interface CaseSlices {
  readonly name: string;
  /** Places in the stack. */
  readonly places: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly truth: readonly Float32Array[];
  readonly inputs: readonly Readonly<Record<string, Float32Array>>[];
  readonly inside: readonly Uint8Array[];
  /** Of zero-filling. */
  readonly psnr: number;
  readonly psnrInside: number;
}

/** What is trained, as far as its result goes. */
export interface ValidatedNetwork {
  readonly network: string;
  readonly options: unknown;
  readonly scale: 2 | 4;
  readonly device: DeviceKind;
}

/**
 * Whole slices of patients that are not trained on, spread over their stacks: what decides which weights are
 * kept. Scores are means over the cases; PSNR and SSIM as in evaluation, of images clipped to [0, 1] (per volume,
 * here of the chosen slices).
 */
export class Validation {
  private readonly cases: readonly CaseSlices[];
  private readonly what: ValidatedNetwork;

  /** Throws what reading slices throws. */
  constructor(cases: readonly TrainingCase[], what: ValidatedNetwork) {
    this.what = what;
    const each = Math.max(1, Math.floor(MOST_SLICES / Math.max(1, cases.length)));
    this.cases = cases.map((one) => caseSlices(one, each, what.scale));
  }

  get isEmpty(): boolean {
    return this.cases.length === 0;
  }

  /** Slices that one validation runs. */
  get slices(): number {
    return this.cases.reduce((sum, { truth }) => sum + truth.length, 0);
  }

  /**
   * Scores of these weights. Throws `cancelled`, and what running a network throws.
   *
   * @param see is shown the middle slice of each case
   */
  async measure(
    weights: ReadonlyMap<string, NamedTensor>,
    signal: AbortSignal,
    see?: (slice: ValidatedSlice) => void,
  ): Promise<ValidationScore> {
    const scores: ValidationScore[] = [];
    for (const one of this.cases) scores.push(await this.measureCase(one, weights, signal, see));
    // A patient whose slices have no inside counts for the whole image alone.
    const mean = (name: keyof ValidationScore) => {
      const values = scores.map((score) => score[name]).filter((value) => !Number.isNaN(value));
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    return {
      psnr: mean('psnr'),
      psnrInside: mean('psnrInside'),
      gain: mean('gain'),
      gainInside: mean('gainInside'),
      ssim: mean('ssim'),
      ssimInside: mean('ssimInside'),
    };
  }

  private async measureCase(
    { name, places, rows, columns, truth, inputs, inside, ...zeroFilled }: CaseSlices,
    weights: ReadonlyMap<string, NamedTensor>,
    signal: AbortSignal,
    see: ((slice: ValidatedSlice) => void) | undefined,
  ): Promise<ValidationScore> {
    const { device } = this.what;
    const session = await openImageSession(
      inferenceModel({ ...this.what, weights }, rows, columns, device),
      device,
    );
    const enhanced: Float32Array[] = [];
    try {
      for (const input of inputs) {
        throwIfCancelled(signal);
        enhanced.push((await session.run(input)).slice());
        await nextTurn();
      }
    } finally {
      await session.release();
    }
    const shown = Math.floor(truth.length / 2);
    see?.({
      case: name,
      slice: places[shown]! + 1,
      rows,
      columns,
      truth: truth[shown]!,
      zeroFilled: inputs[shown]!.zero_filled!,
      enhanced: enhanced[shown]!,
    });
    const psnr = psnrVolume(truth, enhanced);
    const psnrInside = psnrVolume(truth, enhanced, inside);
    return {
      psnr,
      psnrInside,
      gain: psnr - zeroFilled.psnr,
      gainInside: psnrInside - zeroFilled.psnrInside,
      ssim: ssimVolume(truth, enhanced, rows, columns),
      ssimInside: ssimVolume(truth, enhanced, rows, columns, inside),
    };
  }
}

function caseSlices(source: TrainingCase, count: number, scale: 2 | 4): CaseSlices {
  const total = source.places.length;
  const chosen = Array.from({ length: Math.min(count, total) }, (_, n) =>
    Math.floor(((n + 0.5) / Math.min(count, total)) * total),
  );
  const [top, rows] = middle(source.rows, scale);
  const [left, columns] = middle(source.columns, scale);
  const cut = (image: Float32Array, factor = 1) =>
    crop(image, source.columns / factor, top / factor, left / factor, rows / factor, columns / factor);
  const evaluated = { ...source, slice: (n: number) => clipped(source.slice(n)) };
  const slices = chosen.map((n) => degradedSlice(evaluated, n, scale));
  const truth = slices.map((slice) => cut(slice.truth));
  const zeroFilled = slices.map((slice) => cut(slice.zeroFilled));
  const inside = truth.map((image) => insideForeground(image, rows, columns));
  return {
    name: source.name,
    places: chosen.map((n) => source.places[n]!),
    rows,
    columns,
    truth,
    inside,
    inputs: slices.map((slice, n) => ({
      target: cut(slice.smaller.get(scale)!, scale),
      zero_filled: zeroFilled[n]!,
      ...(slice.reference && { reference: cut(slice.reference) }),
    })),
    psnr: psnrVolume(truth, zeroFilled),
    psnrInside: psnrVolume(truth, zeroFilled, inside),
  };
}

/** As evaluation has its images: in [0, 1]. */
function clipped({ truth, reference }: FullSlice): FullSlice {
  return { truth: scaledAndClipped(truth, 1), reference: reference && scaledAndClipped(reference, 1) };
}

/** Start and length of the middle of an axis, on the grid of the smaller images. */
function middle(length: number, scale: number): readonly [start: number, length: number] {
  if (length <= LARGEST_SIDE) return [0, length];
  return [scale * Math.floor((length - LARGEST_SIDE) / 2 / scale), LARGEST_SIDE];
}

function crop(
  image: Float32Array,
  width: number,
  top: number,
  left: number,
  rows: number,
  columns: number,
): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const start = (top + i) * width + left;
    out.set(image.subarray(start, start + columns), i * columns);
  }
  return out;
}
