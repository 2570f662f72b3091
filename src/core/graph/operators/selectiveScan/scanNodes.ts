import type { OnnxBody, OnnxEmitter } from '../../onnx/emitter.ts';
import { float32, type Shape } from '../../shape.ts';
import { emitSoftplus } from '../activation.ts';
import type { Chunking, ScanSizes } from './sizes.ts';

/**
 * The selective scan as ONNX `Scan`, one inside another: over chunks, and over the tokens of a chunk. The
 * nesting costs nothing, and gives the way back the state at the start of each chunk. A step holds all
 * sequences and directions at once, channels innermost; what it makes is written straight into an output or
 * the next state, so that a token needs the fewest allocations. docs/graph-benchmarks.md has the forms that were slower.
 */
export function scanForward(
  emit: OnnxEmitter,
  inputs: readonly string[],
  sizes: ScanSizes,
  { chunk, keepStates }: Chunking & { readonly keepStates: boolean },
): string[] {
  const [x, z, a, b, c] = inputs as [string, string, string, string, string];
  const { state, row, column, line } = stepShapes(sizes);
  const step = emit.body(
    [state, row, row, column, line].map(float32),
    [state, row].map(float32),
    ([h, deltaT, uT, bT, cT]) => {
      const { next } = advance(emit, { a, h: h!, delta: deltaT!, u: uT!, b: bT! });
      return [next, ...emit.node('MatMul', [cT!, next])];
    },
  );
  const overChunk = emit.body(
    [state, ...inChunk(chunk, [row, row, column, line])].map(float32),
    [state, ...inChunk(chunk, [row]), ...(keepStates ? [state] : [])].map(float32),
    ([h, xC, zC, bC, cC]) => {
      // Here a chunk of them is still in the cache.
      const [deltaC] = emitSoftplus(emit, zC!);
      const [uC] = emit.node('Mul', [deltaC!, xC!]);
      const sequences = [deltaC!, uC!, bC!, cC!];
      return [
        ...scan(emit, step, { states: [h!], sequences, outputs: 1 }),
        ...(keepStates ? emit.node('Identity', [h!]) : []),
      ];
    },
  );
  const chunked = (sequence: string, shape: Shape) => inChunks(emit, sequence, sizes, chunk, shape);
  const [, y, kept] = scan(emit, overChunk, {
    states: [zeros(emit, state)],
    sequences: [chunked(x, row), chunked(z, row), chunked(b, column), chunked(c, line)],
    outputs: keepStates ? 2 : 1,
  });
  return [whole(emit, y!, sizes, sizes.channels), ...(keepStates ? [kept!] : [])];
}

/** The gradient: dL/dx, dL/dz, dL/dA, dL/dB, dL/dC. */
export function scanBackward(
  emit: OnnxEmitter,
  inputs: readonly string[],
  sizes: ScanSizes,
  { chunk }: Chunking,
): string[] {
  const [x, z, a, b, c, kept, dy] = inputs as [string, string, string, string, string, string, string];
  const { batch, directions, states, channels } = sizes;
  const { state, row, column, line } = stepShapes(sizes);
  const turned = [batch, directions, channels, 1];

  // Forward again: aₜ and aₜ·hₜ₋₁ are what the way back needs.
  const forward = emit.body(
    [state, row, row, column].map(float32),
    [state, state, state].map(float32),
    ([h, deltaT, uT, bT]) => {
      const { decay, decayed, next } = advance(emit, { a, h: h!, delta: deltaT!, u: uT!, b: bT! });
      return [next, decay, decayed];
    },
  );

  // One token back. Its states are aₜ₊₁·gₜ₊₁ and the sum that becomes dL/dA.
  const ones = emit.float32(new Float32Array(states).fill(1), [1, states]);
  const backward = emit.body(
    [state, state, row, row, turned, turned, line, column, state, state].map(float32),
    [state, state, row, row, column, column].map(float32),
    ([carried, sumA, deltaT, dyT, dyTurned, uTurned, bT, cT, decay, decayed]) => {
      const [g] = emit.node('Add', [carried!, ...emit.node('MatMul', [cT!, dyT!])]);
      const [q] = emit.node('Mul', [g!, decayed!]);
      const [next] = emit.node('Mul', [decay!, g!]);
      const [nextSumA] = emit.node('Add', [sumA!, ...emit.node('Mul', [q!, deltaT!])]);
      const [du] = emit.node('MatMul', [bT!, g!]);
      const [dDelta] = emit.node('MatMul', [ones, ...emit.node('Mul', [q!, a])]);
      const [db] = emit.node('MatMul', [g!, uTurned!]);
      const [dc] = emit.node('MatMul', [decayed!, dyTurned!]);
      return [next!, nextSumA!, du!, dDelta!, db!, dc!];
    },
  );

  const overChunk = emit.body(
    [state, state, state, ...inChunk(chunk, [row, row, column, column, row])].map(float32),
    [state, state, ...inChunk(chunk, [row, row, column, column])].map(float32),
    ([carried, sumA, h, x, z, b, c, dy]) => {
      const [delta] = emitSoftplus(emit, z!);
      const [u] = emit.node('Mul', [delta!, x!]);
      const [, decay, decayed] = scan(emit, forward, {
        states: [h!],
        sequences: [delta!, u!, b!],
        outputs: 2,
      });
      const [before, nextSumA, du, dDelta, db, dcDecayed] = scan(emit, backward, {
        states: [carried!, sumA!],
        sequences: [
          delta!,
          dy!,
          reshaped(emit, dy!, [chunk, ...turned]),
          reshaped(emit, u!, [chunk, ...turned]),
          reshaped(emit, b!, [chunk, ...line]),
          c!,
          decay!,
          decayed!,
        ],
        outputs: 4,
        reversed: true,
      });
      const [slope] = emit.node('Sigmoid', [z!]);
      const [dDeltaWhole] = emit.node('Add', [dDelta!, ...emit.node('Mul', [du!, x!])]);
      // dCₜ = Σ_d hₜ·dyₜ with hₜ = aₜ·hₜ₋₁ + Bₜ⊗uₜ: the second part needs no state.
      const [uDy] = emit.node('ReduceSum', [...emit.node('Mul', [u!, dy!]), emit.int64([4])]);
      return [
        before!,
        nextSumA!,
        ...emit.node('Mul', [du!, delta!]),
        ...emit.node('Mul', [dDeltaWhole!, slope!]),
        db!,
        ...emit.node('Add', [dcDecayed!, ...emit.node('Mul', [b!, uDy!])]),
      ];
    },
  );
  const chunked = (sequence: string, shape: Shape) => inChunks(emit, sequence, sizes, chunk, shape);
  const [, sumA, dx, dz, db, dc] = scan(emit, overChunk, {
    states: [zeros(emit, state), zeros(emit, state)],
    sequences: [
      kept,
      chunked(x, row),
      chunked(z, row),
      chunked(b, column),
      chunked(c, column),
      chunked(dy, row),
    ],
    outputs: 4,
    reversed: true,
  });
  return [
    whole(emit, dx!, sizes, channels),
    whole(emit, dz!, sizes, channels),
    ...emit.node('ReduceSum', [sumA!, emit.int64([0])], { keepdims: { int: 0 } }),
    whole(emit, db!, sizes, states),
    whole(emit, dc!, sizes, states),
  ];
}

