import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { type SegmentationSpec, segmentationSpec } from '../../../src/core/segmentation/modelSpec.ts';
import { type RunOnCanvas, segmentImage } from '../../../src/core/segmentation/segmentImage.ts';
import { type RunImages, segmentStack, voxelMlOf } from '../../../src/core/segmentation/segmentStack.ts';
import { imageOf, putImage, viewOf } from '../../../src/core/segmentation/viewing.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { cross, normalize, scale, type Vec3 } from '../../../src/core/volume/vec.ts';

const spec: SegmentationSpec = segmentationSpec.parse({
  contrasts: [
    { name: 'flair', required: true },
    { name: 't1', required: false },
  ],
  canvas: { size: 48, pixelMm: 1 },
  normalisation: { kind: 'robust', range: [-4, 6] },
  output: 'sigmoid',
  channels: 1,
  labels: [{ value: 1, channel: 0, name: 'tumour', meaning: 'neoplasm' }],
  keep: { leastMl: 0, mostParts: null },
});

/** A network that marks what is bright in the first contrast. */
const bright: RunOnCanvas = async (images) =>
  images.slice(0, spec.canvas.size ** 2).map((value) => 4 * (value - 3));

const runWith = (one: SegmentationSpec, run: RunOnCanvas): RunImages =>
  async function* (tasks) {
    for (const { contrasts, grid } of tasks) yield segmentImage(contrasts, grid, one, run);
  };

const RIGHT: Vec3 = [-1, 0, 0];
const FRONT: Vec3 = [0, -1, 0];
const HEAD: Vec3 = [0, 0, 1];

/** A head: a noisy ellipsoid with a bright ball off its middle. Right, front and head in [-1, 1]. */
function head(right: number, front: number, up: number): number {
  if (right ** 2 + front ** 2 + up ** 2 > 0.9) return 0;
  const ball = (right - 0.4) ** 2 + (front - 0.25) ** 2 + (up - 0.2) ** 2 < 0.06;
  return ball ? 900 : 300 + 60 * Math.sin(23 * right + 17 * front + 13 * up);
}

/** The head as slices of columns, rows and normal along three of the patient's axes. */
function stackOf(
  columnAxis: Vec3,
  rowAxis: Vec3,
  sizes: readonly [number, number, number],
  spacingMm: readonly [number, number, number],
): SliceStack {
  const normal = cross(columnAxis, rowAxis);
  const [columns, rows, slices] = sizes;
  const along = (n: number, count: number) => (2 * n) / (count - 1) - 1;
  const positionOf = (n: number) => scale(normal, (n - (slices - 1) / 2) * spacingMm[2]);
  return {
    columns,
    rows,
    spacingMm: [spacingMm[0], spacingMm[1]],
    iAxisLps: columnAxis,
    jAxisLps: rowAxis,
    sliceThicknessMm: spacingMm[2],
    slices: Array.from({ length: slices }, (_, n) => ({
      positionLps: positionOf(n),
      pixels: Float32Array.from({ length: rows * columns }, (_, at) => {
        const point = [0, 1, 2].map(
          (axis) =>
            columnAxis[axis]! * along(at % columns, columns) +
            rowAxis[axis]! * along(Math.floor(at / columns), rows) +
            normal[axis]! * along(n, slices),
        );
        return head(-point[0]!, -point[1]!, point[2]!);
      }),
    })),
  };
}

const minus = (v: Vec3): Vec3 => scale(v, -1);

