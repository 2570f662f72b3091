import { describe, expect, it } from 'vitest';
import { curvePath, indexAt, pointX, scaleTop } from '../../../src/renderer/views/align/curveShape.ts';
import {
  drawOverlay,
  edgesOf,
  type OverlayOptions,
  parseColour,
} from '../../../src/renderer/views/align/overlayPicture.ts';

const COLUMNS = 8;
const ROWS = 6;
const layers = {
  columns: COLUMNS,
  rows: ROWS,
  target: new Float32Array(COLUMNS * ROWS).fill(100),
  reference: new Float32Array(COLUMNS * ROWS).fill(30),
};
const windows = { target: { lower: 0, upper: 200 }, reference: { lower: 0, upper: 100 } };
const OPTIONS: OverlayOptions = {
  overlay: 'blend',
  blend: 0.5,
  swipe: 0.5,
  fieldPx: 2,
  edgesOf: 'reference',
  colours: undefined,
  edgeColour: [255, 208, 0],
};
function draw(change: Partial<OverlayOptions>, given = layers): (x: number, y: number) => number[] {
  const out = new Uint8ClampedArray(4 * COLUMNS * ROWS);
  drawOverlay(given, windows, { ...OPTIONS, ...change }, out);
  return (x, y) => [...out.slice(4 * (y * COLUMNS + x), 4 * (y * COLUMNS + x) + 4)];
}

describe('one image over another', () => {
  it('is blended: each by its own window, the reference by its share', () => {
    expect(draw({ blend: 0 })(3, 3)).toEqual([128, 128, 128, 255]);
    expect(draw({ blend: 1 })(3, 3)).toEqual([77, 77, 77, 255]);
    expect(draw({ blend: 0.5 })(3, 3)).toEqual([102, 102, 102, 255]);
    const coloured = draw({ colours: { target: [0, 0, 255], reference: [255, 0, 0] } })(3, 3);
    expect(coloured).toEqual([77, 0, 128, 255]);
  });

  it('is swiped at its border, and laid out in fields', () => {
    const swiped = draw({ overlay: 'swipe', swipe: 0.25 });
    expect([swiped(1, 0)[0], swiped(2, 0)[0]]).toEqual([128, 77]);
    const fields = draw({ overlay: 'checkerboard' });
    expect([fields(0, 0), fields(2, 0), fields(0, 2), fields(2, 2)].map(([red]) => red)).toEqual([
      128, 77, 77, 128,
    ]);
  });

  it('has edges where the one changes, over the other', () => {
    const step = layers.reference.map((_, n) => (n % COLUMNS < 4 ? 0 : 100));
    const edges = draw({ overlay: 'edges' }, { ...layers, reference: step });
    expect(edges(4, 3).slice(0, 3)).toEqual([255, 208, 0]);
    expect(edges(1, 3).slice(0, 3)).toEqual([128, 128, 128]);
    expect(
      edgesOf(new Float32Array(COLUMNS * ROWS).fill(0.7), COLUMNS, ROWS).every((edge) => edge === 0),
    ).toBe(true);
  });

  it('is black where there is nothing', () => {
    const target = layers.target.slice();
    target[0] = Number.NaN;
    expect(draw({ blend: 0 }, { ...layers, target })(0, 0)).toEqual([0, 0, 0, 255]);
    expect(parseColour(' #0a10ff')).toEqual([10, 16, 255]);
  });
});

describe('a curve', () => {
  it('is broken where a slice has no value, and names the slice under a place', () => {
    expect(curvePath([0.5, null, 1, 0], 40, 10, 1)).toBe('M5.0 5.0M25.0 0.0L35.0 10.0');
    for (let n = 0; n < 7; n++) expect(indexAt(pointX(n, 7, 300), 7, 300)).toBe(n);
    expect([indexAt(-5, 7, 300), indexAt(999, 7, 300)]).toEqual([0, 6]);
    expect([scaleTop([0.43, null]), scaleTop([]), scaleTop([1])]).toEqual([0.5, 0.2, 1]);
  });
});
