import { truncateKspace, zeroFill } from '../../../core/volume/kspace.ts';
import type { TrainingCase, TrainingSlice } from './trainingCase.ts';

/** What slices kept in memory may take together, bytes. */
const CACHE_BYTES = 1.5 * 2 ** 30;

/**
 * Slices degraded when they are asked for; the latest are kept, as many as fit the budget, so that a data set
 * may be larger than the memory. What is kept changes the time a slice takes, and nothing else.
 */
export class DegradedSlices {
  private readonly scale: 2 | 4;
  private readonly budget: number;
  private readonly kept = new Map<TrainingCase, Map<number, TrainingSlice>>();
  /** Latest used last. */
  private readonly order = new Map<TrainingSlice, readonly [TrainingCase, number]>();
  private bytes = 0;

  constructor(scale: 2 | 4, budget: number = CACHE_BYTES) {
    this.scale = scale;
    this.budget = budget;
  }

  /** Slice n of the case. Throws what reading it throws. */
  get(source: TrainingCase, n: number): TrainingSlice {
    const slices = this.kept.get(source) ?? new Map<number, TrainingSlice>();
    this.kept.set(source, slices);
    const known = slices.get(n);
    if (known !== undefined) {
      this.order.delete(known);
      this.order.set(known, [source, n]);
      return known;
    }
    const made = degradedSlice(source, n, this.scale);
    slices.set(n, made);
    this.order.set(made, [source, n]);
    this.bytes += bytesOf(made);
    for (const [oldest, [of, at]] of this.order) {
      if (this.bytes <= this.budget || oldest === made) break;
      this.order.delete(oldest);
      this.kept.get(of)!.delete(at);
      this.bytes -= bytesOf(oldest);
    }
    return made;
  }
}

/** k-space truncation of the truth by the scale (and on the way to ×4 by 2), and the zero-filled image. */
export function degradedSlice(source: TrainingCase, n: number, scale: 2 | 4): TrainingSlice {
  const { rows, columns } = source;
  const { truth, reference } = source.slice(n);
  const low = truncateKspace(truth, rows, columns, scale);
  return {
    truth,
    reference,
    zeroFilled: zeroFill(low.pixels, low.rows, low.columns, rows, columns),
    smaller: new Map([
      ...(scale === 4 ? [[2, truncateKspace(truth, rows, columns, 2).pixels] as const] : []),
      [scale, low.pixels],
    ]),
  };
}

function bytesOf({ truth, zeroFilled, reference, smaller }: TrainingSlice): number {
  const images = [truth, zeroFilled, ...smaller.values(), ...(reference === undefined ? [] : [reference])];
  return images.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