describe('the direction in which a stack is looked at', () => {
  it('has the right at the last column and the front at the last row, however axial slices are stored', () => {
    const reference = imageOf(
      stackOf(RIGHT, FRONT, [21, 17, 5], [1, 1, 5]).slices.map(({ pixels }) => pixels),
      { columns: 21 },
      viewOf(stackOf(RIGHT, FRONT, [21, 17, 5], [1, 1, 5])),
      2,
    );
    for (const [i, j] of [
      [RIGHT, FRONT],
      [minus(RIGHT), FRONT],
      [RIGHT, minus(FRONT)],
      [minus(RIGHT), minus(FRONT)],
    ] as const) {
      for (const swapped of [false, true]) {
        const stack = swapped ? stackOf(j, i, [17, 21, 5], [1, 1, 5]) : stackOf(i, j, [21, 17, 5], [1, 1, 5]);
        const view = viewOf(stack);
        const image = imageOf(
          stack.slices.map(({ pixels }) => pixels),
          stack,
          view,
          2,
        );
        expect(view.axial).toBe(true);
        expect(view.grid).toEqual({ rows: 17, columns: 21, spacingMm: [1, 1] });
        for (const [at, value] of image.entries()) expect(value).toBeCloseTo(reference[at]!, 3);
      }
    }
  });

  it('goes across thin sagittal slices, and takes thick ones as they are', () => {
    const thin = viewOf(stackOf(FRONT, minus(HEAD), [20, 24, 18], [1, 1, 1]));
    expect(thin).toMatchObject({ axial: true, images: 24, axes: { column: 2, row: 0, image: 1 } });
    const thick = viewOf(stackOf(FRONT, minus(HEAD), [20, 24, 6], [1, 1, 5]));
    expect(thick).toMatchObject({ axial: false, images: 6, axes: { column: 0, row: 1, image: 2 } });
    expect(thick.reversed).toEqual({ column: false, row: true });
  });

  it('puts every pixel back where it was taken from', () => {
    for (const stack of [
      stackOf(minus(RIGHT), minus(FRONT), [7, 6, 5], [1, 1, 4]),
      stackOf(FRONT, minus(HEAD), [7, 6, 5], [1, 1, 1]),
      stackOf(RIGHT, minus(HEAD), [7, 6, 5], [1, 1, 1.5]),
      stackOf(normalize([0.9, 0.3, 0.1]), normalize([-0.3, 0.9, 0]), [7, 6, 5], [1, 1, 4]),
    ]) {
      const view = viewOf(stack);
      const numbered = stack.slices.map((_, n) => Float32Array.from({ length: 42 }, (_, at) => 100 * n + at));
      const back = stack.slices.map(() => new Float32Array(42));
      for (let image = 0; image < view.images; image++) {
        putImage(imageOf(numbered, stack, view, image), back, stack, view, image);
      }
      expect(back).toEqual(numbered);
    }
  });
});

