import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { insideForeground, shareAbove } from '../../../src/core/volume/foreground.ts';
import { dice, psnrAtPeak, psnrVolume, ssimAtPeak, ssimVolume } from '../../../src/core/volume/metrics.ts';
import { vectorsRoot } from '../../helpers/data.ts';
import { readFixtures } from '../../helpers/safetensors.ts';

const ROWS = 14;
const COLUMNS = 17;

function noisySlices(seed: number, count = 2): Float32Array[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () =>
    Float32Array.from({ length: ROWS * COLUMNS }, () => random.uniform()),
  );
}

/** scikit-image's SSIM at one pixel, window by window. */
function slowSsim(x: Float32Array, y: Float32Array, row: number, column: number, peak: number): number {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let r = row - 3; r <= row + 3; r++) {
    for (let c = column - 3; c <= column + 3; c++) {
      xs.push(x[r * COLUMNS + c]!);
      ys.push(y[r * COLUMNS + c]!);
    }
  }
  const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / 49;
  const [mx, my] = [mean(xs), mean(ys)];
  const covariance = (a: number[], ma: number, b: number[], mb: number) =>
    a.reduce((sum, v, n) => sum + (v - ma) * (b[n]! - mb), 0) / 48;
  const c1 = (0.01 * peak) ** 2;
  const c2 = (0.03 * peak) ** 2;
  return (
    ((2 * mx * my + c1) * (2 * covariance(xs, mx, ys, my) + c2)) /
    ((mx * mx + my * my + c1) * (covariance(xs, mx, xs, mx) + covariance(ys, my, ys, my) + c2))
  );
}

describe('psnrAtPeak and ssimAtPeak', () => {
  it('take the peak that is given, whatever the image’s own maximum', () => {
    const [truth, image] = [noisySlices(21, 1), noisySlices(22, 1)];
    const peak = 3;
    expect(psnrAtPeak(peak, truth, image) - psnrAtPeak(1, truth, image)).toBeCloseTo(20 * Math.log10(3), 10);
    let sum = 0;
    for (let row = 3; row < ROWS - 3; row++) {
      for (let column = 3; column < COLUMNS - 3; column++) {
        sum += slowSsim(truth[0]!, image[0]!, row, column, peak);
      }
    }
    expect(ssimAtPeak(peak, truth, image, ROWS, COLUMNS)).toBeCloseTo(sum / ((ROWS - 6) * (COLUMNS - 6)), 10);
  });
});

