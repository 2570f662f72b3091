import { describe, expect, it } from 'vitest';
import { segmentationSpec } from '../../../src/core/segmentation/modelSpec.ts';
import { scaledPixels, scaleOfSeries } from '../../../src/core/segmentation/normalise.ts';
import { normalized, robustScale } from '../../../src/core/volume/robustScale.ts';

const values = Float32Array.from({ length: 400 }, (_, n) => (n < 100 ? 0 : n));

describe('scales of a series', () => {
  it('robust: the one that the networks are trained with, value for value', () => {
    const scale = scaleOfSeries([values], { kind: 'robust', range: [-4, 6] })!;
    expect(scaledPixels(values, scale)).toEqual(normalized(values, robustScale([values])!));
  });

  it('z-score: mean 0 and standard deviation 1 of what is above 0', () => {
    const scale = scaleOfSeries([values], { kind: 'z-score', range: [-10, 10] })!;
    const found = [...scaledPixels(values.subarray(100), scale)];
    const mean = found.reduce((sum, value) => sum + value, 0) / 300;
    expect(mean).toBeCloseTo(0, 5);
    expect(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 300).toBeCloseTo(1, 5);
  });

  it('percentiles: those two become 0 and 1, the rest is held within the range', () => {
    const scale = scaleOfSeries([values], { kind: 'percentiles', percentiles: [0, 100], range: [0, 1] })!;
    expect([...scaledPixels(Float32Array.of(0, 100, 249.5, 399, 9999), scale)]).toEqual([0, 0, 0.5, 1, 1]);
  });

  it('of a series that is empty or all the same there is none; what is no number is the least', () => {
    for (const kind of ['robust', 'z-score'] as const) {
      expect(scaleOfSeries([new Float32Array(9)], { kind, range: [0, 1] })).toBeUndefined();
      expect(scaleOfSeries([new Float32Array(9).fill(7)], { kind, range: [0, 1] })).toBeUndefined();
    }
    const scale = { centre: 0, spread: 1, range: [-4, 6] } as const;
    expect([...scaledPixels(Float32Array.of(Number.NaN, -9, 2, 9), scale)]).toEqual([-4, -4, 2, 6]);
  });
});

describe('what a model says of itself', () => {
  const good = {
    contrasts: [{ name: 'flair', required: true }],
    canvas: { size: 64, pixelMm: 1 },
    normalisation: { kind: 'robust', range: [-4, 6] },
    output: 'sigmoid',
    channels: 2,
    labels: [{ value: 1, channel: 0, name: 'a', meaning: 'edema' }],
    keep: { leastMl: 0, mostParts: null },
  };
  it('is refused where it contradicts itself', () => {
    expect(segmentationSpec.safeParse(good).success).toBe(true);
    const label = good.labels[0]!;
    for (const bad of [
      { labels: [label, { ...label, channel: 1 }] },
      { labels: [label, { ...label, value: 2 }] },
      { labels: [{ ...label, channel: 2 }] },
      { contrasts: [{ name: 'flair', required: false }] },
      { contrasts: [good.contrasts[0], { name: 'flair', required: false }] },
      { normalisation: { kind: 'robust', range: [6, -4] } },
      { threshold: 1 },
      { unknown: 1 },
    ]) {
      expect(segmentationSpec.safeParse({ ...good, ...bad }).success, JSON.stringify(bad)).toBe(false);
    }
  });
});
