import { describe, expect, it } from 'vitest';
import { Graph, initialValues } from '../../../../src/core/graph/index.ts';
import { ss2d, ss2dWeights } from '../../../../src/core/networks/blocks/ss2d.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { relativeError, runOnnx } from '../../../helpers/graph.ts';
import { plainScan2d } from './plainScan.ts';

const options = { stateSize: 3, dtRank: 2 };
const channels = 5;

/** A scan of a random map with weights as they start, Δ and C made larger, on the CPU engine; and the plain one. */
async function both(batch: number, rows: number, columns: number, quadrants: boolean) {
  const graph = new Graph();
  const x = graph.input('x', [batch, rows, columns, channels]);
  const y = ss2d(x, ss2dWeights(graph, channels, options), { ...options, quadrants });
  const random = createRandom(3);
  const feeds = new Map<string, Float32Array>(initialValues(graph.parameters, 7));
  feeds.set(
    'x',
    Float32Array.from({ length: batch * rows * columns * channels }, () => random.normal()),
  );
  feeds.set(
    'dt_projs_bias',
    feeds.get('dt_projs_bias')!.map((bias) => bias + 3),
  );
  const plain = plainScan2d(
    feeds.get('x')!,
    {
      xProj: feeds.get('x_proj_weight')!,
      dtProj: feeds.get('dt_projs_weight')!,
      dtBias: feeds.get('dt_projs_bias')!,
      aLogs: feeds.get('A_logs')!,
      ds: feeds.get('Ds')!,
    },
    { batch, rows, columns, channels, ...options },
    quadrants,
  );
  return { y: (await runOnnx({ y }, feeds)).get('y')!, plain };
}

describe('2-D selective scan against cutting, scanning and pasting by hand', () => {
  for (const quadrants of [false, true]) {
    for (const [batch, rows, columns] of [
      [1, 6, 4],
      [2, 5, 8],
      [1, 7, 7],
      [3, 2, 3],
      [1, 9, 2],
    ] as const) {
      it(`${quadrants ? 'quadrants of' : 'whole'} ${batch} × ${rows}×${columns}`, async () => {
        const { y, plain } = await both(batch, rows, columns, quadrants);
        expect(relativeError(y, plain)).toBeLessThan(1e-6);
      });
    }
  }

  it('quadrants do not see each other, the whole map does', async () => {
    const whole = await both(1, 6, 6, false);
    const apart = await both(1, 6, 6, true);
    expect(relativeError(apart.y, whole.plain)).toBeGreaterThan(0.01);
  });
});

describe('how a scan starts', () => {
  const graph = new Graph();
  ss2dWeights(graph, 64, { stateSize: 16, dtRank: 4 });
  const values = initialValues(graph.parameters, 1);

  it('with A = −1 … −N and D = 1', () => {
    const aLogs = values.get('A_logs')!;
    for (let n = 0; n < aLogs.length; n++) expect(Math.exp(aLogs[n]!)).toBeCloseTo((n % 16) + 1, 4);
    expect(new Set(values.get('Ds'))).toEqual(new Set([1]));
  });

  it('with steps log-uniform between 0.001 and 0.1', () => {
    const steps = [...values.get('dt_projs_bias')!].map((bias) => Math.log1p(Math.exp(bias)));
    expect(Math.min(...steps)).toBeGreaterThan(0.000999);
    expect(Math.max(...steps)).toBeLessThan(0.1001);
    const below = steps.filter((step) => step < 0.01).length / steps.length;
    expect(below).toBeGreaterThan(0.4);
    expect(below).toBeLessThan(0.6);
  });
});
