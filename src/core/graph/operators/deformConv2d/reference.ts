import { type NdArray, ndarray } from '../../ndarray.ts';
import { type DeformGeometry, type DeformSizes, deformSizes } from './geometry.ts';

/** One tap at one output position: where it samples x, and what of its offset the sample depends on. */
interface Sample {
  readonly image: number;
  readonly tap: number;
  /** Offset into an image of the output, i·J + j. */
  readonly position: number;
  /** Row and column of the upper left corner, which may lie outside. */
  readonly row: number;
  readonly column: number;
  /** How far the sample lies below and right of that corner, in [0, 1). */
  readonly down: number;
  readonly right: number;
}

function* samples(sizes: DeformSizes, offset: NdArray): Generator<Sample> {
  const { images, taps, outRows, outColumns, positions, kernelColumns, stride, dilation, padding } = sizes;
  for (let image = 0; image < images; image++) {
    for (let i = 0; i < outRows; i++) {
      for (let j = 0; j < outColumns; j++) {
        for (let tap = 0; tap < taps; tap++) {
          const position = i * outColumns + j;
          const dy = offset.data[(image * 2 * taps + 2 * tap) * positions + position]!;
          const dx = offset.data[(image * 2 * taps + 2 * tap + 1) * positions + position]!;
          const y = i * stride[0] + Math.floor(tap / kernelColumns) * dilation[0] - padding[0] + dy;
          const x = j * stride[1] + (tap % kernelColumns) * dilation[1] - padding[1] + dx;
          const row = Math.floor(y);
          const column = Math.floor(x);
          yield { image, tap, position, row, column, down: y - row, right: x - column };
        }
      }
    }
  }
}

/** The four corners of a sample: offset into an image of x (undefined outside), and its share. */
function corners({ rows, columns }: DeformSizes, { row, column, down, right }: Sample) {
  return [0, 1, 2, 3].map((corner) => {
    const [below, beside] = [corner >> 1, corner & 1];
    const [r, c] = [row + below, column + beside];
    const inside = r >= 0 && r < rows && c >= 0 && c < columns;
    const vertical = below === 1 ? down : 1 - down;
    const horizontal = beside === 1 ? right : 1 - right;
    return {
      place: inside ? r * columns + c : undefined,
      share: vertical * horizontal,
      /** d(share)/d(down) and d(share)/d(right). */
      byDown: below === 1 ? horizontal : -horizontal,
      byRight: beside === 1 ? vertical : -vertical,
    };
  });
}

export function deformConvReference(inputs: readonly NdArray[], geometry: DeformGeometry): NdArray {
  const [x, offset, mask, w, bias] = inputs as [NdArray, NdArray, NdArray, NdArray, NdArray | undefined];
  const sizes = deformSizes(
    inputs.map(({ shape }) => shape),
    geometry,
  );
  const { images, channels, rows, columns, outChannels, taps, positions } = sizes;
  const y = ndarray([images, outChannels, sizes.outRows, sizes.outColumns]);
  for (let n = 0; n < y.data.length; n++)
    y.data[n] = bias?.data[Math.floor(n / positions) % outChannels] ?? 0;
  for (const sample of samples(sizes, offset)) {
    const { image, tap, position } = sample;
    const modulation = mask.data[(image * taps + tap) * positions + position]!;
    const around = corners(sizes, sample);
    for (let c = 0; c < channels; c++) {
      const base = (image * channels + c) * rows * columns;
      let value = 0;
      for (const { place, share } of around) {
        if (place !== undefined) value += share * x.data[base + place]!;
      }
      for (let o = 0; o < outChannels; o++) {
        const at = (image * outChannels + o) * positions + position;
        y.data[at] = y.data[at]! + w.data[(o * channels + c) * taps + tap]! * modulation * value;
      }
    }
  }
  return y;
}

/** dL/dx, dL/d(offset), dL/d(mask) and dL/dw from x, offset, mask, w and dL/dy. */
export function deformConvGradientReference(
  inputs: readonly NdArray[],
  geometry: DeformGeometry,
): readonly NdArray[] {
  const [x, offset, mask, w, dy] = inputs as [NdArray, NdArray, NdArray, NdArray, NdArray];
  const sizes = deformSizes(
    inputs.map(({ shape }) => shape),
    geometry,
  );
  const { channels, rows, columns, outChannels, taps, positions } = sizes;
  const [dx, dOffset, dMask, dw] = [x, offset, mask, w].map(({ shape }) => ndarray(shape)) as [
    NdArray,
    NdArray,
    NdArray,
    NdArray,
  ];
  const addTo = (array: NdArray, at: number, value: number) => {
    array.data[at] = array.data[at]! + value;
  };
  for (const sample of samples(sizes, offset)) {
    const { image, tap, position } = sample;
    const modulationAt = (image * taps + tap) * positions + position;
    const modulation = mask.data[modulationAt]!;
    const offsetAt = (image * 2 * taps + 2 * tap) * positions + position;
    const around = corners(sizes, sample);
    for (let c = 0; c < channels; c++) {
      const base = (image * channels + c) * rows * columns;
      let value = 0;
      let byDown = 0;
      let byRight = 0;
      for (const corner of around) {
        if (corner.place === undefined) continue;
        const pixel = x.data[base + corner.place]!;
        value += corner.share * pixel;
        byDown += corner.byDown * pixel;
        byRight += corner.byRight * pixel;
      }
      // dL/d(column c of the sampled matrix), before the modulation.
      let arriving = 0;
      for (let o = 0; o < outChannels; o++) {
        const at = (o * channels + c) * taps + tap;
        const gradient = dy.data[(image * outChannels + o) * positions + position]!;
        arriving += w.data[at]! * gradient;
        addTo(dw, at, gradient * modulation * value);
      }
      addTo(dMask, modulationAt, arriving * value);
      addTo(dOffset, offsetAt, arriving * modulation * byDown);
      addTo(dOffset, offsetAt + positions, arriving * modulation * byRight);
      for (const { place, share } of around) {
        if (place !== undefined) addTo(dx, base + place, arriving * modulation * share);
      }
    }
  }
  return [dx, dOffset, dMask, dw];
}
