import { describe, expect, it } from 'vitest';
import {
  add,
  Graph,
  initialValues,
  mean,
  mseLoss,
  mul,
  STEP_LOSS,
  type TrainingStep,
  trainingStep,
} from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { finalWeights, initialState } from '../../../src/main/training/state.ts';
import { StepSession } from '../../../src/main/training/stepSession.ts';

/** y = w · x + the mean of x that was seen so far, and a buffer that nothing changes. */
function problem(average = false): { step: TrainingStep; data: Map<string, NamedTensor> } {
  const graph = new Graph({ training: true });
  const x = graph.input('x', [4]);
  const w = graph.parameter('w', [4], { kind: 'constant', value: 0.5 });
  const seen = graph.buffer('seen', [], { kind: 'constant', value: 1 });
  const fixed = graph.buffer('fixed', [], { kind: 'constant', value: 0.25 });
  graph.update(seen, add(mul(seen, 0.9), mul(mean(x), 0.1)));
  const loss = mseLoss(mul(add(mul(w, x), seen), fixed), graph.input('truth', [4]));
  const step = trainingStep(graph, loss, {
    name: 'step',
    ...(average && { average: { decay: 0.5, start: 0 } }),
  });
  const data = new Map([
    ['x', { shape: [4], data: Float32Array.of(1, 2, -1, 0.5) }],
    ['truth', { shape: [4], data: Float32Array.of(0, 1, 1, -1) }],
  ]);
  return { step, data };
}

const begin = (step: TrainingStep) => initialState(step.state, initialValues(step.parameters, 1));
const firstOf = (state: ReadonlyMap<string, NamedTensor>, name: string) => state.get(name)!.data[0]!;

describe('StepSession', () => {
  it('carries buffers from step to step, those that are not updated among them', async () => {
    const { step, data } = problem();
    const session = await StepSession.open(step, data, begin(step), 0);
    let seen = 1;
    for (let n = 0; n < 5; n++) {
      await session.run(0.01);
      seen = 0.9 * seen + 0.1 * 0.625;
    }
    const state = await session.state();
    expect(firstOf(state, 'seen')).toBeCloseTo(seen, 6);
    expect(firstOf(state, 'fixed')).toBe(0.25);
    expect([...state.keys()]).toEqual(step.state.map(({ name }) => name));
    const weights = finalWeights(step, state);
    expect([...weights.keys()]).toEqual(['w', 'seen', 'fixed']);
    expect(firstOf(weights, 'seen')).toBe(firstOf(state, 'seen'));
    await session.release();
  });

  it('goes on from a state as if it had never stopped', async () => {
    const { step, data } = problem(true);
    const whole = await StepSession.open(step, data, begin(step), 0);
    const first = await StepSession.open(step, data, begin(step), 0);
    for (let n = 0; n < 3; n++) await Promise.all([whole.run(0.02), first.run(0.02)]);
    const second = await StepSession.open(step, data, await first.state(), 3);
    for (let n = 0; n < 3; n++) expect(await second.run(0.02)).toEqual(await whole.run(0.02));
    expect(await second.state()).toEqual(await whole.state());
    for (const session of [whole, first, second]) await session.release();
  });

  it('gives the average instead of the weights, where one is kept', async () => {
    const { step, data } = problem(true);
    const session = await StepSession.open(step, data, begin(step), 0);
    for (let n = 0; n < 4; n++) await session.run(0.05);
    const state = await session.state();
    const averaged = finalWeights(step, state).get('w')!.data;
    expect(averaged).toEqual(state.get('average.w')!.data);
    expect(averaged).not.toEqual(state.get('w')!.data);
    await session.release();
  });

  it('keeps the state before a step that gives what is not finite, in a weight, a buffer or the loss', async () => {
    const { step, data } = problem();
    const session = await StepSession.open(step, data, begin(step), 0);
    await session.run(0.01);
    const before = await session.state();
    const x = data.get('x')!.data;
    const good = Float32Array.from(x);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) {
      x[1] = bad;
      await expect(session.run(0.01)).rejects.toMatchObject({ code: 'diverged' });
      expect(await session.state()).toEqual(before);
    }
    // A learning rate that only the weights notice.
    x.set(good);
    await expect(session.run(1e39)).rejects.toMatchObject({
      code: 'diverged',
      message: expect.stringMatching(/step \d+: the loss is \d[\d.e-]*, and \S+ is not finite$/),
    });
    expect(await session.state()).toEqual(before);
    expect((await session.run(0.01)).get(STEP_LOSS)).toBeGreaterThan(0);
    await session.release();
  });

  it('is refused a model that onnxruntime does not read', async () => {
    const { step, data } = problem();
    const broken = { ...step, onnx: step.onnx.slice(0, 50) };
    await expect(StepSession.open(broken, data, begin(step), 0)).rejects.toMatchObject({ code: 'bad-model' });
  });
});
