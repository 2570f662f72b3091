import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { zeroFill } from '../../../src/core/volume/kspace.ts';
import { type Augmentation, NO_AUGMENTATION } from '../../../src/main/training/augmentation.ts';
import { degradedSlice } from '../../../src/main/training/data/degradedSlices.ts';
import type { FullSlice, TrainingCase } from '../../../src/main/training/data/trainingCase.ts';
import { type Batch, PatchSampler } from '../../../src/main/training/patches.ts';
import { caseOf, imageOf } from './trainingCases.ts';

const PATCH = 8;
const [ROWS, COLUMNS] = [24, 32];
const AREA = PATCH ** 2;

/** Every pixel another number, so that a patch tells where it is from. */
const places = imageOf(ROWS, COLUMNS, (row, column) => 1 + row * COLUMNS + column);
const texture = imageOf(
  ROWS,
  COLUMNS,
  (row, column) => 1 + 0.4 * Math.sin(row * 1.3) * Math.cos(column * 0.9),
);
const one: FullSlice = { truth: places, reference: places.map((value) => 2 * value) };

function batchOf(images: number, factors: readonly number[] = []): Batch {
  const make = (factor = 1) => new Float32Array(images * (PATCH / factor) ** 2);
  const smaller = new Map(factors.map((factor) => [factor, make(factor)]));
  return { truth: make(), zeroFilled: make(), reference: make(), smaller };
}

interface Drawing {
  readonly images?: number;
  readonly seed?: number;
  readonly scale?: 2 | 4;
  readonly factors?: readonly number[];
}

function draw(
  cases: readonly TrainingCase[],
  augmentation: Partial<Augmentation>,
  { images = 200, seed = 1, scale = 2, factors = [] }: Drawing = {},
): Batch {
  const batch = batchOf(images, factors);
  const options = { patch: PATCH, scale, augmentation: { ...NO_AUGMENTATION, ...augmentation } };
  new PatchSampler(cases, options).fill(batch, createRandom(seed));
  return batch;
}

/** One case whose slice is `one`, but for its reference. */
const withReference = (reference: Float32Array, more: Partial<TrainingCase> = {}) =>
  caseOf(ROWS, COLUMNS, [{ truth: places, reference }], more);
/** A case whose slices are flat: one number each in the truth, another in the reference. */
const flat = (
  slices: readonly (readonly [truth: number, reference: number])[],
  more: Partial<TrainingCase> = {},
) =>
  caseOf(
    ROWS,
    COLUMNS,
    slices.map(([truth, reference]) => ({
      truth: new Float32Array(ROWS * COLUMNS).fill(truth),
      reference: new Float32Array(ROWS * COLUMNS).fill(reference),
    })),
    more,
  );
const patchesOf = (values: Float32Array): Float32Array[] =>
  Array.from({ length: values.length / AREA }, (_, n) => values.subarray(n * AREA, (n + 1) * AREA));
/** The number that each patch of a flat image shows: beyond the image it is 0. */
const numbersOf = (values: Float32Array): number[] => patchesOf(values).map((patch) => Math.max(...patch));
/** Which numbers of truth and reference were seen together. */
const seenTogether = ({ truth, reference }: Batch): string[] => {
  const references = numbersOf(reference);
  return [...new Set(numbersOf(truth).map((number, n) => `${number}: ${references[n]}`))].sort();
};
/** The largest difference of two images. */
const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, n) => Math.max(most, Math.abs(value - b[n]!)), 0);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const standardDeviation = (values: readonly number[]) =>
  Math.sqrt(mean(values.map((value) => value ** 2)) - mean(values) ** 2);