describe('psnrVolume', () => {
  it('takes its peak from the whole true volume, not from a slice and not from the range', () => {
    const truth = [Float32Array.of(1, 1), Float32Array.of(1, 3)];
    const image = [Float32Array.of(1, 2), Float32Array.of(1, 3)];
    expect(psnrVolume(truth, image)).toBeCloseTo(10 * Math.log10(9 / 0.25), 10);
  });

  it('counts only the masked voxels, with the peak of all', () => {
    const truth = [Float32Array.of(1, 5), Float32Array.of(2, 2)];
    const image = [Float32Array.of(2, 9), Float32Array.of(2, 5)];
    const mask = [Uint8Array.of(1, 0), Uint8Array.of(1, 0)];
    expect(psnrVolume(truth, image, mask)).toBeCloseTo(10 * Math.log10(25 / 0.5), 10);
  });

  it('is infinite for equal images', () => {
    const truth = noisySlices(1);
    expect(psnrVolume(truth, truth)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('ssimVolume', () => {
  it('equals the definition, window by window', () => {
    const truth = noisySlices(1);
    const image = noisySlices(2);
    const peak = Math.max(...truth.flatMap((slice) => [...slice]));
    const values = truth.flatMap((slice, s) => {
      const out: number[] = [];
      for (let r = 3; r < ROWS - 3; r++)
        for (let c = 3; c < COLUMNS - 3; c++) out.push(slowSsim(slice, image[s]!, r, c, peak));
      return out;
    });
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    expect(ssimVolume(truth, image, ROWS, COLUMNS)).toBeCloseTo(mean, 10);
  });

  it('averages over the masked pixels that have a whole window', () => {
    const truth = noisySlices(3);
    const image = noisySlices(4);
    const peak = Math.max(...truth.flatMap((slice) => [...slice]));
    const mask = truth.map(() => new Uint8Array(ROWS * COLUMNS));
    mask[1]![5 * COLUMNS + 6] = 1;
    mask[1]![0] = 1;
    expect(ssimVolume(truth, image, ROWS, COLUMNS, mask)).toBeCloseTo(
      slowSsim(truth[1]!, image[1]!, 5, 6, peak),
      10,
    );
  });

  it('is 1 for equal images', () => {
    const truth = noisySlices(5);
    expect(ssimVolume(truth, truth, ROWS, COLUMNS)).toBeCloseTo(1, 12);
  });
});

describe.skipIf(!vectorsRoot())('reference vectors [needs shared data]', () => {
  it('gives the PSNR and SSIM of the fastMRI evaluation', () => {
    const vectors = readFixtures(join(vectorsRoot() ?? '', 'common/fixtures.safetensors'));
    const slices = (name: string) => {
      const data = Float32Array.from(vectors.get(name)!.data);
      return [0, 1, 2].map((n) => data.slice(n * 480, (n + 1) * 480));
    };
    const [truth, image] = [slices('vol_gt'), slices('vol_pred')];
    expect(psnrVolume(truth, image)).toBeCloseTo(vectors.get('psnr_volume')!.data[0]!, 5);
    expect(ssimVolume(truth, image, 20, 24)).toBeCloseTo(vectors.get('ssim_volume')!.data[0]!, 6);
  });
});

describe('dice', () => {
  it('is twice the overlap over the sum', () => {
    expect(dice([1, 1, 0, 0], [0, 2, 3, 1])).toBeCloseTo(2 / 5, 12);
    expect(dice([1, 0], [0, 1])).toBe(0);
  });
  it('is 1 where both masks are empty', () => {
    expect(dice([0, 0], [0, 0])).toBe(1);
  });
});

describe('insideForeground', () => {
  it('keeps what is more than 3 steps from the outside, holes filled', () => {
    const rows = 13;
    const columns = 15;
    // A block from (1, 2) to (11, 12) with a hole in its middle.
    const truth = Float32Array.from({ length: rows * columns }, (_, at) => {
      const [r, c] = [Math.floor(at / columns), at % columns];
      const block = r >= 1 && r <= 11 && c >= 2 && c <= 12;
      return block && !(r === 6 && c === 7) ? 0.5 : 0.02;
    });
    const inside = insideForeground(truth, rows, columns);
    const expected = Uint8Array.from({ length: rows * columns }, (_, at) => {
      const [r, c] = [Math.floor(at / columns), at % columns];
      return Math.min(r - 1, 11 - r) >= 3 && Math.min(c - 2, 12 - c) >= 3 ? 1 : 0;
    });
    expect([...inside]).toEqual([...expected]);
  });

  it('measures distance in city blocks', () => {
    const truth = new Float32Array(81).fill(1);
    truth[0] = 0;
    const inside = insideForeground(truth, 9, 9);
    // (3, 3) is 6 steps from the corner and 4 from beyond the image.
    expect(inside[3 * 9 + 3]).toBe(1);
    const withBay = truth.slice();
    for (const at of [1, 2, 9, 10, 11, 18, 19]) withBay[at] = 0;
    // (2, 2) belongs to the foreground: (3, 3) is 3 steps from (1, 2), (4, 4) is 5.
    const bay = insideForeground(withBay, 9, 9);
    expect([bay[3 * 9 + 3], bay[4 * 9 + 4]]).toEqual([0, 1]);
  });

  it('counts what lies beyond the image as outside, and a hole open to the edge as no hole', () => {
    const full = insideForeground(new Float32Array(64).fill(1), 8, 8);
    expect(full.reduce((sum, v) => sum + v, 0)).toBe(4);
    const open = new Float32Array(121).fill(1);
    for (let r = 0; r <= 5; r++) open[r * 11 + 5] = 0;
    expect(insideForeground(open, 11, 11)[5 * 11 + 5]).toBe(0);
  });

  it('has a share above a threshold', () => {
    expect(shareAbove(Float32Array.of(0, 0.02, 0.03, 1), 0.025)).toBe(0.5);
  });
});
