import { describe, expect, it } from 'vitest';
import { edgeMasks, rmsError } from '../../../src/core/volume/edges.ts';

const all = (count: number) => [new Uint8Array(count).fill(1)];

describe('edgeMasks', () => {
  it('finds the two columns beside a step, and nothing in a flat image', () => {
    const [rows, columns] = [10, 20];
    const step = Float32Array.from({ length: rows * columns }, (_, at) => (at % columns < 7 ? 0.2 : 0.9));
    const [edges] = edgeMasks([step], all(200), rows, columns, [1, 1]);
    const found = [...edges!].flatMap((flag, at) => (flag === 1 ? [at % columns] : []));
    expect(new Set(found)).toEqual(new Set([6, 7]));
    expect(found).toHaveLength(2 * rows);
    const [none] = edgeMasks([new Float32Array(200).fill(0.5)], all(200), rows, columns, [1, 1]);
    expect(none!.includes(1)).toBe(false);
  });

  it('counts gradients per millimetre, over the whole volume, inside the mask alone', () => {
    const [rows, columns] = [20, 20];
    // A step down the rows as high as one along them; rows are four times as far apart as columns.
    const along = Float32Array.from({ length: 400 }, (_, at) => (at % columns < 10 ? 0 : 1));
    const down = Float32Array.from({ length: 400 }, (_, at) => (at < 200 ? 0 : 1));
    const masks = [...all(400), ...all(400)];
    const edges = edgeMasks([along, down], masks, rows, columns, [1, 4]);
    expect(edges[0]!.reduce((sum, flag) => sum + flag, 0)).toBe(40);
    const steepest = edgeMasks([along], all(400), rows, columns, [1, 4]);
    expect(edges[0]).toEqual(steepest[0]);
    const half = [Uint8Array.from({ length: 400 }, (_, at) => (at < 200 ? 1 : 0))];
    const [within] = edgeMasks([along], half, rows, columns, [1, 1]);
    expect(within!.subarray(200).includes(1)).toBe(false);
    expect(within!.subarray(0, 200).includes(1)).toBe(true);
  });

  it('takes the tenth with the steepest gradient', () => {
    const [rows, columns] = [1, 1001];
    const ramp = Float32Array.from({ length: columns }, (_, x) => x * x * 1e-6);
    const [edges] = edgeMasks([ramp], all(columns), rows, columns, [1, 1]);
    // The last pixel has but half of its difference.
    expect([...edges!].indexOf(1)).toBeGreaterThan(897);
    expect(edges!.reduce((sum, flag) => sum + flag, 0)).toBeGreaterThan(98);
    expect(edges!.reduce((sum, flag) => sum + flag, 0)).toBeLessThan(103);
  });
});

describe('rmsError', () => {
  it('is the root of the mean of the squares over the mask', () => {
    const truth = [Float32Array.of(0, 0, 0, 0)];
    const image = [Float32Array.of(3, 4, 100, 0)];
    expect(rmsError(truth, image, [Uint8Array.of(1, 1, 0, 0)])).toBeCloseTo(Math.sqrt(12.5), 12);
    expect(rmsError(truth, image)).toBeCloseTo(Math.sqrt(10025 / 4), 6);
    expect(rmsError(truth, image, [new Uint8Array(4)])).toBeNaN();
  });
});
