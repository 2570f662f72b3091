import type { OnnxEmitter } from '../../onnx/emitter.ts';
import type { Shape } from '../../shape.ts';
import { emitSoftplus } from '../activation.ts';
import { zeros } from './scanNodes.ts';
import type { Chunking, ScanSizes } from './sizes.ts';

/** Bytes that the decays of one call may fill: a binding of a GPU has a limit (128 MiB where none was asked for). */
const DECAY_BYTES = 2 ** 26;

/**
 * The selective scan by `com.microsoft.LinearAttention`, gated: S ← exp(decay)·S + key⊗value, output =
 * query·S, for each head. A channel is a head whose keys are the states; sequence and direction are the
 * batch. Chunk after chunk, because the decay Δ·A has a value for every state of every token.
 */
export function attentionForward(
  emit: OnnxEmitter,
  inputs: readonly string[],
  sizes: ScanSizes,
  { chunk, keepStates }: Chunking & { readonly keepStates: boolean },
): string[] {
  const [x, z, a, b, c] = inputs as [string, string, string, string, string];
  const { tokens, batch, directions, states, channels } = sizes;
  const n = nodes(emit);
  const rows = batch * directions;
  const [delta] = emitSoftplus(emit, z) as [string];
  const u = n.mul(delta, x);
  const longest = Math.max(1, Math.floor(DECAY_BYTES / (4 * rows * channels * states)));
  const window = keepStates ? chunk : Math.min(longest, tokens);
  const [values, steps, keys, queries] = [u, delta, b, c].map((name) => n.transpose(name, [1, 2, 0, 3]));
  const rates = n.reshape(n.transpose(a, [0, 2, 1]), [1, directions, 1, channels, states]);

  const outputs: string[] = [];
  const kept: string[] = [];
  let state = zeros(emit, [rows, channels, states, 1]);
  for (let start = 0; start < tokens; start += window) {
    const size = Math.min(window, tokens - start);
    const part = (name: string, shape: Shape) => n.reshape(n.slice(name, 2, start, size), shape);
    const step = part(steps!, [batch, directions, size, channels, 1]);
    kept.push(n.reshape(state, [1, batch, directions, channels, states]));
    const { output, last } = attention(emit, channels, {
      query: part(queries!, [rows, size, states]),
      key: part(keys!, [rows, size, states]),
      value: part(values!, [rows, size, channels]),
      state,
      decay: n.reshape(n.mul(step, rates), [rows, size, channels * states]),
    });
    outputs.push(n.reshape(output, [batch, directions, size, channels]));
    state = last;
  }
  const y = n.transpose(n.concat(outputs, 2), [2, 0, 1, 3]);
  return keepStates ? [y, n.transpose(n.concat(kept, 0), [0, 1, 2, 4, 3])] : [y];
}

/**
 * The gradient. dL/dh obeys the same recurrence in reversed time, with C for B, dL/dy for u, and the decay
 * of the token after. The states themselves come out where a state of a channel is a head of its own, with
 * key and query 1; everything else is sums of products of them.
 */
