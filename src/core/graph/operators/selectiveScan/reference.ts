import { type NdArray, ndarray } from '../../ndarray.ts';
import { softplusReference } from '../activation.ts';
import type { Chunking, ScanSizes } from './sizes.ts';

/** y and the states at the start of each chunk, one state of one channel after another. */
export function scanReference(
  [x, z, a, b, c]: readonly NdArray[],
  sizes: ScanSizes,
  { chunk }: Chunking,
): NdArray[] {
  const { tokens, batch, directions, states, channels } = sizes;
  const y = ndarray([tokens, batch, directions, channels]);
  const kept = ndarray([tokens / chunk, batch, directions, states, channels]);
  for (const [s, k, n, d] of eachState(sizes)) {
    const decay = a!.data[(k * states + n) * channels + d]!;
    let h = 0;
    for (let t = 0; t < tokens; t++) {
      const sequence = (t * batch + s) * directions + k;
      if (t % chunk === 0) {
        kept.data[((((t / chunk) * batch + s) * directions + k) * states + n) * channels + d] = h;
      }
      const channel = sequence * channels + d;
      const delta = softplusReference(z!.data[channel]!);
      h = Math.exp(delta * decay) * h + delta * b!.data[sequence * states + n]! * x!.data[channel]!;
      y.data[channel] = y.data[channel]! + c!.data[sequence * states + n]! * h;
    }
  }
  return [y, kept];
}

/**
 * dL/dx, dL/dz, dL/dA, dL/dB, dL/dC from dL/dy, with every state stored. Backwards in time
 * g ← Cₜ·dyₜ + exp(Δₜ₊₁·A)·g is dL/dhₜ.
 */
export function scanGradientReference(
  [x, z, a, b, c, , dy]: readonly NdArray[],
  sizes: ScanSizes,
): NdArray[] {
  const { tokens, batch, directions, states, channels } = sizes;
  const [dx, dz, da, db, dc] = [x, z, a, b, c].map((input) => ndarray(input!.shape)) as [
    NdArray,
    NdArray,
    NdArray,
    NdArray,
    NdArray,
  ];
  const accumulate = ({ data }: NdArray, index: number, value: number) => {
    data[index] = data[index]! + value;
  };
  const h = new Float64Array(tokens + 1);
  for (const [s, k, n, d] of eachState(sizes)) {
    const row = (k * states + n) * channels + d;
    const rate = a!.data[row]!;
    const at = (t: number) => {
      const sequence = (t * batch + s) * directions + k;
      const channel = sequence * channels + d;
      const delta = softplusReference(z!.data[channel]!);
      return { channel, state: sequence * states + n, delta, decay: Math.exp(delta * rate) };
    };
    for (let t = 0; t < tokens; t++) {
      const { channel, state, delta, decay } = at(t);
      h[t + 1] = decay * h[t]! + delta * b!.data[state]! * x!.data[channel]!;
    }
    let carried = 0;
    for (let t = tokens - 1; t >= 0; t--) {
      const { channel, state, delta, decay } = at(t);
      const g = c!.data[state]! * dy!.data[channel]! + carried;
      carried = decay * g;
      const dDelta = rate * carried * h[t]! + b!.data[state]! * x!.data[channel]! * g;
      accumulate(dx, channel, delta * b!.data[state]! * g);
      accumulate(dz, channel, dDelta / (1 + Math.exp(-z!.data[channel]!)));
      accumulate(da, row, delta * carried * h[t]!);
      accumulate(db, state, delta * x!.data[channel]! * g);
      accumulate(dc, state, h[t + 1]! * dy!.data[channel]!);
    }
  }
  return [dx, dz, da, db, dc];
}

/** Sequence, direction, state and channel, all of them. */
function* eachState({ batch, directions, states, channels }: ScanSizes) {
  for (let s = 0; s < batch; s++) {
    for (let k = 0; k < directions; k++) {
      for (let n = 0; n < states; n++) {
        for (let d = 0; d < channels; d++) yield [s, k, n, d] as const;
      }
    }
  }
}
