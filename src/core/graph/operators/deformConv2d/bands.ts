import type { GraphDevice, OnnxEmitter } from '../../onnx/emitter.ts';
import { elementCount, float32, type Shape } from '../../shape.ts';
import type { DeformSizes } from './geometry.ts';

/**
 * The corners of all samples take 36 times the memory of x (nine taps): they are never there at once, but
 * band by band, a band being some positions of the output of one image, all bands as many.
 */
export interface Bands {
  readonly positions: number;
  /** Bands of one image. */
  readonly count: number;
}

/** Bands of whole rows of the output. */
export interface RowBands extends Bands {
  readonly outRows: number;
}

/**
 * Bytes of the corners of a band. On the CPU they should stay in the caches: weighing them took twice as long
 * where they were 13 MB as where they were 3. Elsewhere a band is only as small as memory asks for.
 */
const CORNER_BYTES = { cpu: 3.5e6, others: 64e6 };

function wantedPositions({ taps, channels }: DeformSizes, device: GraphDevice): number {
  return (device === 'cpu' ? CORNER_BYTES.cpu : CORNER_BYTES.others) / (taps * 4 * channels * 4);
}

/** The divisor of `total` that is nearest to `wanted`, as a ratio. */
function divisorNear(total: number, wanted: number): number {
  const distance = (n: number) => Math.abs(Math.log(n / wanted));
  let best = 1;
  for (let n = 1; n * n <= total; n++) {
    if (total % n !== 0) continue;
    for (const divisor of [n, total / n]) if (distance(divisor) < distance(best)) best = divisor;
  }
  return best;
}

/** Bands of positions for the way forward, of about CORNER_BYTES each. */
export function bandsOf(sizes: DeformSizes, device: GraphDevice): Bands {
  const positions = divisorNear(sizes.positions, wantedPositions(sizes, device));
  return { positions, count: sizes.positions / positions };
}

/** Bands of whole rows for the way back, of about CORNER_BYTES each. */
export function rowBandsOf(sizes: DeformSizes, device: GraphDevice): RowBands {
  const outRows = divisorNear(sizes.outRows, wantedPositions(sizes, device) / sizes.outColumns);
  return { outRows, positions: outRows * sizes.outColumns, count: sizes.outRows / outRows };
}

/** Bytes that the corners of a band take on the CPU. */
export function cornerBytes({ taps, channels }: DeformSizes, { positions }: Bands): number {
  return positions * taps * 4 * channels * 4;
}

/** What one band is computed from and gives, beside what is carried from band to band. */
export interface BandLoop {
  readonly count: number;
  /** Tensors handed from band to band: their names, and the shapes they keep. */
  readonly carried: readonly { readonly name: string; readonly shape: Shape }[];
  /** Tensors [count, ...shape], of which each band gets one part. */
  readonly parts: readonly { readonly name: string; readonly shape: Shape }[];
  /** Shapes of what each band gives. */
  readonly gives: readonly Shape[];
  /** Emits one band. Returns what is carried on, then what the band gives. */
  readonly band: (carried: readonly string[], parts: readonly string[]) => readonly string[];
}

/**
 * Runs a loop over bands: on the CPU as a `Scan`, whose tensors are the same memory for every band; elsewhere
 * one band after another in the graph itself. Returns what was carried to the end, then what the bands gave,
 * [count, ...shape] each.
 */
export function emitBands(emit: OnnxEmitter, loop: BandLoop): string[] {
  const { count, carried, parts, gives, band } = loop;
  if (emit.device === 'cpu' && count > 1) {
    const body = emit.body(
      [...carried, ...parts].map(({ shape }) => float32(shape)),
      [...carried.map(({ shape }) => shape), ...gives].map(float32),
      (names) => band(names.slice(0, carried.length), names.slice(carried.length)),
    );
    const inputs = [...carried, ...parts].map(({ name }) => name);
    return [
      ...emit.node(
        'Scan',
        inputs,
        { body: { graph: body }, num_scan_inputs: { int: parts.length } },
        carried.length + gives.length,
      ),
    ];
  }
  let state: readonly string[] = carried.map(({ name }) => name);
  const given: string[][] = gives.map(() => []);
  for (let n = 0; n < count; n++) {
    const results = band(
      state,
      parts.map(({ name, shape }) => emit.node('Reshape', [emitPart(emit, name, n), emit.int64(shape)])[0]!),
    );
    state = results.slice(0, carried.length);
    results.slice(carried.length).forEach((name, index) => {
      const single = emit.node('Reshape', [name, emit.int64([1, ...gives[index]!])])[0]!;
      given[index]!.push(single);
    });
  }
  return [
    ...state,
    ...given.map((names) =>
      names.length === 1 ? names[0]! : emit.node('Concat', names, { axis: { int: 0 } })[0]!,
    ),
  ];
}

/** x[n..n + 1] along the first axis. Not Split, which WebGPU has for a handful of parts only. */
export function emitPart(emit: OnnxEmitter, x: string, n: number): string {
  return emit.node('Slice', [x, emit.int64([n]), emit.int64([n + 1]), emit.int64([0])])[0]!;
}

/** Zeros of a shape that nobody stores in the file. */
export function emitZeros(emit: OnnxEmitter, shape: Shape): string {
  return emit.node('Expand', [emit.scalar(0), emit.int64(shape)])[0]!;
}

/** x [N, C, ...] under positions × channels: [N, elements of the rest, C]. */
export function channelsLast(emit: OnnxEmitter, x: string, shape: Shape): string {
  const [images, channels, ...rest] = shape as [number, number, ...number[]];
  const flat = emit.node('Reshape', [x, emit.int64([images, channels, elementCount(rest)])])[0]!;
  return emit.node('Transpose', [flat], { perm: { ints: [0, 2, 1] } })[0]!;
}
