import type { OnnxEmitter } from '../../onnx/emitter.ts';
import { float32, type Shape } from '../../shape.ts';
import { bandsOf, channelsLast, emitBands, emitZeros } from './bands.ts';
import { emitPixels } from './forward.ts';
import { BORDER, type DeformSizes } from './geometry.ts';
import { emitSampling, type Sampling } from './sampling.ts';
import { movingSpan, REACH, type Span } from './span.ts';

/**
 * dL/dx, dL/d(offset), dL/d(mask) and dL/dw, all from one pass over the bands. With the corners of a band at
 * hand, dL/d(columns) = dyᵀ·w is multiplied by each of them over the channels (`readings`), which is all that
 * offset and mask need, at the cost of a position and not of a channel; the columns made again from the
 * corners give dw = dyᵀ·columns; and dL/d(columns) times the weights is added, a row of all channels at a
 * time, to the pixels that the corners came from.
 */
export function emitBackward(emit: OnnxEmitter, inputs: readonly string[], sizes: DeformSizes): string[] {
  const [x, offset, mask, w, dy] = inputs as [string, string, string, string, string];
  const { images, channels, rows, columns, outChannels, taps, positions } = sizes;
  const one = (op: string, from: readonly string[], attributes = {}) => emit.node(op, from, attributes)[0]!;
  const shaped = (name: string, shape: readonly number[]) => one('Reshape', [name, emit.int64(shape)]);

  const pixels = emitPixels(emit, x, sizes);
  const sampling = emitSampling(emit, offset, mask, sizes);
  const arriving = channelsLast(emit, dy, [images, outChannels, positions]);
  const kernel = shaped(one('Transpose', [w], { perm: { ints: [0, 2, 3, 1] } }), [
    outChannels,
    taps * channels,
  ]);
  const bands = bandsOf(sizes, emit.device);
  const samples = bands.positions * taps;

  const ofImages = (name: string) =>
    images === 1
      ? [name]
      : emit.node('Split', [name], { axis: { int: 0 }, num_outputs: { int: images } }, images);
  const indicesOf = ofImages(shaped(sampling.indices, [images * bands.count, samples * 4, 1]));
  const weightsOf = ofImages(shaped(sampling.weights, [images * bands.count, samples, 1, 4]));
  const arrivingOf = ofImages(shaped(arriving, [images * bands.count, bands.positions, outChannels]));

  const pass = (span: Span): [string, string, string] => {
    const dxOf: string[] = [];
    const readingsOf: string[] = [];
    let dw = emitZeros(emit, [outChannels, taps * channels]);
    for (let image = 0; image < images; image++) {
      const starts = Array.from(
        { length: bands.count },
        (_, band) => image * sizes.paddedPositions + (span.first + band * span.advance) * sizes.paddedColumns,
      );
      const places = starts.every((start) => start === 0)
        ? indicesOf[image]!
        : one('Sub', [indicesOf[image]!, emit.int64(starts, [bands.count, 1, 1])]);
      const finishedRows = span.advance * sizes.paddedColumns;
      const spanShape = [span.rows * sizes.paddedColumns, channels];
      const [dwNext, rest, readings, finished] = emitBands(emit, {
        count: bands.count,
        carried: [
          { name: dw, shape: [outChannels, taps * channels] },
          { name: emitZeros(emit, spanShape), shape: spanShape },
        ],
        parts: [
          { name: indicesOf[image]!, type: { dataType: 'int64', shape: [samples * 4, 1] } },
          { name: weightsOf[image]!, type: float32([samples, 1, 4]) },
          { name: arrivingOf[image]!, type: float32([bands.positions, outChannels]) },
          { name: places, type: { dataType: 'int64', shape: [samples * 4, 1] } },
        ],
        gives: [[samples, 4], ...(span.advance > 0 ? [[finishedRows, channels]] : [])],
        band: ([dwSoFar, dxSoFar], [indices, weights, dyBand, placesBand]) => {
          const corners = shaped(one('Gather', [pixels, shaped(indices!, [samples * 4])]), [
            samples,
            4,
            channels,
          ]);
          const dColumns = shaped(one('MatMul', [dyBand!, kernel]), [samples, 1, channels]);
          const columns = shaped(one('MatMul', [weights!, corners]), [bands.positions, taps * channels]);
          const dwBand = one('Gemm', [dyBand!, columns, dwSoFar!], { transA: { int: 1 } });
          const shares = one('Mul', [shaped(weights!, [samples, 4, 1]), dColumns]);
          const dx = one('ScatterND', [dxSoFar!, placesBand!, shaped(shares, [samples * 4, channels])], {
            reduction: { string: 'add' },
          });
          const reading = shaped(emitReadings(emit, dColumns, corners), [samples, 4]);
          if (span.advance === 0) return [dwBand, dx, reading];
          const done = one('Slice', [dx, emit.int64([0]), emit.int64([finishedRows])]);
          const next = one('Pad', [dx, emit.int64([-finishedRows, 0, finishedRows, 0])]);
          return [dwBand, next, reading, done];
        },
      });
      dw = dwNext!;
      readingsOf.push(shaped(readings!, [1, positions, taps * 4]));
      const madeRows = bands.count * span.advance + span.rows;
      const made =
        finished === undefined
          ? rest!
          : one('Concat', [shaped(finished, [bands.count * finishedRows, channels]), rest!], {
              axis: { int: 0 },
            });
      const above = BORDER - span.first;
      dxOf.push(
        one('Pad', [
          shaped(made, [1, madeRows, sizes.paddedColumns, channels]),
          emit.int64([0, -above, -BORDER, 0, 0, above + rows - madeRows, -BORDER, 0]),
        ]),
      );
    }
    const joined = (names: readonly string[]) => one('Concat', names, { axis: { int: 0 } });
    return [joined(dxOf), joined(readingsOf), dw];
  };
  const whole: Span = { first: 0, rows: sizes.paddedRows, advance: 0 };
  const moving = movingSpan(sizes, bands);
  const [dxLast, readings, dw] =
    moving === undefined || emit.device !== 'cpu'
      ? pass(whole)
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
          [() => pass(moving), () => pass(whole)],
        );
  const { dOffset, dMask } = emitReadout(emit, readings!, sampling, sizes);
  return [
    one('Transpose', [dxLast!], { perm: { ints: [0, 3, 1, 2] } }),
    dOffset,
    dMask,
    one('Transpose', [shaped(dw!, [outChannels, sizes.kernelRows, sizes.kernelColumns, channels])], {
      perm: { ints: [0, 3, 1, 2] },
    }),
  ];
}