export function attentionBackward(
  emit: OnnxEmitter,
  inputs: readonly string[],
  sizes: ScanSizes,
  { chunk }: Chunking,
): string[] {
  const [x, z, a, b, c, kept, dy] = inputs as [string, string, string, string, string, string, string];
  const { tokens, batch, directions, states, channels } = sizes;
  const n = nodes(emit);
  const [delta] = emitSoftplus(emit, z) as [string];
  const u = n.mul(delta, x);
  const rows = batch * directions * states;
  // [B, K, 1, L, D] and [B, K, N, L, 1]: what is made of both is [B, K, N, L, D].
  const ofChannels = (name: string) =>
    n.reshape(n.transpose(name, [1, 2, 0, 3]), [batch, directions, 1, tokens, channels]);
  const ofStates = (name: string) =>
    n.reshape(n.transpose(name, [1, 2, 3, 0]), [batch, directions, states, tokens, 1]);
  const [uAll, deltaAll, dyAll] = [u, delta, dy].map(ofChannels) as [string, string, string];
  const [bAll, cAll] = [b, c].map(ofStates) as [string, string];
  // The decay of the token after; after the last one there is nothing to decay.
  const end = n.slice(deltaAll, 3, tokens - 1, 1);
  const after = tokens === 1 ? end : n.concat([n.slice(deltaAll, 3, 1, tokens - 1), end], 3);
  const rates = n.reshape(a, [1, directions, states, 1, channels]);
  const ones = emit.float32(new Float32Array(rows * chunk).fill(1), [rows, chunk, 1]);
  const all: Shape = [batch, directions, states, chunk, channels];

  /** Every state [B, K, N, chunk, D] of a recurrence with the input `value` and the log decay `decay`. */
  const everyState = (value: string, decay: string, state: string) => {
    const { output, last } = attention(emit, channels, {
      query: ones,
      key: ones,
      value: n.reshape(value, [rows, chunk, channels]),
      state,
      decay: n.reshape(decay, [rows, chunk, channels]),
    });
    return { states: n.reshape(output, all), last };
  };

  const found: { readonly [name in 'du' | 'dDelta' | 'db' | 'dc']: string[] } = {
    du: [],
    dDelta: [],
    db: [],
    dc: [],
  };
  let da = '';
  let carried = zeros(emit, [rows, channels, 1, 1]);
  for (let start = tokens - chunk; start >= 0; start -= chunk) {
    const part = (name: string) => n.slice(name, 3, start, chunk);
    const [uC, deltaC, dyC, bC, cC] = [uAll, deltaAll, dyAll, bAll, cAll].map(part) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const first = n.reshape(n.slice(kept, 0, start / chunk, 1), [rows, channels, 1, 1]);
    const logDecay = n.mul(deltaC, rates);
    const h = everyState(n.mul(uC, bC), logDecay, first).states;
    const before = n.concat(
      [
        n.reshape(first, [batch, directions, states, 1, channels]),
        ...(chunk > 1 ? [n.slice(h, 3, 0, chunk - 1)] : []),
      ],
      3,
    );
    const turned = (name: string) => n.flip(name, 3);
    const back = everyState(n.mul(turned(dyC), turned(cC)), n.mul(turned(part(after)), rates), carried);
    carried = back.last;
    const g = turned(back.states);
    const q = n.mul(n.mul(g, before), ...(emit.node('Exp', [logDecay]) as [string]));
    found.du.unshift(n.sum(n.mul(g, bC), [2]));
    found.dDelta.unshift(n.sum(n.mul(q, rates), [2]));
    found.db.unshift(n.sum(n.mul(g, uC), [4]));
    found.dc.unshift(n.sum(n.mul(h, dyC), [4]));
    const sumA = n.sum(n.mul(q, deltaC), [0, 3]);
    da = da === '' ? sumA : n.add(da, sumA);
  }
  const channelsBack = (parts: string[]) =>
    n.transpose(n.reshape(n.concat(parts, 3), [batch, directions, tokens, channels]), [2, 0, 1, 3]);
  const statesBack = (parts: string[]) =>
    n.transpose(n.reshape(n.concat(parts, 3), [batch, directions, states, tokens]), [3, 0, 1, 2]);
  const du = channelsBack(found.du);
  const dDelta = n.add(channelsBack(found.dDelta), n.mul(du, x));
  return [
    n.mul(du, delta),
    n.mul(dDelta, emit.node('Sigmoid', [z])[0]!),
    n.reshape(da, [directions, states, channels]),
    statesBack(found.db),
    statesBack(found.dc),
  ];
}

/** One call: a head for each channel, all of which share queries and keys. */
function attention(
  emit: OnnxEmitter,
  heads: number,
  {
    query,
    key,
    value,
    state,
    decay,
  }: Readonly<Record<'query' | 'key' | 'value' | 'state' | 'decay', string>>,
): { readonly output: string; readonly last: string } {
  const [output, last] = emit.node(
    'LinearAttention',
    [query, key, value, state, decay],
    {
      q_num_heads: { int: 1 },
      kv_num_heads: { int: heads },
      scale: { float: 1 },
      update_rule: { string: 'gated' },
    },
    2,
    'com.microsoft',
  );
  return { output: output!, last: last! };
}

/** Nodes of one output. */
function nodes(emit: OnnxEmitter) {
  return {
    add: (x: string, y: string) => emit.node('Add', [x, y])[0]!,
    mul: (x: string, y: string) => emit.node('Mul', [x, y])[0]!,
    sum: (x: string, axes: readonly number[]) =>
      emit.node('ReduceSum', [x, emit.int64(axes)], { keepdims: { int: 1 } })[0]!,
    reshape: (x: string, shape: Shape) => emit.node('Reshape', [x, emit.int64(shape)])[0]!,
    transpose: (x: string, order: readonly number[]) =>
      emit.node('Transpose', [x], { perm: { ints: order } })[0]!,
    concat: (parts: readonly string[], axis: number) =>
      parts.length === 1 ? parts[0]! : emit.node('Concat', parts, { axis: { int: axis } })[0]!,
    slice: (x: string, axis: number, start: number, size: number) =>
      emit.node('Slice', [x, emit.int64([start]), emit.int64([start + size]), emit.int64([axis])])[0]!,
    flip: (x: string, axis: number) =>
      emit.node('Slice', [
        x,
        emit.int64([-1]),
        emit.int64([-(2 ** 31)]),
        emit.int64([axis]),
        emit.int64([-1]),
      ])[0]!,
  };
}