describe('one image', () => {
  const grid = { rows: 40, columns: 44, spacingMm: [0.9, 1.1] } as const;
  const random = createRandom(5);
  const image = Float32Array.from({ length: 40 * 44 }, () => random.between(-4, 6));

  it('is found alike by a network to which left and right, front and back are the same: all agree', async () => {
    const all = await segmentImage([image, null], grid, spec, bright);
    const one = await segmentImage([image, null], grid, { ...spec, flips: false }, bright);
    expect(all.labels).toEqual(one.labels);
    expect(all.labels.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(50);
    for (const [at, label] of all.labels.entries()) {
      expect(all.probability[at]).toBeCloseTo(one.probability[at]!, 5);
      expect(all.probability[at]! > 0.5).toBe(label === 1);
    }
  });

  it('of which a network sees a part only when it is mirrored has a quarter of the agreement', async () => {
    let call = 0;
    const once: RunOnCanvas = async (images) =>
      images.slice(0, spec.canvas.size ** 2).fill(call++ === 1 ? 50 : -1);
    const found = await segmentImage([image, null], grid, { ...spec, threshold: 0.4 }, once);
    const middle = 20 * 44 + 22;
    // Three answers of σ(−1) and one of 1.
    expect(found.probability[middle]).toBeCloseTo((1 + 3 / (1 + Math.E)) / 4, 5);
    expect(found.labels[middle]).toBe(1);
    expect(found.agreement[middle]).toBeCloseTo(0.25, 6);
  });

  it('gives the network a missing contrast as air, and shows it every contrast in its place', async () => {
    const seen: Float32Array[] = [];
    const watch: RunOnCanvas = async (images) => {
      seen.push(images.slice());
      return new Float32Array(spec.canvas.size ** 2);
    };
    const pixels = spec.canvas.size ** 2;
    await segmentImage([image, null], grid, spec, watch);
    expect(seen).toHaveLength(4);
    expect(seen[0]!.subarray(pixels).every((value) => value === -4)).toBe(true);
    await segmentImage([image, image], grid, spec, watch);
    expect(seen[4]!.subarray(pixels)).toEqual(seen[4]!.subarray(0, pixels));
  });

  it('gets of labels that exclude each other the likeliest', async () => {
    const three = segmentationSpec.parse({
      ...spec,
      output: 'softmax',
      channels: 3,
      labels: [
        { value: 7, channel: 2, name: 'b', meaning: 'edema' },
        { value: 4, channel: 1, name: 'a', meaning: 'necrosis' },
      ],
    });
    const pixels = spec.canvas.size ** 2;
    const logits = (background: number, a: number, b: number) => async () => {
      const out = new Float32Array(3 * pixels).fill(background, 0, pixels);
      out.fill(a, pixels, 2 * pixels).fill(b, 2 * pixels);
      return out;
    };
    const middle = 20 * 44 + 22;
    const find = async (run: RunOnCanvas) =>
      (await segmentImage([image, null], grid, three, run)).labels[middle];
    expect(await find(logits(0, 1, 3))).toBe(7);
    expect(await find(logits(0, 3, 1))).toBe(4);
    expect(await find(logits(3, 1, 1))).toBe(0);
    // The likeliest of the three, but not likelier than not.
    expect(await find(logits(1, 1.1, 1))).toBe(0);
  });
});

describe('a stack', () => {
  const axial = stackOf(RIGHT, FRONT, [40, 36, 8], [1, 1, 5]);
  const quiet = { signal: new AbortController().signal };

  it('gets the same voxels of the patient marked, however it is stored', async () => {
    const found = async (stack: SliceStack) => {
      const { labels } = await segmentStack(stack, [null], spec, runWith(spec, bright), quiet);
      const marked = new Set<string>();
      const normal = cross(stack.iAxisLps, stack.jAxisLps);
      for (const [n, slice] of labels.entries()) {
        for (const [at, value] of slice.entries()) {
          if (value === 0) continue;
          const along = (index: number, count: number, mm: number) => (index - (count - 1) / 2) * mm;
          const [i, j, k] = [
            along(at % stack.columns, stack.columns, stack.spacingMm[0]),
            along(Math.floor(at / stack.columns), stack.rows, stack.spacingMm[1]),
            along(n, labels.length, stack.sliceThicknessMm!),
          ];
          marked.add(
            [0, 1, 2]
              .map((axis) =>
                (stack.iAxisLps[axis]! * i + stack.jAxisLps[axis]! * j + normal[axis]! * k).toFixed(2),
              )
              .map((text) => text.replace(/^-0\.00$/, '0.00'))
              .join(' '),
          );
        }
      }
      return marked;
    };
    const expected = await found(axial);
    expect(expected.size).toBeGreaterThan(50);
    for (const [i, j, sizes] of [
      [minus(RIGHT), minus(FRONT), [40, 36, 8]],
      [minus(FRONT), RIGHT, [36, 40, 8]],
      [FRONT, RIGHT, [36, 40, 8]],
    ] as const) {
      expect(await found(stackOf(i, j, sizes, [1, 1, 5]))).toEqual(expected);
    }
  });

  it('is found the same across sagittal slices as in axial ones of the same voxels', async () => {
    const run = runWith(spec, bright);
    const count = async (stack: SliceStack) =>
      (await segmentStack(stack, [null], spec, run, quiet)).parts.map(({ voxels }) => voxels);
    const expected = await count(stackOf(RIGHT, FRONT, [30, 36, 32], [1, 1, 1]));
    expect(expected[0]).toBeGreaterThan(200);
    expect(await count(stackOf(FRONT, minus(HEAD), [36, 32, 30], [1, 1, 1]))).toEqual(expected);
    expect(await count(stackOf(RIGHT, minus(HEAD), [30, 32, 36], [1, 1, 1]))).toEqual(expected);
  });

  it('does not depend on the unit of its values, and says volumes in ml', async () => {
    const run = runWith(spec, bright);
    const scaled = {
      ...axial,
      slices: axial.slices.map((one) => ({ ...one, pixels: one.pixels.map((v) => 8 * v) })),
    };
    const [a, b] = [
      await segmentStack(axial, [null], spec, run, quiet),
      await segmentStack(scaled, [null], spec, run, quiet),
    ];
    expect(b.labels).toEqual(a.labels);
    expect(voxelMlOf(axial)).toBeCloseTo(0.005, 12);
    expect(a.parts[0]!.ml).toBeCloseTo(0.005 * a.parts[0]!.voxels, 9);
    expect(a.parts[0]!.confidence).toBeGreaterThan(0.9);
  });

  it('does not look at images with next to nothing in them', async () => {
    const padded = {
      ...axial,
      slices: axial.slices.map((one, n) => (n < 2 ? { ...one, pixels: new Float32Array(40 * 36) } : one)),
    };
    const { looked, images } = await segmentStack(padded, [null], spec, runWith(spec, bright), quiet);
    expect(images).toBe(8);
    expect(looked).toBeLessThanOrEqual(6);
    expect(looked).toBeGreaterThanOrEqual(4);
  });

  it('may hold nothing to be found', async () => {
    const nothing: RunOnCanvas = async () => new Float32Array(spec.canvas.size ** 2).fill(-9);
    const found = await segmentStack(axial, [null], spec, runWith(spec, nothing), quiet);
    expect(found.parts).toEqual([]);
    expect(found.labels.every((slice) => slice.every((value) => value === 0))).toBe(true);
  });

  it('that is empty is refused', async () => {
    const empty = {
      ...axial,
      slices: axial.slices.map((one) => ({ ...one, pixels: new Float32Array(40 * 36) })),
    };
    await expect(segmentStack(empty, [null], spec, runWith(spec, bright), quiet)).rejects.toMatchObject({
      code: 'nothing-readable',
    });
  });
});
