import type { OnnxEmitter } from '../../onnx/emitter.ts';
import { float32, type Shape } from '../../shape.ts';
import { channelsLast, emitBands, emitPart, emitZeros, type RowBands, rowBandsOf } from './bands.ts';
import { emitPixels } from './forward.ts';
import { BORDER, type DeformSizes } from './geometry.ts';
import { emitReadings, emitReadout } from './readout.ts';
import { emitIndices, emitSampling } from './sampling.ts';
import { movingSpan, REACH, type Span } from './span.ts';

/** Names of what the bands are computed from, band by band of all images. */
interface Sources {
  /** x as `emitPixels` lays it out. */
  readonly pixels: string;
  /** w as [O, K·C]. */
  readonly kernel: string;
  /** For each image: the corners of its samples, their weights, and dL/dy with its channels last. */
  readonly images: readonly { readonly corners: string; readonly weights: string; readonly dy: string }[];
}

/**
 * dL/dx, dL/d(offset), dL/d(mask) and dL/dw from x, offset, mask, w and dL/dy, all in one pass over the
 * bands. With the corners of a band at hand, dL/d(columns) = dyᵀ·w is multiplied by each of them and summed
 * over the channels (`emitReadings`), which is all that offset and mask ask of the channels; the columns,
 * made again from the corners, give dw = dyᵀ·columns; and dL/d(columns) times the weights is added, a row of
 * all channels at a time, to the pixels that the corners came from.
 */
export function emitBackward(emit: OnnxEmitter, inputs: readonly string[], sizes: DeformSizes): string[] {
  const [x, offset, mask, w, dy] = inputs as [string, string, string, string, string];
  const { images, channels, rows, columns, outChannels, taps, positions } = sizes;
  const one = (op: string, from: readonly string[], attributes = {}) => emit.node(op, from, attributes)[0]!;
  const shaped = (name: string, shape: Shape) => one('Reshape', [name, emit.int64(shape)]);
  const bands = rowBandsOf(sizes, emit.device);
  const samples = bands.positions * taps;

  const sampling = emitSampling(emit, offset, mask, sizes);
  const perImage = (name: string, ...shape: Shape) => {
    const whole = shaped(name, [images, bands.count, ...shape]);
    return Array.from({ length: images }, (_, n) =>
      shaped(images === 1 ? whole : emitPart(emit, whole, n), [bands.count, ...shape]),
    );
  };
  const corners = perImage(sampling.corners, samples * 4);
  const weights = perImage(sampling.weights, samples, 1, 4);
  const dyLast = perImage(
    channelsLast(emit, dy, [images, outChannels, positions]),
    bands.positions,
    outChannels,
  );
  const kernel = one('Transpose', [w], { perm: { ints: [0, 2, 3, 1] } });
  const sources: Sources = {
    pixels: emitPixels(emit, x, sizes),
    kernel: shaped(kernel, [outChannels, taps * channels]),
    images: corners.map((name, n) => ({ corners: name, weights: weights[n]!, dy: dyLast[n]! })),
  };

  const whole: Span = { first: 0, rows: sizes.paddedRows, advance: 0 };
  const moving = emit.device === 'cpu' ? movingSpan(sizes, bands) : undefined;
  const pass = (span: Span) => () => emitPass(emit, sources, sizes, bands, span);
  const [dxLast, readings, dw] =
    moving === undefined
      ? pass(whole)()
      : emitIf(
          emit,
          one('LessOrEqual', [
            one('ReduceMax', [one('Abs', [sampling.rowsMoved])], { keepdims: { int: 0 } }),
            emit.scalar(REACH),
          ]),
          [
            [images, rows, columns, channels],
            [images, positions, taps * 4],
            [outChannels, taps * channels],
          ],
          [pass(moving), pass(whole)],
        );
  const byTap = shaped(dw!, [outChannels, sizes.kernelRows, sizes.kernelColumns, channels]);
  const { dOffset, dMask } = emitReadout(emit, readings!, sampling, sizes);
  return [
    one('Transpose', [dxLast!], { perm: { ints: [0, 3, 1, 2] } }),
    dOffset,
    dMask,
    one('Transpose', [byTap], { perm: { ints: [0, 3, 1, 2] } }),
  ];
}