describe('patches', () => {
  it.each([
    2, 4,
  ] as const)('are the same place of truth, zero-filled image, reference and smaller images in all eight orientations: ×%i', (scale) => {
    const source = caseOf(ROWS, COLUMNS, [one]);
    const { zeroFilled, smaller } = degradedSlice(source, 0, scale);
    const factors = scale === 4 ? [2, 4] : [2];
    const batch = draw([source], {}, { scale, factors });
    const orientations = new Set<string>();
    for (const [image, truth] of patchesOf(batch.truth).entries()) {
      const at = (i: number, j: number) => truth[i * PATCH + j]!;
      // The last three rows may be beyond the image.
      orientations.add(`${at(4, 3) - at(3, 3)} ${at(3, 4) - at(3, 3)}`);
      // What a mirrored patch has beyond the image is 0, in all of them.
      const filled = truth.map((value) => (value === 0 ? 0 : zeroFilled[value - 1]!));
      expect(batch.zeroFilled.subarray(image * AREA, (image + 1) * AREA)).toEqual(filled);
      const doubled = truth.map((value) => 2 * value);
      expect(batch.reference.subarray(image * AREA, (image + 1) * AREA)).toEqual(doubled);
      for (const factor of factors) {
        const side = PATCH / factor;
        const small = batch.smaller.get(factor)!.subarray(image * side ** 2, (image + 1) * side ** 2);
        const expected = small.map((value, n) => {
          const place = at(factor * Math.floor(n / side), factor * (n % side)) - 1;
          // The smallest has its first samples where a mirrored truth is beyond the image already.
          if (place < 0) return factor === scale ? value : 0;
          const [row, column] = [Math.floor(place / COLUMNS) / factor, (place % COLUMNS) / factor];
          // Between its samples it has none: NaN.
          return smaller.get(factor)![row * (COLUMNS / factor) + column]!;
        });
        expect(small).toEqual(expected);
      }
    }
    const steps = [1, -1].flatMap((a) => [COLUMNS, -COLUMNS].flatMap((b) => [`${a} ${b}`, `${b} ${a}`]));
    expect([...orientations].sort()).toEqual(steps.sort());
  });

  it('are the same for the same seed, and others for another', () => {
    const cases = [caseOf(ROWS, COLUMNS, [one]), flat([[1, 3]], { name: 'other' })];
    const augmentation: Partial<Augmentation> = { referenceNoise: [0, 0.1], referenceForeign: 0.5 };
    expect(draw(cases, augmentation)).toEqual(draw(cases, augmentation));
    expect(draw(cases, augmentation, { seed: 2 }).truth).not.toEqual(draw(cases, augmentation).truth);
  });

  it('have content, and come from cases by the root of their slices', () => {
    const dark = imageOf(16, 64, (_, column) => (column < 40 ? 0 : 10_000));
    const light = imageOf(16, 16, () => 1);
    const cases = [
      caseOf(
        16,
        16,
        Array.from({ length: 4 }, () => ({ truth: light, reference: light })),
      ),
      caseOf(16, 64, [{ truth: dark, reference: dark }]),
    ];
    const patches = patchesOf(draw(cases, {}, { images: 1500, seed: 4 }).truth);
    for (const patch of patches) expect(patch.some((value) => value > 0)).toBe(true);
    const fromDark = patches.filter((patch) => patch.includes(10_000)).length;
    expect(fromDark / 1500).toBeGreaterThan(0.29);
    expect(fromDark / 1500).toBeLessThan(0.38);
  });

  it('larger than the image are filled up with zeros', () => {
    const image = imageOf(4, 6, () => 1);
    const batch = draw([caseOf(4, 6, [{ truth: image, reference: image }])], {}, { images: 4 });
    expect(batch.truth.filter((value) => value !== 0).length).toBeGreaterThan(4 * 3 * 5 - 1);
    expect(batch.truth.filter((value) => value !== 0).length).toBeLessThan(4 * 24 + 1);
  });

  it('know nothing of a reference where there is none', () => {
    const batch = draw([caseOf(ROWS, COLUMNS, [{ truth: places, reference: undefined }])], {
      referenceNoise: [1, 1],
    });
    expect(batch.reference.every((value) => value === 0)).toBe(true);
  });
});

