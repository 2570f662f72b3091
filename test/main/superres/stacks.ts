import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { generator } from '../../helpers/convModel.ts';

/** An oblique stack with a gap, its slices filled by `value` of patient-space points. */
export function makeStack(
  value: (point: Vec3) => number,
  options: { readonly rows?: number; readonly columns?: number; readonly slices?: number } = {},
): SliceStack {
  const { rows = 24, columns = 20, slices = 4 } = options;
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
  const geometry = {
    rows,
    columns,
    spacingMm: [2, 1.5] as const,
    iAxisLps: [c, s, 0] as Vec3,
    jAxisLps: [-s, c, 0] as Vec3,
  };
  return {
    ...geometry,
    sliceThicknessMm: 3,
    slices: Array.from({ length: slices }, (_, n) => {
      const positionLps: Vec3 = [-20, -15, n < slices - 1 ? 3 * n : 3 * n + 3];
      const pixels = new Float32Array(rows * columns);
      for (let at = 0; at < pixels.length; at++) {
        pixels[at] = value(pixelPoint({ ...geometry, positionLps }, at % columns, Math.floor(at / columns)));
      }
      return {
        positionLps,
        pixels,
        source: { path: `${n}.dcm`, sopInstanceUid: `1.${n}`, sopClassUid: '1' },
      };
    }),
  };
}

/** Centre of pixel (column, row) of a slice. */
export function pixelPoint(
  slice: Pick<SliceStack, 'spacingMm' | 'iAxisLps' | 'jAxisLps'> & { readonly positionLps: Vec3 },
  column: number,
  row: number,
): Vec3 {
  const { positionLps: p, iAxisLps: i, jAxisLps: j, spacingMm } = slice;
  const at = (axis: 0 | 1 | 2): number =>
    p[axis] + column * spacingMm[0] * i[axis] + row * spacingMm[1] * j[axis];
  return [at(0), at(1), at(2)];
}

/** An axial volume with 1.3 mm voxels around the stack, filled by `value` of patient-space points. */
export function makeReference(value: (point: Vec3) => number, size: Vec3 = [60, 60, 30]): Volume {
  const originLps: Vec3 = [-42, -28, -12];
  const voxels = new Float32Array(size[0] * size[1] * size[2]);
  for (let at = 0; at < voxels.length; at++) {
    const i = at % size[0];
    const j = Math.floor(at / size[0]) % size[1];
    const k = Math.floor(at / (size[0] * size[1]));
    voxels[at] = value([originLps[0] + 1.3 * i, originLps[1] + 1.3 * j, originLps[2] + 1.3 * k]);
  }
  const axesLps = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ] as const;
  return { grid: { size, spacingMm: [1.3, 1.3, 1.3], originLps, axesLps }, voxels };
}

/** A Gaussian blob about `centre`, in the plane of the slices only. */
export function blob(centre: Vec3, sigmaMm: number): (point: Vec3) => number {
  return (p) => 1000 * Math.exp(-((p[0] - centre[0]) ** 2 + (p[1] - centre[1]) ** 2) / (2 * sigmaMm ** 2));
}

/** Noise between 0 and 1000, the same at every call. */
export function noise(seed: number): () => number {
  const random = generator(seed);
  return () => 1000 * random();
}

/** Centre of mass of a slice, LPS. */
export function centroid(stack: SliceStack, slice: number): Vec3 {
  const { pixels, positionLps } = stack.slices[slice]!;
  let [sum, x, y] = [0, 0, 0];
  for (const [at, value] of pixels.entries()) {
    sum += value;
    x += value * (at % stack.columns);
    y += value * Math.floor(at / stack.columns);
  }
  return pixelPoint({ ...stack, positionLps }, x / sum, y / sum);
}
