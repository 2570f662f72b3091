import { corrupt } from '../samples.ts';

/** Coding parameters of a scan, with what follows from them (ITU-T T.87, annexes A and C). */
export interface Parameters {
  readonly maxValue: number;
  /** Largest error of a sample; 0 is lossless. */
  readonly near: number;
  readonly thresholds: readonly [number, number, number];
  readonly reset: number;
  readonly range: number;
  /** Bits of a mapped error that was not coded by its length (qbpp). */
  readonly errorBits: number;
  readonly limit: number;
}

/** LSE marker's preset parameters, 0 where the default holds. */
export interface Presets {
  readonly maxValue: number;
  readonly thresholds: readonly [number, number, number];
  readonly reset: number;
}

export const DEFAULT_PRESETS: Presets = { maxValue: 0, thresholds: [0, 0, 0], reset: 0 };

/** @throws TandemError `bad-header` where the presets are outside what T.87, C.2.4.1.1 allows */
export function codingParameters(precision: number, near: number, presets: Presets): Parameters {
  const largest = 2 ** precision - 1;
  const maxValue = presets.maxValue || largest;
  const reset = presets.reset || 64;
  const defaults = defaultThresholds(maxValue, near);
  const thresholds = defaults.map((value, n) => presets.thresholds[n] || value) as [number, number, number];
  const [t1, t2, t3] = thresholds;
  const ordered = near + 1 <= t1 && t1 <= t2 && t2 <= t3 && t3 <= maxValue;
  const nearFits = near <= Math.min(255, Math.floor(maxValue / 2));
  const resetFits = reset >= 3 && reset <= Math.max(255, maxValue);
  if (maxValue > largest || !ordered || !nearFits || !resetFits) {
    throw corrupt('JPEG-LS', 'their coding parameters contradict each other');
  }
  const range = Math.floor((maxValue + 2 * near) / (2 * near + 1)) + 1;
  const bits = Math.max(2, bitsFor(maxValue + 1));
  return {
    maxValue,
    near,
    thresholds,
    reset,
    range,
    errorBits: bitsFor(range),
    limit: 2 * (bits + Math.max(8, bits)),
  };
}

/** T.87, C.2.4.1.1.1. */
function defaultThresholds(maxValue: number, near: number): [number, number, number] {
  const clamp = (value: number, low: number) => (value > maxValue || value < low ? low : value);
  if (maxValue >= 128) {
    const factor = Math.floor((Math.min(maxValue, 4095) + 128) / 256);
    const t1 = clamp(factor + 2 + 3 * near, near + 1);
    const t2 = clamp(4 * factor + 3 + 5 * near, t1);
    return [t1, t2, clamp(17 * factor + 4 + 7 * near, t2)];
  }
  const factor = Math.floor(256 / (maxValue + 1));
  const t1 = clamp(Math.max(2, Math.floor(3 / factor) + 3 * near), near + 1);
  const t2 = clamp(Math.max(3, Math.floor(7 / factor) + 5 * near), t1);
  return [t1, t2, clamp(Math.max(4, Math.floor(21 / factor) + 7 * near), t2)];
}

/** Smallest b with 2^b ≥ count. */
function bitsFor(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}