describe('the target of a patch', () => {
  it('is brighter or darker together with its truth; the reference is as it was', () => {
    const plain = draw([caseOf(ROWS, COLUMNS, [one])], {}, { factors: [2] });
    const varied = draw([caseOf(ROWS, COLUMNS, [one])], { targetGain: [0.5, 2] }, { factors: [2] });
    expect(varied.reference).toEqual(plain.reference);
    const gains = patchesOf(plain.truth).map((truth, image) => {
      const n = truth.findIndex((value) => value > 0);
      const gain = varied.truth[image * AREA + n]! / truth[n]!;
      const [from, to] = [image * AREA, (image + 1) * AREA];
      for (const [now, before, first, end] of [
        [varied.truth, plain.truth, from, to],
        [varied.zeroFilled, plain.zeroFilled, from, to],
        [varied.smaller.get(2)!, plain.smaller.get(2)!, from / 4, to / 4],
      ] as const) {
        const expected = before.subarray(first, end).map((value) => gain * value);
        expect(difference(now.subarray(first, end), expected)).toBeLessThan(1e-3);
      }
      return gain;
    });
    expect(Math.min(...gains)).toBeGreaterThanOrEqual(0.4999);
    expect(Math.max(...gains)).toBeLessThan(2.0001);
    expect(mean(gains)).toBeCloseTo(1.25, 0);
    expect(new Set(gains.map((gain) => gain.toFixed(3))).size).toBeGreaterThan(100);
  });

  it.each([
    2, 4,
  ] as const)('is noisy as acquired, and zero-filled with that very noise; its truth is not: ×%i', (scale) => {
    const source = caseOf(ROWS, COLUMNS, [{ truth: texture, reference: texture }]);
    const drawing = { scale, factors: scale === 4 ? [2, 4] : [2] };
    const plain = draw([source], {}, drawing);
    const noisy = draw([source], { targetNoise: [0.3, 0.3] }, { ...drawing, images: 1 });
    const side = PATCH / scale;
    const noise = noisy.smaller.get(scale)!.map((value, n) => value - plain.smaller.get(scale)![n]!);
    const filled = zeroFill(noise, side, side, PATCH, PATCH);
    const expected = filled.map((value, n) => value + plain.zeroFilled[n]!);
    expect(difference(noisy.zeroFilled, expected)).toBeLessThan(1e-5);
    expect(standardDeviation([...noise])).toBeGreaterThan(0.05);
    expect(noisy.truth).toEqual(plain.truth.subarray(0, AREA));
    if (scale === 4) expect(noisy.smaller.get(2)).toEqual(plain.smaller.get(2)!.subarray(0, AREA / 4));
    // Every image has its own: here of a network that is not fed the target as it was acquired.
    const many = draw([flat([[1, 1]])], { targetNoise: [0.3, 0.3] }, { scale, images: 400 });
    const clean = draw([flat([[1, 1]])], {}, { scale, images: 400 });
    // Zero-filling keeps the samples: one in scale² is the noise as it was drawn.
    const drawn = [...many.zeroFilled].flatMap((value, n) =>
      Math.floor(n / PATCH) % scale === 0 && n % scale === 0 ? [value - clean.zeroFilled[n]!] : [],
    );
    expect(standardDeviation(drawn)).toBeGreaterThan(0.29);
    expect(standardDeviation(drawn)).toBeLessThan(0.31);
    expect(mean(drawn)).toBeCloseTo(0, 1);
  });
});