/**
 * All bands of all images, each adding to a span of rows of its image's dL/dx: dL/dx with its channels last
 * [N, H, W, C], the readings of the corners [N, S, K·4] and dL/dw [O, K·C].
 */
function emitPass(
  emit: OnnxEmitter,
  sources: Sources,
  sizes: DeformSizes,
  bands: RowBands,
  span: Span,
): [string, string, string] {
  const { channels, rows, outChannels, taps, positions, paddedColumns, paddedPositions } = sizes;
  const one = (op: string, from: readonly string[], attributes = {}) => emit.node(op, from, attributes)[0]!;
  const shaped = (name: string, shape: Shape) => one('Reshape', [name, emit.int64(shape)]);
  const joined = (names: readonly string[]) => one('Concat', names, { axis: { int: 0 } });
  const samples = bands.positions * taps;
  const spanShape = [span.rows * paddedColumns, channels];
  /** Pixels of a span that no later band adds to. */
  const finished = span.advance * paddedColumns;

  const dxOf: string[] = [];
  const readingsOf: string[] = [];
  let dw = emitZeros(emit, [outChannels, taps * channels]);
  sources.images.forEach((image, n) => {
    const starts = Array.from(
      { length: bands.count },
      (_, band) => n * paddedPositions + (span.first + band * span.advance) * paddedColumns,
    );
    const [dwNext, rest, readings, done] = emitBands(emit, {
      count: bands.count,
      carried: [
        { name: dw, shape: [outChannels, taps * channels] },
        { name: emitZeros(emit, spanShape), shape: spanShape },
      ],
      parts: [
        { name: image.corners, shape: [samples * 4] },
        { name: image.weights, shape: [samples, 1, 4] },
        { name: image.dy, shape: [bands.positions, outChannels] },
        { name: emit.float32(starts, [bands.count]), shape: [] },
      ],
      gives: [[samples, 4], ...(finished > 0 ? [[finished, channels]] : [])],
      band: ([dwSoFar, dxSoFar], [places, weights, dy, start]) => {
        const gathered = one('Gather', [sources.pixels, emitIndices(emit, places!)]);
        const corners = shaped(gathered, [samples, 4, channels]);
        const columns = shaped(one('MatMul', [weights!, corners]), [bands.positions, taps * channels]);
        const dwBand = one('Gemm', [dy!, columns, dwSoFar!], { transA: { int: 1 } });

        const dColumns = shaped(one('MatMul', [dy!, sources.kernel]), [samples, 1, channels]);
        const shares = one('Mul', [shaped(weights!, [samples, 4, 1]), dColumns]);
        const rowsOfSpan = emitIndices(emit, shaped(one('Sub', [places!, start!]), [samples * 4, 1]));
        const dx = one('ScatterND', [dxSoFar!, rowsOfSpan, shaped(shares, [samples * 4, channels])], {
          reduction: { string: 'add' },
        });
        const reading = shaped(emitReadings(emit, dColumns, corners), [samples, 4]);
        if (finished === 0) return [dwBand, dx, reading];
        return [
          dwBand,
          one('Pad', [dx, emit.int64([-finished, 0, finished, 0])]),
          reading,
          one('Slice', [dx, emit.int64([0]), emit.int64([finished])]),
        ];
      },
    });
    dw = dwNext!;
    readingsOf.push(shaped(readings!, [1, positions, taps * 4]));
    const madeRows = bands.count * span.advance + span.rows;
    const made =
      done === undefined ? rest! : joined([shaped(done, [bands.count * finished, channels]), rest!]);
    const above = BORDER - span.first;
    dxOf.push(
      one('Pad', [
        shaped(made, [1, madeRows, paddedColumns, channels]),
        emit.int64([0, -above, -BORDER, 0, 0, above + rows - madeRows, -BORDER, 0]),
      ]),
    );
  });
  return [joined(dxOf), joined(readingsOf), dw];
}

/** The results of the first branch where `condition` holds, else those of the second. */
function emitIf(
  emit: OnnxEmitter,
  condition: string,
  shapes: readonly Shape[],
  [yes, no]: readonly [() => readonly string[], () => readonly string[]],
): readonly string[] {
  const branch = (build: () => readonly string[]) => ({ graph: emit.body([], shapes.map(float32), build) });
  return emit.node('If', [condition], { then_branch: branch(yes), else_branch: branch(no) }, shapes.length);
}
