import { describe, expect, it } from 'vitest';
import { colourTable, paintValues } from '../../../src/renderer/viewer/colourMaps.ts';
import { labelColour } from '../../../src/renderer/viewer/labelColours.ts';

type Rgb = readonly [number, number, number];

const linear = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

/** Lightness L* of the CIE, 0 to 100. */
function lightness([r, g, b]: Rgb): number {
  const y = 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

/** Matrices of Machado, Oliveira and Fernandes (2009), severity 1, on linear values. */
const VISION: Readonly<Record<string, readonly number[]>> = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

function seen(colour: Rgb, vision: string): Rgb {
  const m = VISION[vision]!;
  const from = colour.map((value) => linear(value / 255));
  const to = [0, 3, 6].map((row) => m[row]! * from[0]! + m[row + 1]! * from[1]! + m[row + 2]! * from[2]!);
  return to.map((value) => {
    const clipped = Math.min(Math.max(value, 0), 1);
    return 255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055);
  }) as unknown as Rgb;
}

const entry = (table: Uint8Array, n: number): Rgb => [table[3 * n]!, table[3 * n + 1]!, table[3 * n + 2]!];
const distance = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe('colour maps', () => {
  it.each([
    'normal',
    'protan',
    'deutan',
    'tritan',
  ])('rise in lightness all the way in %s vision', (vision) => {
    for (const name of ['grey', 'viridis', 'cividis'] as const) {
      const table = colourTable(name);
      const steps = [0, 32, 64, 96, 128, 160, 192, 224, 255].map((n) =>
        lightness(seen(entry(table, n), vision)),
      );
      for (const [n, step] of steps.entries()) if (n > 0) expect(step).toBeGreaterThan(steps[n - 1]! + 2);
    }
  });

  it.each([
    'normal',
    'protan',
    'deutan',
    'tritan',
  ])('tell more from less and both from none in %s vision', (vision) => {
    for (const name of ['blue-orange', 'blue-black-orange'] as const) {
      const table = colourTable(name);
      const [less, none, more] = [40, 127, 215].map((n) => seen(entry(table, n), vision)) as [Rgb, Rgb, Rgb];
      expect(distance(less, more)).toBeGreaterThan(80);
      expect(distance(less, none)).toBeGreaterThan(80);
      expect(distance(none, more)).toBeGreaterThan(80);
    }
  });

  it('of differences have white in the middle and are as strong on either side', () => {
    const table = colourTable('blue-orange');
    expect(Math.min(...entry(table, 127), ...entry(table, 128))).toBeGreaterThan(248);
    expect(Math.abs(lightness(entry(table, 0)) - lightness(entry(table, 255)))).toBeLessThan(12);
  });

  it('of differences over images are dark in the middle, and lighter the more differs on either side', () => {
    const table = colourTable('blue-black-orange');
    expect(Math.max(...entry(table, 127), ...entry(table, 128))).toBeLessThan(8);
    for (const away of [30, 60, 90, 127]) {
      const [less, more] = [lightness(entry(table, 127 - away)), lightness(entry(table, 128 + away))];
      expect(Math.abs(less - more)).toBeLessThan(12);
      expect(less).toBeGreaterThan(lightness(entry(table, 157 - away)) + 5);
      expect(more).toBeGreaterThan(lightness(entry(table, 98 + away)) + 5);
    }
  });

  it('turn round when inverted', () => {
    const table = colourTable('viridis');
    const inverted = colourTable('viridis', true);
    expect(entry(inverted, 0)).toEqual(entry(table, 255));
    expect(entry(inverted, 200)).toEqual(entry(table, 55));
  });

  it('paint the window’s ends and what lies beyond in the end colours, and leave what is no number clear', () => {
    const pixels = new Uint8ClampedArray(4 * 5);
    paintValues([-50, 10, 20, 99, Number.NaN], 10, 30, colourTable('grey'), pixels);
    expect([pixels[0], pixels[4], pixels[8], pixels[12]]).toEqual([0, 0, 128, 255]);
    expect([pixels[3], pixels[19]]).toEqual([255, 0]);
  });
});

describe('label colours', () => {
  it('differ from label to label, come again, and are there for any number', () => {
    const first = [1, 2, 3, 4, 5, 6, 7].map((label) => labelColour(label).join());
    expect(new Set(first).size).toBe(7);
    expect(labelColour(8)).toEqual(labelColour(1));
    expect(labelColour(-3)).toHaveLength(3);
  });
});