describe('the reference of a patch', () => {
  it('becomes gain · reference^gamma, both drawn log-uniformly', () => {
    const reference = imageOf(ROWS, COLUMNS, (row, column) => 0.1 + ((row * 7 + column * 3) % 17) / 20);
    const augmentation: Partial<Augmentation> = { referenceGain: [0.5, 2], referenceGamma: [0.25, 4] };
    const plain = draw([withReference(reference)], {}, { images: 600 });
    const varied = draw([withReference(reference)], augmentation, { images: 600 });
    const drawn = { gain: [] as number[], gamma: [] as number[] };
    for (const [image, patch] of patchesOf(varied.reference).entries()) {
      const before = plain.reference.subarray(image * AREA, (image + 1) * AREA);
      const [dark, bright] = [before.findIndex((x) => x > 0 && x < 0.4), before.findIndex((x) => x > 0.6)];
      const gamma = Math.log(patch[bright]! / patch[dark]!) / Math.log(before[bright]! / before[dark]!);
      const gain = patch[dark]! / before[dark]! ** gamma;
      const expected = before.map((value) => gain * value ** gamma);
      expect(difference(patch, expected)).toBeLessThan(1e-4);
      drawn.gain.push(gain);
      drawn.gamma.push(gamma);
    }
    expect(varied.truth).toEqual(plain.truth);
    for (const [values, low, high] of [
      [drawn.gain, 0.5, 2],
      [drawn.gamma, 0.25, 4],
    ] as const) {
      expect(Math.min(...values)).toBeGreaterThan(0.999 * low);
      expect(Math.max(...values)).toBeLessThan(1.001 * high);
      // Log-uniform: half of them below 1.
      expect(values.filter((value) => value < 1).length / values.length).toBeGreaterThan(0.43);
      expect(values.filter((value) => value < 1).length / values.length).toBeLessThan(0.57);
    }
  });

  it('has noise of its own, of a drawn strength', () => {
    const cases = [flat([[1, 3]])];
    const { reference, truth } = draw(cases, { referenceNoise: [0.1, 0.3] }, { images: 300 });
    const noise = reference.map((value, n) => value - 3 * truth[n]!);
    const strengths = patchesOf(noise).map((patch) => standardDeviation([...patch]));
    expect(mean(strengths)).toBeGreaterThan(0.18);
    expect(mean(strengths)).toBeLessThan(0.22);
    expect(standardDeviation(strengths)).toBeGreaterThan(0.045);
    expect(mean([...noise])).toBeCloseTo(0, 1);
    expect(new Set(truth)).toEqual(new Set([0, 1]));
  });

  it('is blurred in a share of patches', () => {
    const blurred = draw([caseOf(ROWS, COLUMNS, [one])], {
      referenceBlur: { share: 0.3, sigmaPx: [0.5, 1] },
    });
    const sharp = patchesOf(blurred.reference).filter((patch, image) =>
      patch.every((value, n) => value === 2 * blurred.truth[image * AREA + n]!),
    ).length;
    expect(sharp / 200).toBeGreaterThan(0.6);
    expect(sharp / 200).toBeLessThan(0.8);
  });

  it('is moved rigidly in mm, up to the shift and the angle that are said, whatever the pixels', () => {
    const [rows, columns] = [96, 96];
    const [alongRow, alongColumn] = [0.5, 0.8];
    const truth = imageOf(rows, columns, (row, column) => 1 + row * columns + column);
    // Two references, drawn alike, tell where each pixel was taken from: cubic interpolation keeps planes.
    const seenFrom = ([x, y]: readonly [number, number]) => {
      const reference = imageOf(
        rows,
        columns,
        (row, column) => x * column * alongRow + y * row * alongColumn,
      );
      const source = caseOf(rows, columns, [{ truth, reference }], { spacingMm: [alongRow, alongColumn] });
      const referenceMotion = { share: 1, shiftMm: 2.5, rotationDeg: 6 };
      return draw([source], { referenceMotion }, { images: 400 });
    };
    const [across, down] = [seenFrom([1, 0]), seenFrom([0, 1])];
    expect(across.truth).toEqual(down.truth);
    const found = { distance: [] as number[], angle: [] as number[], direction: [] as number[] };
    for (const [image, patch] of patchesOf(across.truth).entries()) {
      const at = (i: number, j: number) => {
        const n = i * PATCH + j;
        const [row, column] = [Math.floor((patch[n]! - 1) / columns), (patch[n]! - 1) % columns];
        return {
          border: Math.min(row, column, rows - 1 - row, columns - 1 - column),
          from: [across.reference[image * AREA + n]!, down.reference[image * AREA + n]!] as const,
          own: [column * alongRow, row * alongColumn] as const,
        };
      };
      const corners = [at(0, 0), at(0, PATCH - 1), at(PATCH - 1, 0), at(PATCH - 1, PATCH - 1)];
      if (corners.some(({ border }) => border < 10)) continue;
      const centre = (of: 'from' | 'own', axis: 0 | 1) => mean(corners.map((corner) => corner[of][axis]));
      const shift = [centre('from', 0) - centre('own', 0), centre('from', 1) - centre('own', 1)] as const;
      // Each corner turned about the centre by one angle, at the same distance from it.
      const turns = corners.map(({ from, own }) => {
        const before = [own[0] - centre('own', 0), own[1] - centre('own', 1)] as const;
        const after = [from[0] - centre('from', 0), from[1] - centre('from', 1)] as const;
        expect(Math.hypot(...after)).toBeCloseTo(Math.hypot(...before), 3);
        return Math.asin(
          (before[0] * after[1] - before[1] * after[0]) / Math.hypot(...before) / Math.hypot(...after),
        );
      });
      for (const turn of turns) expect(turn).toBeCloseTo(turns[0]!, 3);
      found.distance.push(Math.hypot(...shift));
      found.direction.push(Math.atan2(shift[1], shift[0]));
      found.angle.push((turns[0]! * 180) / Math.PI);
    }
    expect(found.distance.length).toBeGreaterThan(150);
    expect(Math.max(...found.distance)).toBeLessThan(2.501);
    expect(mean(found.distance)).toBeGreaterThan(1.1);
    expect(mean(found.distance)).toBeLessThan(1.4);
    expect(Math.max(...found.angle)).toBeLessThan(6.01);
    expect(Math.max(...found.angle)).toBeGreaterThan(5);
    expect(Math.min(...found.angle)).toBeLessThan(-5);
    for (const quarter of [-2, -1, 0, 1]) {
      const inIt = found.direction.filter((angle) => Math.floor((2 * angle) / Math.PI) === quarter).length;
      expect(inIt / found.direction.length).toBeGreaterThan(0.15);
    }
  });

  it('of another patient is of another patient, never of another visit of the same, at about the same height', () => {
    const numbers = (truth: number, slices: number) =>
      Array.from({ length: slices }, (_, n) => [truth + n, 100 + truth + n] as const);
    const cases = [
      flat(numbers(10, 3), { name: 'a-v1', patient: 'a' }),
      flat(numbers(20, 3), { name: 'a-v2', patient: 'a' }),
      flat(numbers(30, 5), { name: 'b', patient: 'b' }),
    ];
    expect(seenTogether(draw(cases, { referenceForeign: 1 }, { images: 600 }))).toEqual([
      ...['10: 130', '11: 132', '12: 134', '20: 130', '21: 132', '22: 134'],
      ...['30: 110', '30: 120', '31: 111', '31: 121', '32: 111', '32: 121'],
      ...['33: 112', '33: 122', '34: 112', '34: 122'],
    ]);
  });

  it('of another patient is of the middle where theirs is, and empty where there is no other', () => {
    const larger = caseOf(ROWS + 8, COLUMNS + 16, [
      {
        truth: new Float32Array((ROWS + 8) * (COLUMNS + 16)),
        reference: imageOf(ROWS + 8, COLUMNS + 16, (row, column) =>
          row < 4 || column < 8 || row >= ROWS + 4 || column >= COLUMNS + 8
            ? 5e4
            : 1 + (row - 4) * COLUMNS + column - 8,
        ),
      },
    ]);
    const cases = [caseOf(ROWS, COLUMNS, [one], { name: 'here' }), { ...larger, patient: 'there' }];
    const { truth, reference } = draw(cases, { referenceForeign: 1 }, { images: 100 });
    const seen = [...reference].filter((value, n) => truth[n]! > 0 && value < 4e4);
    expect(seen.length).toBeGreaterThan(2000);
    expect(seen).toEqual([...truth].filter((value, n) => value > 0 && reference[n]! < 4e4));

    const alone = [flat([[1, 1]], { patient: 'a' }), flat([[2, 2]], { patient: 'a' })];
    expect(draw(alone, { referenceForeign: 1 }).reference.every((value) => value === 0)).toBe(true);
  });

  it('of another patient is of one on the same grid, where there is one', () => {
    const coarse = flat([[3, 30]], { name: 'coarse', spacingMm: [2, 2] });
    const cases = [flat([[1, 10]], { name: 'a' }), flat([[2, 20]], { name: 'b' }), coarse];
    expect(seenTogether(draw(cases, { referenceForeign: 1 }, { images: 300 }))).toEqual([
      ...['1: 20', '2: 10', '3: 10', '3: 20'],
    ]);
  });

  it('of elsewhere is mirrored along its rows, or several slices away, never of another patient', () => {
    const slices = Array.from({ length: 20 }, (_, n) => ({
      truth: new Float32Array(ROWS * COLUMNS).fill(n + 1),
      reference: imageOf(ROWS, COLUMNS, (_row, column) => 100 * (n + 1) + column),
    }));
    const other = flat([[1000, 5e5]], { name: 'other', spacingMm: [2, 2] });
    const batch = draw([caseOf(ROWS, COLUMNS, slices), other], { referenceElsewhere: 1 }, { images: 600 });
    const plain = draw([caseOf(ROWS, COLUMNS, slices), other], {}, { images: 600 });
    const found = { mirrored: 0, away: new Set<number>() };
    patchesOf(batch.truth).forEach((truth, image) => {
      const number = Math.max(...truth);
      if (number === 1000) return;
      const seen = batch.reference.subarray(image * AREA, (image + 1) * AREA);
      const from = Math.floor(Math.max(...seen) / 100);
      if (from !== number) found.away.add(from - number);
      else found.mirrored++;
    });
    expect(plain.reference).not.toEqual(batch.reference);
    expect(found.mirrored / 600).toBeGreaterThan(0.35);
    expect(found.mirrored / 600).toBeLessThan(0.65);
    expect([...found.away].map(Math.abs).sort((a, b) => a - b)).toEqual([2, 2, 3, 3, 4, 4, 5, 5]);

    // Drawn once as it is and once mirrored, the columns of a patch add up to those of the whole image.
    const single = caseOf(ROWS, COLUMNS, [{ truth: places, reference: places.map((_, n) => n % COLUMNS) }]);
    const [mirrored, own] = [draw([single], { referenceElsewhere: 1 }), draw([single], {})];
    let pairs = 0;
    for (const [n, truth] of mirrored.truth.entries()) {
      if (truth === 0) continue;
      const at = (truth - 1) % COLUMNS;
      expect(mirrored.reference[n]).toBe(COLUMNS - 1 - at);
      pairs++;
    }
    expect(own.reference).not.toEqual(mirrored.reference);
    expect(pairs).toBeGreaterThan(1000);
  });

  it('that is blank is empty, whatever else is varied', () => {
    const augmentation: Partial<Augmentation> = { referenceBlank: 1, referenceNoise: [0.1, 0.1] };
    const { reference, truth } = draw([caseOf(ROWS, COLUMNS, [one])], augmentation);
    expect(reference.every((value) => value === 0)).toBe(true);
    expect(truth.some((value) => value > 0)).toBe(true);
  });

  /** Five neighbours with a gap after the third, and two more. */
  const withGaps = flat(
    [1, 2, 4, 8, 16, 32].map((number, n) => [n + 1, number] as const),
    { places: [4, 5, 6, 9, 20, 21] },
  );
  it('of a neighbouring slice is of one a place away, or its own where there is none', () => {
    expect(seenTogether(draw([withGaps], { referenceNeighbour: 1 }, { images: 400 }))).toEqual([
      ...['1: 1', '1: 2', '2: 1', '2: 4', '3: 2', '3: 4'],
      ...['4: 8', '5: 16', '5: 32', '6: 16', '6: 32'],
    ]);
  });

  it('of a thicker slice is the mean with one a place away, or its own where there is none', () => {
    expect(seenTogether(draw([withGaps], { referenceSlab: 1 }, { images: 400 }))).toEqual([
      ...['1: 1', '1: 1.5', '2: 1.5', '2: 3', '3: 3', '3: 4'],
      ...['4: 8', '5: 16', '5: 24', '6: 24', '6: 32'],
    ]);
  });

  it('is of no slice but its own that would have to be read, where none is wanted', () => {
    const read: number[] = [];
    const counting = {
      ...withGaps,
      slice: (n: number) => {
        read.push(n);
        return withGaps.slice(n);
      },
    };
    draw([counting], { referenceMotion: { share: 0.5, shiftMm: 1, rotationDeg: 1 } }, { images: 1 });
    expect(read).toHaveLength(1);
  });

  it('is disturbed in the shares that are said, and otherwise as it is', () => {
    const cases = [
      flat([
        [1, 1],
        [2, 2],
      ]),
      flat([[3, 64]], { name: 'other' }),
    ];
    const batch = draw(
      cases,
      {
        referenceForeign: 0.15,
        referenceBlank: 0.1,
        referenceSlab: 0.25,
        referenceNeighbour: 0.2,
      },
      { images: 6000 },
    );
    const references = numbersOf(batch.reference);
    const counts = new Map<string, number>();
    let all = 0;
    for (const [n, truth] of numbersOf(batch.truth).entries()) {
      if (truth === 3) continue;
      all++;
      const reference = references[n]!;
      const kind = reference === truth ? 'as it is' : reference === 3 - truth ? 'neighbour' : `${reference}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    // A neighbour is there on one of the two sides.
    const shares = { '64': 0.15, '0': 0.1, '1.5': 0.125, neighbour: 0.1, 'as it is': 0.3 + 0.125 + 0.1 };
    expect([...counts.keys()].sort()).toEqual(Object.keys(shares).sort());
    for (const [kind, share] of Object.entries(shares)) {
      expect(Math.abs(counts.get(kind)! / all - share), kind).toBeLessThan(0.025);
    }
  });
});
