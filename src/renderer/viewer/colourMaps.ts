import type { ColourMapName } from '../state/view.ts';

/**
 * Colour tables of 256 entries. Viridis and cividis rise evenly in lightness for every kind of colour vision;
 * `blue-orange` and `blue-black-orange` are for signed values, with white or black in the middle and hues that
 * colour-blind readers tell apart.
 */

type Rgb = readonly [number, number, number];

/** Colours at even distances, as matplotlib 3 has viridis and cividis; `blue-orange` after Crameri's vik, redder. */
const ANCHORS: Readonly<Record<ColourMapName, readonly string[]>> = {
  grey: ['#000000', '#ffffff'],
  viridis: [
    '#440154',
    '#482878',
    '#3e4a89',
    '#31688e',
    '#26828e',
    '#1f9e89',
    '#35b779',
    '#6dcd59',
    '#b4de2c',
    '#fde725',
  ],
  cividis: [
    '#00204d',
    '#00336f',
    '#39486b',
    '#575c6d',
    '#707173',
    '#8a8779',
    '#a69d75',
    '#c4b56c',
    '#e4cf5b',
    '#ffea46',
  ],
  'blue-black-orange': ['#a6d2ff', '#3f8fe0', '#123a6b', '#000000', '#6b3a08', '#e08a1f', '#ffd59a'],
  'blue-orange': ['#0b3c8c', '#2f74c0', '#8ab8e6', '#ffffff', '#f6b26b', '#d9770f', '#8a3b00'],
};

const SIZE = 256;
const tables = new Map<string, Uint8Array>();

/** Red, green and blue of 256 values from the least to the greatest, 0 to 255 each; inverted: the other way. */
export function colourTable(name: ColourMapName, inverted = false): Uint8Array {
  const id = `${name} ${inverted}`;
  const known = tables.get(id);
  if (known !== undefined) return known;
  const anchors = ANCHORS[name].map(parse);
  const table = new Uint8Array(SIZE * 3);
  for (let n = 0; n < SIZE; n++) {
    const place = ((inverted ? SIZE - 1 - n : n) / (SIZE - 1)) * (anchors.length - 1);
    const before = Math.min(Math.floor(place), anchors.length - 2);
    const share = place - before;
    for (const channel of [0, 1, 2] as const) {
      const from = anchors[before]![channel];
      table[3 * n + channel] = Math.round(from + share * (anchors[before + 1]![channel] - from));
    }
  }
  tables.set(id, table);
  return table;
}

function parse(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * Colours values into opaque pixels: `lower` and below take the table's first colour, `upper` and above its
 * last; what is no number stays clear.
 */
export function paintValues(
  values: ArrayLike<number>,
  lower: number,
  upper: number,
  table: Uint8Array,
  pixels: Uint8ClampedArray,
): void {
  const factor = (SIZE - 1) / Math.max(upper - lower, 1e-30);
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!;
    if (Number.isNaN(value)) {
      pixels[4 * n + 3] = 0;
      continue;
    }
    const entry = 3 * Math.round(Math.min(Math.max((value - lower) * factor, 0), SIZE - 1));
    pixels[4 * n] = table[entry]!;
    pixels[4 * n + 1] = table[entry + 1]!;
    pixels[4 * n + 2] = table[entry + 2]!;
    pixels[4 * n + 3] = 255;
  }
}