/** dL/dx by If: the results of the first branch where `condition` holds, else those of the second. */
function emitIf(
  emit: OnnxEmitter,
  condition: string,
  shapes: readonly Shape[],
  [yes, no]: readonly [() => readonly string[], () => readonly string[]],
): readonly string[] {
  const branch = (build: () => readonly string[]) => ({ graph: emit.body([], shapes.map(float32), build) });
  return emit.node('If', [condition], { then_branch: branch(yes), else_branch: branch(no) }, shapes.length);
}

/** Σ over the channels of dL/d(columns) [n, 1, C] times each of the four corners [n, 4, C]: [n, 1, 4]. */
function emitReadings(emit: OnnxEmitter, dColumns: string, corners: string): string {
  if (emit.device === 'cpu') {
    return emit.node('FusedMatMul', [dColumns, corners], { transB: { int: 1 } }, 1, 'com.microsoft')[0]!;
  }
  const turned = emit.node('Transpose', [corners], { perm: { ints: [0, 2, 1] } })[0]!;
  return emit.node('MatMul', [dColumns, turned])[0]!;
}

/**
 * dL/d(offset) and dL/d(mask) from the readings s [N, S, K·4] of the corners: with v and h the shares of
 * rows and columns and m the mask, dm = Σ v·h·s, dΔy = m · Σ h · (s of the lower − s of the upper corners),
 * dΔx = m · Σ v · (s of the right − s of the left corners).
 */
function emitReadout(
  emit: OnnxEmitter,
  readings: string,
  { vertical, horizontal, mask }: Sampling,
  { images, taps, positions, outRows, outColumns }: DeformSizes,
): { readonly dOffset: string; readonly dMask: string } {
  const one = (op: string, from: readonly string[], attributes = {}) => emit.node(op, from, attributes)[0]!;
  const shaped = (name: string, shape: readonly number[]) => one('Reshape', [name, emit.int64(shape)]);
  const sum = (name: string, axis: number) =>
    one('ReduceSum', [name, emit.int64([axis])], { keepdims: { int: 1 } });
  const difference = (name: string, axis: number) => {
    const [first, second] = emit.node('Split', [name], { axis: { int: axis }, num_outputs: { int: 2 } }, 2);
    return one('Sub', [second!, first!]);
  };
  const s = shaped(one('Transpose', [readings], { perm: { ints: [0, 2, 1] } }), [
    images,
    taps,
    2,
    2,
    positions,
  ]);
  const ofRows = sum(one('Mul', [s, horizontal]), 3); // [N, K, 2, 1, S]
  const ofColumns = sum(one('Mul', [s, vertical]), 2); // [N, K, 1, 2, S]
  const dMask = sum(one('Mul', [ofRows, vertical]), 2);
  const dRows = one('Mul', [difference(ofRows, 2), mask]);
  const dColumns = one('Mul', [difference(ofColumns, 3), mask]);
  const dOffset = one('Concat', [dRows, dColumns], { axis: { int: 2 } });
  return {
    dOffset: shaped(dOffset, [images, 2 * taps, outRows, outColumns]),
    dMask: shaped(dMask, [images, taps, outRows, outColumns]),
  };
}
