/** One axis of a chart: where a value lies, and the values that are written beside it. */
export interface Axis {
  /** Pixels along the axis; only for values between its ends. */
  readonly position: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

/** Pixels of the lower and the upper end of an axis. */
export type Span = readonly [from: number, to: number];

/**
 * A linear axis over finite values. Its ticks are multiples of 1, 2 or 5 times a power of ten.
 *
 * @param values what it must hold; none gives 0 to 1, a single one some room around it
 * @param options.whole whether only whole numbers may be ticks
 * @param options.ends whether it ends at ticks (`ticks`) or at the outermost values (`values`)
 */
export function linearAxis(
  values: readonly number[],
  span: Span,
  {
    most,
    ends,
    whole = false,
  }: { readonly most: number; readonly ends: 'ticks' | 'values'; readonly whole?: boolean },
): Axis {
  let [low, high] = extent(values, [0, 1]);
  // Values that agree to the last digits leave no room for ticks between them.
  if (high - low < 1e-6 * Math.max(-low, high)) [low, high] = [Math.min(0, 2 * low), Math.max(0, 2 * high)];
  if (low === high) [low, high] = [0, 1];
  const step = Math.max(roundStep((high - low) / most), whole ? 1 : 0);
  const first = ends === 'ticks' ? Math.floor(low / step + 1e-9) : Math.ceil(low / step - 1e-9);
  const last = ends === 'ticks' ? Math.ceil(high / step - 1e-9) : Math.floor(high / step + 1e-9);
  if (ends === 'ticks') [low, high] = [Math.min(low, first * step), Math.max(high, last * step)];
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => rounded((first + n) * step));
  return { position: between(low, high, span), ticks: labelled(ticks) };
}

/** A logarithmic axis over positive, finite values, with some room at both ends; none gives 0.1 to 1. */
export function logAxis(values: readonly number[], span: Span): Axis {
  let [low, high] = extent(values, [0.1, 1]).map(Math.log10) as [number, number];
  const room = Math.max(0.04 * (high - low), 0.05);
  [low, high] = [low - room, high + room];
  const along = between(low, high, span);
  return { position: (value) => along(Math.log10(value)), ticks: labelled(logTicks(low, high)) };
}

/** Decades where there are enough of them (not all, where there are many), else finer steps within them. */
function logTicks(low: number, high: number): number[] {
  const decades = Math.max(1, Math.ceil((high - low) / 6));
  for (const mantissas of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 7]]) {
    const every = mantissas.length === 1 ? decades : 1;
    const found: number[] = [];
    for (let power = Math.floor(low / every) * every; power <= high; power += every) {
      for (const mantissa of mantissas) found.push(rounded(mantissa * 10 ** power));
    }
    const inside = found.filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
    if (inside.length >= 3) return inside;
  }
  const step = roundStep((10 ** high - 10 ** low) / 5);
  const first = Math.ceil(10 ** low / step);
  const last = Math.floor(10 ** high / step);
  return Array.from({ length: last - first + 1 }, (_, n) => rounded((first + n) * step));
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const mantissa = [1, 2, 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
  return mantissa * power;
}

function extent(values: readonly number[], none: readonly [number, number]): readonly [number, number] {
  // Not Math.min(...values): a long training has more values than a call has arguments.
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return values.length === 0 ? none : [low, high];
}

function between(low: number, high: number, [from, to]: Span): (value: number) => number {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

function rounded(value: number): number {
  return Number(value.toPrecision(12)) || 0;
}

/** One way of writing for a whole axis: powers of ten where a tick is small or large. */
function labelled(ticks: readonly number[]): Axis['ticks'] {
  const powers = ticks.some((value) => (value !== 0 && Math.abs(value) < 0.001) || Math.abs(value) >= 1e7);
  return ticks.map((value) => {
    const label =
      powers && value !== 0
        ? value.toExponential().replace('e+', 'e')
        : value.toLocaleString('en', { maximumFractionDigits: 6 });
    return { value, label: label.replaceAll('-', '−') };
  });
}
