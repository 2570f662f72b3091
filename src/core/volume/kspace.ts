import { TandemError } from '../errors.ts';
import { fftPlan } from './fft.ts';
import type { SliceStack } from './sliceStack.ts';

/**
 * Degradation and its inverse in k-space. Both keep sample 0 on sample 0: the sample (row, column) of
 * the small image lies at (row·R/r, column·C/c) of the large one. The transforms therefore take sample 0
 * as their spatial origin, not the centre sample.
 */

export interface Image {
  /** Row-major. */
  readonly pixels: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * `preserve`: the small image has the intensities of the large one. `official-orthonormal`: orthonormal
 * transforms at both sizes, as the SANet and MINet code has it, √(RC/rc) times brighter.
 */
export type KspaceGain = 'preserve' | 'official-orthonormal';

/** Lines that are transformed together: what fits the second-level cache at the usual sizes. */
const LANES = 16;

/**
 * k-space truncation (Lyu et al., IEEE TMI 2020): keeps the central n = floor(N / factor) frequencies of
 * each axis, −floor(n/2) … n − 1 − floor(n/2), and takes the magnitude, because the kept block of an even
 * size is not Hermitian. Works for any even or odd size.
 *
 * @throws TandemError `bad-geometry` where fewer than one sample would be left.
 */
export function truncateKspace(
  pixels: Float32Array,
  rows: number,
  columns: number,
  factor: number,
  gain: KspaceGain = 'preserve',
): Image {
  const outRows = Math.floor(rows / factor);
  const outColumns = Math.floor(columns / factor);
  if (!(factor >= 1) || outRows < 1 || outColumns < 1) {
    throw new TandemError('bad-geometry', `An image of ${columns} × ${rows} cannot be degraded ×${factor}`);
  }
  const midRe = new Float64Array(rows * outColumns);
  const midIm = new Float64Array(rows * outColumns);
  truncateLines(
    { re: pixels, im: undefined, lines: rows, lineStep: columns, step: 1, length: columns },
    { re: midRe, im: midIm, lineStep: outColumns, step: 1, length: outColumns },
  );
  const outRe = new Float64Array(outRows * outColumns);
  const outIm = new Float64Array(outRows * outColumns);
  truncateLines(
    { re: midRe, im: midIm, lines: outColumns, lineStep: 1, step: outColumns, length: rows },
    { re: outRe, im: outIm, lineStep: 1, step: outColumns, length: outRows },
  );
  const brightness = gain === 'preserve' ? 1 : Math.sqrt((rows * columns) / (outRows * outColumns));
  const out = new Float32Array(outRows * outColumns);
  for (let at = 0; at < out.length; at++) {
    const r = outRe[at]!;
    const m = outIm[at]!;
    out[at] = Math.sqrt(r * r + m * m) * brightness;
  }
  return { pixels: out, rows: outRows, columns: outColumns };
}

/**
 * Zero-filling of a magnitude image to exactly `outRows × outColumns`: trigonometric interpolation that
 * gives every sample of the input back at its place, keeps intensities, and is linear (negative ringing
 * stays negative). The Nyquist frequency of an even size is shared between its two ends, so that the
 * result is real: the real part of the zero-filled spectrum.
 *
 * @throws TandemError `bad-geometry` where the output is smaller than the input.
 */
export function zeroFill(
  pixels: Float32Array,
  rows: number,
  columns: number,
  outRows: number,
  outColumns: number,
): Float32Array {
  if (outRows < rows || outColumns < columns) {
    throw new TandemError(
      'bad-geometry',
      `Zero-filling cannot go from ${columns} × ${rows} down to ${outColumns} × ${outRows}`,
    );
  }
  const mid = new Float64Array(rows * outColumns);
  fillLines(
    { values: pixels, lines: rows, lineStep: columns, step: 1, length: columns },
    { values: mid, lineStep: outColumns, step: 1, length: outColumns },
  );
  const out = new Float32Array(outRows * outColumns);
  fillLines(
    { values: mid, lines: outColumns, lineStep: 1, step: outColumns, length: rows },
    { values: out, lineStep: 1, step: outColumns, length: outRows },
  );
  return out;
}

/**
 * Every slice truncated in-plane: positions unchanged, spacing N/n times the old (not the factor, where it
 * does not divide the size).
 */
export function degradeStack(stack: SliceStack, factor: number): SliceStack {
  const slices = stack.slices.map((slice) => {
    const image = truncateKspace(slice.pixels, stack.rows, stack.columns, factor);
    return { ...slice, pixels: image.pixels };
  });
  return withMatrix(stack, slices, Math.floor(stack.rows / factor), Math.floor(stack.columns / factor));
}

/** Every slice zero-filled to `factor` times its rows and columns: the enhanced grid. */
export function zeroFillStack(stack: SliceStack, factor: number): SliceStack {
  const outRows = stack.rows * factor;
  const outColumns = stack.columns * factor;
  const slices = stack.slices.map((slice) => ({
    ...slice,
    pixels: zeroFill(slice.pixels, stack.rows, stack.columns, outRows, outColumns),
  }));
  return withMatrix(stack, slices, outRows, outColumns);
}

function withMatrix(
  stack: SliceStack,
  slices: SliceStack['slices'],
  rows: number,
  columns: number,
): SliceStack {
  return {
    ...stack,
    rows,
    columns,
    spacingMm: [stack.spacingMm[0] * (stack.columns / columns), stack.spacingMm[1] * (stack.rows / rows)],
    slices,
  };
}

type Reals = Float32Array | Float64Array;

interface ComplexLines {
  readonly re: Reals;
  readonly im: Reals | undefined;
  /** Distance between the first values of neighbouring lines, and between values of a line. */
  readonly lineStep: number;
  readonly step: number;
  readonly length: number;
}

function truncateLines(
  from: ComplexLines & { readonly lines: number },
  to: ComplexLines & { readonly im: Reals },
): void {
  const large = from.length;
  const small = to.length;
  const lowest = -Math.floor(small / 2);
  const xRe = new Float64Array(large * LANES);
  const xIm = new Float64Array(large * LANES);
  const yRe = new Float64Array(small * LANES);
  const yIm = new Float64Array(small * LANES);
  for (let first = 0; first < from.lines; first += LANES) {
    const lanes = Math.min(LANES, from.lines - first);
    for (let i = 0; i < large; i++) {
      for (let lane = 0; lane < lanes; lane++) {
        const at = (first + lane) * from.lineStep + i * from.step;
        xRe[i * lanes + lane] = from.re[at]!;
        xIm[i * lanes + lane] = from.im === undefined ? 0 : from.im[at]!;
      }
    }
    fftPlan(large).forward(xRe, xIm, lanes);
    for (let f = lowest; f < lowest + small; f++) {
      let x = (f < 0 ? f + large : f) * lanes;
      let y = (f < 0 ? f + small : f) * lanes;
      for (let lane = 0; lane < lanes; lane++, x++, y++) {
        yRe[y] = xRe[x]! / large;
        yIm[y] = xIm[x]! / large;
      }
    }
    fftPlan(small).inverse(yRe, yIm, lanes);
    for (let i = 0; i < small; i++) {
      for (let lane = 0; lane < lanes; lane++) {
        const at = (first + lane) * to.lineStep + i * to.step;
        to.re[at] = yRe[i * lanes + lane]!;
        to.im[at] = yIm[i * lanes + lane]!;
      }
    }
  }
}

interface RealLines {
  readonly values: Reals;
  readonly lineStep: number;
  readonly step: number;
  readonly length: number;
}

/** The interpolation is real, so two real lines travel as the parts of one complex line. */
function fillLines(from: RealLines & { readonly lines: number }, to: RealLines): void {
  const small = from.length;
  const large = to.length;
  const lowest = -Math.floor(small / 2);
  const splitNyquist = small % 2 === 0 && large > small;
  const xRe = new Float64Array(small * LANES);
  const xIm = new Float64Array(small * LANES);
  const yRe = new Float64Array(large * LANES);
  const yIm = new Float64Array(large * LANES);
  for (let first = 0; first < from.lines; first += 2 * LANES) {
    const lines = Math.min(2 * LANES, from.lines - first);
    const lanes = Math.ceil(lines / 2);
    for (let i = 0; i < small; i++) {
      for (let lane = 0; lane < lanes; lane++) {
        const at = (first + 2 * lane) * from.lineStep + i * from.step;
        xRe[i * lanes + lane] = from.values[at]! / small;
        xIm[i * lanes + lane] = 2 * lane + 1 < lines ? from.values[at + from.lineStep]! / small : 0;
      }
    }
    fftPlan(small).forward(xRe, xIm, lanes);
    yRe.fill(0, 0, large * lanes);
    yIm.fill(0, 0, large * lanes);
    for (let f = lowest; f < lowest + small; f++) {
      const x = (f < 0 ? f + small : f) * lanes;
      const y = (f < 0 ? f + large : f) * lanes;
      yRe.set(xRe.subarray(x, x + lanes), y);
      yIm.set(xIm.subarray(x, x + lanes), y);
    }
    if (splitNyquist) {
      const low = (large + lowest) * lanes;
      const high = -lowest * lanes;
      for (let lane = 0; lane < lanes; lane++) {
        // With large = small + 1 the two ends are neighbours, never the same bin.
        const r = yRe[low + lane]! / 2;
        const m = yIm[low + lane]! / 2;
        yRe[low + lane] = yRe[high + lane] = r;
        yIm[low + lane] = yIm[high + lane] = m;
      }
    }
    fftPlan(large).inverse(yRe, yIm, lanes);
    for (let i = 0; i < large; i++) {
      for (let lane = 0; lane < lanes; lane++) {
        const at = (first + 2 * lane) * to.lineStep + i * to.step;
        to.values[at] = yRe[i * lanes + lane]!;
        if (2 * lane + 1 < lines) to.values[at + to.lineStep] = yIm[i * lanes + lane]!;
      }
    }
  }
}
