import { describe, expect, it } from 'vitest';
import {
  Graph,
  mseLoss,
  mul,
  reshape,
  STEP_GRADIENT_NORM,
  shardedStep,
  trainingStep,
} from '../../../src/core/graph/index.ts';

/** w · x for a shard of two images. */
function problem() {
  const graph = new Graph({ training: true });
  const w = graph.parameter('w', [3], { kind: 'constant', value: 1 });
  const y = mul(graph.input('x', [2, 3]), w);
  graph.input('unused', [2, 3]);
  return { graph, w, loss: mseLoss(y, graph.input('truth', [2, 3])) };
}

describe('shardedStep', () => {
  it('asks for the data of the whole batch, and has the state, reports and scalars of the one model', () => {
    const options = {
      name: 'step',
      clip: { kind: 'norm', limit: 1 },
      average: { decay: 0.9, start: 2 },
    } as const;
    const one = problem();
    const whole = trainingStep(one.graph, one.loss, options);
    const part = problem();
    const step = shardedStep(part.graph, part.loss, 4, options);
    expect(step.data).toEqual([
      { name: 'x', shape: [8, 3] },
      { name: 'truth', shape: [8, 3] },
    ]);
    expect(step.gradient.data).toEqual(whole.data);
    expect(step.reports).toEqual(['loss', STEP_GRADIENT_NORM]);
    expect(step.reports).toEqual(whole.reports);
    const described = (state: typeof step.state) => state.map(({ parameters: _, ...entry }) => entry);
    expect(described(step.state)).toEqual(described(whole.state));
    expect(step.scalars(3, 0.1)).toEqual(whole.scalars(3, 0.1));
    expect(step.memory.state).toBe(whole.memory.state);
  });

  it('refuses shards that are no whole number above 0, data without a batch and a report twice', () => {
    for (const shards of [0, -1, 1.5, Number.NaN]) {
      const { graph, loss } = problem();
      expect(() => shardedStep(graph, loss, shards, { name: 'step' })).toThrow(
        expect.objectContaining({ code: 'bad-model' }),
      );
    }
    const { graph, w } = problem();
    const scalar = mseLoss(mul(w, graph.input('gain', [])), graph.input('other', [3]));
    expect(() => shardedStep(graph, scalar, 2, { name: 'step' })).toThrow(/gain .* no batch/);
    const twice = problem();
    const reports = { [STEP_GRADIENT_NORM]: reshape(twice.loss, [1]) };
    expect(() =>
      shardedStep(twice.graph, twice.loss, 2, { name: 'step', reports, gradientNorm: true }),
    ).toThrow(/gradient_norm .* twice/);
  });
});