/** aₜ = exp(Δₜ·A), aₜ·hₜ₋₁ and hₜ = aₜ·hₜ₋₁ + Bₜ⊗uₜ. */
function advance(
  emit: OnnxEmitter,
  { a, h, delta, u, b }: { a: string; h: string; delta: string; u: string; b: string },
): { decay: string; decayed: string; next: string } {
  const [decay] = emit.node('Exp', emit.node('Mul', [a, delta]));
  const [decayed] = emit.node('Mul', [decay!, h]);
  const [next] = emit.node('Add', [decayed!, ...emit.node('MatMul', [b, u])]);
  return { decay: decay!, decayed: decayed!, next: next! };
}

/** What a step sees of one token: its state, a value for each channel, and for each state as column or line. */
function stepShapes({ batch, directions, states, channels }: ScanSizes) {
  const of = (rows: number, columns: number): Shape => [batch, directions, rows, columns];
  return { state: of(states, channels), row: of(1, channels), column: of(states, 1), line: of(1, states) };
}

function inChunk(chunk: number, shapes: readonly Shape[]): Shape[] {
  return shapes.map((shape) => [chunk, ...shape]);
}

function reshaped(emit: OnnxEmitter, name: string, shape: Shape): string {
  return emit.node('Reshape', [name, emit.int64(shape)])[0]!;
}

/** A sequence [L, …] as chunks of tokens of the shape `shape`. */
function inChunks(emit: OnnxEmitter, name: string, { tokens }: ScanSizes, chunk: number, shape: Shape) {
  return reshaped(emit, name, [tokens / chunk, chunk, ...shape]);
}

/** The chunks of a sequence put together: [L, B, K, `last`]. */
function whole(emit: OnnxEmitter, name: string, { tokens, batch, directions }: ScanSizes, last: number) {
  return reshaped(emit, name, [tokens, batch, directions, last]);
}

/** Zeros that take no room in the model. */
export function zeros(emit: OnnxEmitter, shape: Shape): string {
  return emit.node('ConstantOfShape', [emit.int64(shape)])[0]!;
}

function scan(
  emit: OnnxEmitter,
  body: OnnxBody,
  call: {
    readonly states: readonly string[];
    readonly sequences: readonly string[];
    readonly outputs: number;
    /** Whether the sequences are read, and the outputs written, from the last token to the first. */
    readonly reversed?: boolean;
  },
): readonly string[] {
  const { states, sequences, outputs, reversed = false } = call;
  return emit.node(
    'Scan',
    [...states, ...sequences],
    {
      body: { graph: body },
      num_scan_inputs: { int: sequences.length },
      ...(reversed && {
        scan_input_directions: { ints: sequences.map(() => 1) },
        scan_output_directions: { ints: Array.from({ length: outputs }, () => 1) },
      }),
    },
    states.length + outputs,
  );
}
