import { fftPlan } from './fft.ts';

/**
 * How much of the spectrum that its matrix allows an image fills. Edges and noise reach to the Nyquist frequency;
 * what was interpolated by zero-filling has next to nothing beyond the resolution that was acquired, what was
 * smoothed or interpolated by splines fades away towards it.
 */
export interface SpectrumFill {
  /** Along the rows and along the columns: 1 for ideal edges alone, more with noise, 0 where nothing is there. */
  readonly alongRows: number;
  readonly alongColumns: number;
}

/** Frequencies, shares of Nyquist: those that say how bright the image's edges are, and those that are judged. */
const BRIGHT = [0.1, 0.3] as const;
const FINE = [0.7, 0.9] as const;

/**
 * The median power at 0.7 to 0.9 of Nyquist over that at 0.1 to 0.3, both times the squared frequency (the power of
 * ideal edges falls with 1/f²), for lines along each direction of some slices, each rows × columns. 0 where the
 * slices are constant. Values that are no numbers count as 0.
 */
export function spectrumFill(slices: readonly Float32Array[], rows: number, columns: number): SpectrumFill {
  return {
    alongRows: fillOf(slices, rows, columns, columns, 1),
    alongColumns: fillOf(slices, columns, rows, 1, columns),
  };
}

function fillOf(
  slices: readonly Float32Array[],
  lines: number,
  length: number,
  lineStep: number,
  step: number,
): number {
  const power = new Float64Array(Math.floor(length / 2) + 1);
  const plan = fftPlan(length);
  // Hann's window: the ends of a line need not meet.
  const window = Float64Array.from({ length }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / length));
  for (const pixels of slices) {
    const re = new Float64Array(length * lines);
    const im = new Float64Array(length * lines);
    for (let line = 0; line < lines; line++) {
      for (let n = 0; n < length; n++) {
        const value = pixels[line * lineStep + n * step]!;
        re[n * lines + line] = Number.isFinite(value) ? value * window[n]! : 0;
      }
    }
    plan.forward(re, im, lines);
    for (let f = 0; f < power.length; f++) {
      for (let line = 0; line < lines; line++) {
        power[f]! += re[f * lines + line]! ** 2 + im[f * lines + line]! ** 2;
      }
    }
  }
  return fineOverBright(power);
}

function fineOverBright(power: Float64Array): number {
  const nyquist = power.length - 1;
  const level = Array.from(power, (value, f) => value * f * f);
  const medianOf = ([from, to]: readonly [number, number]) => {
    const band = level.slice(Math.ceil(from * nyquist), Math.floor(to * nyquist) + 1).sort((a, b) => a - b);
    return band[Math.floor(band.length / 2)] ?? 0;
  };
  const bright = medianOf(BRIGHT);
  return bright > 0 ? medianOf(FINE) / bright : 0;
}
