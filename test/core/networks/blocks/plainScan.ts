/**
 * A 2-D selective scan as networks' papers describe it, one channel of one token after another: each region
 * is cut out, scanned in four directions and pasted back. Shares nothing with the graph.
 */
export interface PlainWeights {
  readonly xProj: ArrayLike<number>;
  readonly dtProj: ArrayLike<number>;
  readonly dtBias: ArrayLike<number>;
  readonly aLogs: ArrayLike<number>;
  readonly ds: ArrayLike<number>;
}

export interface PlainSizes {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly stateSize: number;
  readonly dtRank: number;
}

/** x [B, h, w, d] → the sum of the four directions [B, h, w, d]. */
export function plainScan2d(
  x: ArrayLike<number>,
  weights: PlainWeights,
  sizes: PlainSizes,
  quadrants: boolean,
): Float64Array {
  const { batch, rows, columns, channels } = sizes;
  const y = new Float64Array(x.length);
  const [middle, centre] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  const regions = quadrants
    ? [
        [0, middle, 0, centre],
        [0, middle, centre, columns],
        [middle, rows, 0, centre],
        [middle, rows, centre, columns],
      ]
    : [[0, rows, 0, columns]];
  for (let image = 0; image < batch; image++) {
    for (const [top, bottom, left, right] of regions as [number, number, number, number][]) {
      const [h, w] = [bottom - top, right - left];
      const place = (t: number, k: number): number => {
        const forward = k < 2 ? t : h * w - 1 - t;
        const [i, j] =
          k % 2 === 0 ? [Math.floor(forward / w), forward % w] : [forward % h, Math.floor(forward / h)];
        return ((image * rows + top + i) * columns + left + j) * channels;
      };
      for (let k = 0; k < 4; k++) {
        const tokens = Array.from({ length: h * w }, (_, t) =>
          Array.from({ length: channels }, (_, c) => x[place(t, k) + c]!),
        );
        plainScan(tokens, weights, sizes, k).forEach((token, t) => {
          token.forEach((value, c) => {
            y[place(t, k) + c]! += value;
          });
        });
      }
    }
  }
  return y;
}

function plainScan(tokens: number[][], weights: PlainWeights, sizes: PlainSizes, k: number): number[][] {
  const { channels, stateSize, dtRank } = sizes;
  const { xProj, dtProj, dtBias, aLogs, ds } = weights;
  const features = dtRank + 2 * stateSize;
  const h = Array.from({ length: channels }, () => new Float64Array(stateSize));
  return tokens.map((x) => {
    const p = Array.from({ length: features }, (_, f) =>
      x.reduce((sum, value, c) => sum + xProj[(k * features + f) * channels + c]! * value, 0),
    );
    return x.map((value, c) => {
      let z = dtBias[k * channels + c]!;
      for (let r = 0; r < dtRank; r++) z += dtProj[(k * channels + c) * dtRank + r]! * p[r]!;
      const delta = Math.log1p(Math.exp(z));
      let y = ds[k * channels + c]! * value;
      for (let n = 0; n < stateSize; n++) {
        const a = -Math.exp(aLogs[(k * channels + c) * stateSize + n]!);
        h[c]![n] = Math.exp(delta * a) * h[c]![n]! + delta * p[dtRank + n]! * value;
        y += h[c]![n]! * p[dtRank + stateSize + n]!;
      }
      return y;
    });
  });
}
